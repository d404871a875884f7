import { PdfError } from '../pdf-error.js';
import { isDigit, isWhite, standsAt } from './characters.js';
import { costs, type Effort } from './effort.js';
import { decodeStream } from './filters.js';
import { readIndirect } from './indirect.js';
import { PdfDict, PdfStream, integerOf, nameOf, type PdfValue } from './objects.js';
import { Parser } from './parser.js';
import { maxObjectNumber, XrefEntries, type XrefEntry } from './xref-entries.js';

/** One cross-reference section, a table (with its hidden stream, in hybrids) or a stream. */
export interface XrefSection {
  kind: 'table' | 'stream' | 'scan';
  /** The place of its first byte in the file. */
  position: number;
  /** One past its trailer dictionary or its stream object. */
  end: number;
  trailer: PdfDict;
  entries: XrefEntries;
  /** True when something had to be forgiven to read it. */
  forgiven: boolean;
}

const maxSections = 1000;
const maxEntries = 1_000_000;
const maxXrefBytes = 16 * maxEntries;
const free: XrefEntry = { kind: 'free' };
const noResolve = (value: PdfValue | undefined): PdfValue => value ?? null;

/**
 * Follows `Prev` from the section at `offset`; newest first. Offsets count from `base`, the place of
 * the header. Throws `damaged` when a section is not where it should be, or the chain is a circle.
 */
export function readSections(
  bytes: Uint8Array,
  base: number,
  offset: number,
  effort: Effort,
): XrefSection[] {
  const sections: XrefSection[] = [];
  const seen = new Set<number>();
  let total = 0;
  for (let next: number | undefined = offset; next !== undefined;) {
    if (seen.has(next)) throw new PdfError('damaged', 'The cross-reference sections form a circle');
    if (sections.length >= maxSections) {
      throw new PdfError('too-complex', `More than ${maxSections} cross-reference sections`);
    }
    seen.add(next);
    const section = readSection(bytes, base, next, effort);
    sections.push(section);
    total += section.entries.size;
    if (total > maxEntries) throw tooMany();
    next = integerOf(section.trailer.get('Prev'));
  }
  return sections;
}

function readSection(bytes: Uint8Array, base: number, offset: number, effort: Effort): XrefSection {
  let position = base + offset;
  if (offset < 0 || position >= bytes.length) throw misplaced(offset);
  while (isWhite(bytes[position])) position += 1;
  if (!standsAt(bytes, position, 'xref')) {
    return readStreamSection(bytes, position, effort);
  }
  const section = readTable(bytes, position, effort);
  const hidden = integerOf(section.trailer.get('XRefStm'));
  if (hidden === undefined) return section;
  // Readers of PDF 1.5 look into the hidden stream before they follow Prev (ISO 32000-1, 7.5.8.4).
  for (const [number, entry] of readStreamSection(bytes, base + hidden, effort).entries) {
    const shown = section.entries.get(number);
    if (shown === undefined || shown.kind === 'free') section.entries.set(number, entry);
  }
  return section;
}

const tooMany = () => new PdfError('too-complex', 'Too many cross-reference entries');

const misplaced = (offset: number) =>
  new PdfError('damaged', `There is no cross-reference section at ${offset}`);

function readTable(bytes: Uint8Array, position: number, effort: Effort): XrefSection {
  const entries = new XrefEntries();
  const reader = new TableReader(bytes, position + 4, effort);
  while (!reader.takesTrailer()) reader.subsection(entries);
  const parser = new Parser(bytes, reader.position, bytes.length, true, effort);
  const trailer = parser.value();
  if (!(trailer instanceof PdfDict)) throw new PdfError('damaged', 'A trailer is missing');
  const { forgiven } = reader;
  return { kind: 'table', position, end: parser.position, trailer, entries, forgiven };
}

class TableReader {
  forgiven = false;
  constructor(
    private readonly bytes: Uint8Array,
    public position: number,
    private readonly effort: Effort,
  ) {}

  takesTrailer(): boolean {
    this.skipWhite();
    if (!standsAt(this.bytes, this.position, 'trailer')) return false;
    this.position += 7;
    return true;
  }

