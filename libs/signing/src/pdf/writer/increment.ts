import { randomBytes } from 'node:crypto';
import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfRef, PdfString, type PdfValue } from '../reader/objects.js';
import type { PdfFile } from '../reader/pdf-file.js';
import { maxObjectNumber } from '../reader/xref-entries.js';
import { ByteSink, writeValue, type Seal } from './serialize.js';
import { writeXrefStream, writeXrefTable, type WrittenEntry } from './xref-section.js';

/**
 * Changes to a document, written as an incremental update (ISO 32000-1, 7.5.6): every original byte
 * stays, new objects follow, and a section of the same kind as the newest one follows them. When the
 * cross-reference of the file was damaged, that section carries every entry and has no `Prev`.
 */
export class Increment {
  private readonly changed = new Map<number, PdfValue>();
  private nextNumber: number;

  /** Throws `not-pdf` or `damaged` when what is written could never be read without guessing. */
  constructor(readonly file: PdfFile) {
    const { view } = file;
    if (!file.headed) throw new PdfError('not-pdf', 'The file has no PDF header');
    if (!view.dict(view.catalog.get('Pages'))) {
      throw new PdfError('damaged', 'The document has no page tree');
    }
    this.nextNumber = file.view.size;
  }

  /** Gives a new object its number. */
  add(value: PdfValue): PdfRef {
    if (this.nextNumber > maxObjectNumber) throw new PdfError('too-complex', 'Too many objects');
    const ref = new PdfRef(this.nextNumber);
    this.nextNumber += 1;
    this.changed.set(ref.number, value);
    return ref;
  }

  /** Replaces an object. */
  set(ref: PdfRef, value: PdfValue): void {
    this.changed.set(ref.number, value);
  }

  /** Follows references through the changes made so far. */
  readonly resolve = (value: PdfValue | undefined): PdfValue => {
    const seen = new Set<number>();
    let current = value ?? null;
    while (current instanceof PdfRef && !seen.has(current.number)) {
      seen.add(current.number);
      const changed = this.changed.get(current.number);
      current = changed !== undefined ? changed : this.file.view.object(current.number);
    }
    return current instanceof PdfRef ? null : current;
  };

  /** A dictionary behind a reference, copied once so that it may be changed. Throws `damaged`. */
  edit(ref: PdfRef): PdfDict {
    const known = this.changed.get(ref.number);
    if (known instanceof PdfDict) return known;
    const current = this.resolve(ref);
    if (!(current instanceof PdfDict)) throw new PdfError('damaged', 'A dictionary is missing');
    const copy = new PdfDict(current);
    this.changed.set(ref.number, copy);
    return copy;
  }

  /** The dictionary under a key of one that is being changed, itself made ready to be changed. */
  editUnder(parent: PdfDict, key: string): PdfDict {
    const value = parent.get(key);
    if (value instanceof PdfRef && this.resolve(value) instanceof PdfDict) return this.edit(value);
    const current = this.resolve(value);
    const copy = current instanceof PdfDict ? new PdfDict(current) : new PdfDict();
    parent.set(key, copy);
    return copy;
  }

  /** Appends to the array under a key, wherever the array is kept. */
  append(parent: PdfDict, key: string, item: PdfValue): void {
    const value = parent.get(key);
    const current = this.resolve(value);
    const longer = [...(Array.isArray(current) ? current : []), item];
    if (value instanceof PdfRef && Array.isArray(current)) this.set(value, longer);
    else parent.set(key, longer);
  }

  /** The catalogue, ready to be changed. */
  get catalog(): PdfDict {
    const { rootRef } = this.file.view;
    if (!rootRef) throw new PdfError('damaged', 'The document has no catalogue');
    return this.edit(rootRef);
  }

  /** Writes the increment. Places of `PdfRaw` objects count from the start of the whole file. */
  build(): Buffer {
    const { bytes, base } = this.file;
    const sink = new ByteSink(bytes.length);
    const last = bytes.at(-1);
    if (last !== 10 && last !== 13) sink.write('\n');
    const entries: WrittenEntry[] = [];
    for (const [number, value] of this.changed) {
      const generation = this.generationOf(number);
      entries.push({ number, kind: 'offset', offset: sink.length - base, generation });
      this.writeObject(sink, number, generation, value);
    }
    this.writeSection(sink, [...this.keptEntries(), ...entries]);
    return sink.bytes();
  }

  private writeObject(sink: ByteSink, number: number, generation: number, value: PdfValue): void {
    const { encryption } = this.file.view.store;
    const seal: Seal | undefined = encryption && {
      string: (bytes) => encryption.sealString(bytes, number, generation),
      stream: (bytes) => encryption.sealStream(bytes, number, generation),
    };
    sink.write(`${number} ${generation} obj\n`);
    writeValue(sink, value, seal);
    sink.write('\nendobj\n');
  }

  private generationOf(number: number): number {
    const entry = this.file.view.entry(number);
    return entry?.kind === 'offset' ? entry.generation : 0;
  }

  /** Entries of the original that have to be said again. */
  private keptEntries(): WrittenEntry[] {
    const { startXref, patches, view } = this.file;
    const kept = startXref === undefined ? view.sections[0]!.entries : patches;
    return [...kept]
      .filter(([number]) => !this.changed.has(number) && number > 0)
      .map(([number, entry]) => ({ number, ...entry }));
  }

  private writeSection(sink: ByteSink, entries: WrittenEntry[]): void {
    const { startXref, base, view } = this.file;
    const newest = view.sections.find(({ kind }) => kind !== 'scan');
    const packed = entries.some(({ kind }) => kind === 'packed');
    const trailer = new PdfDict();
    for (const key of ['Root', 'Info', 'Encrypt']) {
      const value = view.trailer.get(key);
      if (value !== undefined) trailer.set(key, value);
    }
    const id = identifiersOf(view.resolve(view.trailer.get('ID')));
    if (id) trailer.set('ID', id);
    if (startXref !== undefined) trailer.set('Prev', startXref);
    else entries.push({ number: 0, kind: 'free' });
    const offset = sink.length - base;
    const write = newest?.kind === 'stream' || packed ? writeXrefStream : writeXrefTable;
    write(sink, entries, trailer, this.nextNumber, offset);
    sink.write(`startxref\n${offset}\n%%EOF\n`);
  }
}

/** The first identifier stays for ever, the second names this revision (ISO 32000-1, 14.4). */
function identifiersOf(value: PdfValue): PdfValue[] | undefined {
  if (!Array.isArray(value) || !(value[0] instanceof PdfString)) return undefined;
  return [
    new PdfString(value[0].bytes, -1, -1, true),
    new PdfString(randomBytes(16), -1, -1, true),
  ];
}
