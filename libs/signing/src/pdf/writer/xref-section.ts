import { deflateSync } from 'node:zlib';
import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfName, PdfStream } from '../reader/objects.js';
import type { XrefEntry } from '../reader/xref-entries.js';
import { writeValue, type ByteSink } from './serialize.js';

export type WrittenEntry = { number: number } & XrefEntry;

/** Writes a cross-reference table and its trailer (ISO 32000-1, 7.5.4 and 7.5.5). */
export function writeXrefTable(
  sink: ByteSink,
  entries: WrittenEntry[],
  trailer: PdfDict,
  size: number,
): void {
  sink.write('xref\n');
  for (const range of rangesOf(entries)) {
    sink.write(`${range[0]!.number} ${range.length}\n`);
    for (const entry of range) sink.write(tableLine(entry));
  }
  sink.write('trailer\n');
  writeValue(sink, trailer.set('Size', size) as PdfDict);
  sink.write('\n');
}

/** Writes a cross-reference stream (ISO 32000-1, 7.5.8) as the object numbered `size`. */
export function writeXrefStream(
  sink: ByteSink,
  entries: WrittenEntry[],
  trailer: PdfDict,
  size: number,
  offset: number,
): void {
  const all = rangesOf([...entries, { number: size, kind: 'offset', offset, generation: 0 }]);
  const rows = Buffer.concat(all.flat().map(streamRow));
  trailer.set('Type', new PdfName('XRef')).set('Size', size + 1);
  trailer.set(
    'Index',
    all.flatMap((range) => [range[0]!.number, range.length]),
  );
  trailer.set('W', [1, 6, 3]).set('Filter', new PdfName('FlateDecode'));
  sink.write(`${size} 0 obj\n`);
  writeValue(sink, new PdfStream(trailer, deflateSync(rows)));
  sink.write('\nendobj\n');
}

/** Runs of consecutive object numbers. */
function rangesOf(entries: WrittenEntry[]): WrittenEntry[][] {
  const ranges: WrittenEntry[][] = [];
  for (const entry of entries.toSorted((one, two) => one.number - two.number)) {
    const open = ranges.at(-1);
    if (open && open.at(-1)!.number + 1 === entry.number) open.push(entry);
    else ranges.push([entry]);
  }
  return ranges;
}

function tableLine(entry: WrittenEntry): string {
  const pad = (value: number, digits: number) => String(value).padStart(digits, '0');
  if (entry.kind !== 'offset') return `${pad(0, 10)} 65535 f\r\n`;
  if (entry.offset > 9_999_999_999) throw new PdfError('unsupported', 'The file is too large');
  return `${pad(entry.offset, 10)} ${pad(Math.min(entry.generation, 65535), 5)} n\r\n`;
}

function streamRow(entry: WrittenEntry): Buffer {
  const row = Buffer.alloc(10);
  if (entry.kind === 'offset') {
    row[0] = 1;
    row.writeUIntBE(entry.offset, 1, 6);
    row.writeUIntBE(Math.min(entry.generation, 65535), 7, 3);
  } else if (entry.kind === 'packed') {
    row[0] = 2;
    row.writeUIntBE(entry.container, 1, 6);
    row.writeUIntBE(Math.min(entry.index, 0xffffff), 7, 3);
  }
  return row;
}