  subsection(entries: XrefEntries): void {
    let first = this.number();
    const count = this.number();
    const room = Math.floor((this.bytes.length - this.position) / 10);
    if (count > room) throw new PdfError('damaged', 'A cross-reference table is cut off');
    if (count + entries.size > maxEntries) throw tooMany();
    for (let index = 0; index < count; index += 1) {
      this.skipWhite();
      if (standsAt(this.bytes, this.position, 'trailer')) {
        this.forgiven = true;
        return;
      }
      this.effort.spend(costs.entry);
      const offset = this.number();
      const generation = this.number();
      this.skipWhite();
      const kind = this.bytes[this.position];
      if (kind !== 0x6e && kind !== 0x66) throw new PdfError('damaged', 'A wrong entry');
      this.position += 1;
      if (index === 0 && first === 1 && kind === 0x66 && generation === 65535 && offset === 0) {
        // A known slip of writers: the table begins with object 0 but says 1.
        first = 0;
        this.forgiven = true;
      }
      const number = first + index;
      if (number > maxObjectNumber || entries.has(number)) continue;
      const used = kind === 0x6e;
      entries.set(number, used ? { kind: 'offset', offset, generation } : free);
    }
  }

  private number(): number {
    this.skipWhite();
    let value = 0;
    const start = this.position;
    while (isDigit(this.bytes[this.position]) && this.position - start < 15) {
      value = value * 10 + this.bytes[this.position]! - 0x30;
      this.position += 1;
    }
    if (this.position === start)
      throw new PdfError('damaged', 'A cross-reference table is damaged');
    return value;
  }

  private skipWhite(): void {
    while (isWhite(this.bytes[this.position])) this.position += 1;
  }
}

function readStreamSection(bytes: Uint8Array, position: number, effort: Effort): XrefSection {
  const object = readIndirect(bytes, position, () => undefined, effort);
  if (!object || !(object.value instanceof PdfStream)) throw misplaced(position);
  const { dict } = object.value;
  if (nameOf(dict.get('Type')) !== 'XRef') throw misplaced(position);
  return {
    kind: 'stream',
    position,
    end: object.end,
    trailer: dict,
    entries: entriesOf(object.value, effort),
    forgiven: object.forgiven,
  };
}

/** The entries of a cross-reference stream (ISO 32000-1, 7.5.8.3). */
function entriesOf({ dict, bytes }: PdfStream, effort: Effort): XrefEntries {
  const widths = dict.get('W');
  const size = integerOf(dict.get('Size')) ?? 0;
  if (!Array.isArray(widths) || widths.length < 3) throw new PdfError('damaged', 'W is missing');
  const [type, second, third] = widths.map((width) => integerOf(width) ?? -1) as number[];
  const row = type! + second! + third!;
  if ([type, second, third].some((width) => width! < 0 || width! > 8) || row === 0) {
    throw new PdfError('damaged', 'W of a cross-reference stream is wrong');
  }
  const data = decodeStream(bytes, dict, noResolve, maxXrefBytes, effort);
  const index = dict.get('Index');
  const ranges = Array.isArray(index) ? index.map((value) => integerOf(value) ?? 0) : [0, size];
  const entries = new XrefEntries();
  let at = 0;
  for (let range = 0; range + 1 < ranges.length; range += 2) {
    for (let count = 0; count < ranges[range + 1]! && at + row <= data.length; count += 1) {
      effort.spend(costs.entry);
      const kind = type === 0 ? 1 : big(data, at, type!);
      const one = big(data, at + type!, second!);
      const two = big(data, at + type! + second!, third!);
      at += row;
      const number = ranges[range]! + count;
      if (number < 0 || number > maxObjectNumber || entries.has(number)) continue;
      if (entries.size >= maxEntries) throw tooMany();
      if (kind === 0) entries.set(number, free);
      else if (kind === 1) entries.set(number, { kind: 'offset', offset: one, generation: two });
      else if (kind === 2) entries.set(number, { kind: 'packed', container: one, index: two });
    }
  }
  return entries;
}

function big(data: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = 0; index < width; index += 1) value = value * 256 + data[at + index]!;
  return value;
}
