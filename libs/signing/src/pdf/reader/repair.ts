import { PdfError } from '../pdf-error.js';
import { asBuffer, isDigit, isWhite } from './characters.js';
import type { Effort } from './effort.js';
import { readIndirect } from './indirect.js';
import { ObjectStore } from './object-store.js';
import { PdfDict, PdfRef, PdfStream, integerOf, nameOf, type PdfValue } from './objects.js';
import { Parser } from './parser.js';
import { PdfView } from './view.js';
import type { XrefSection } from './xref.js';
import { maxObjectNumber, XrefEntries } from './xref-entries.js';

const maxObjects = 1_000_000;
const objectCost = 50;
const trailerCost = 1000;

/**
 * Finds the objects of a file without its cross-reference sections: of each number the last one in
 * the file counts. Throws `damaged` when there is no catalogue among them.
 */
export function scanObjects(bytes: Uint8Array, base: number, effort: Effort): XrefSection {
  const scan = new Scan(asBuffer(bytes), base, effort);
  scan.run();
  const trailer = scan.trailer();
  return { kind: 'scan', position: -1, end: -1, trailer, entries: scan.entries, forgiven: true };
}

class Scan {
  readonly entries = new XrefEntries();
  private readonly trailers: PdfDict[] = [];
  private readonly packs: { number: number; offset: number }[] = [];
  private readonly catalogs: number[] = [];

  constructor(
    private readonly bytes: Buffer,
    private readonly base: number,
    private readonly effort: Effort,
  ) {}

  run(): void {
    const { bytes } = this;
    let trailer = bytes.indexOf('trailer');
    let from = 0;
    for (let at = bytes.indexOf('obj'); at >= 0; at = bytes.indexOf('obj', from)) {
      for (; trailer >= 0 && trailer < at; trailer = bytes.indexOf('trailer', trailer + 7)) {
        if (trailer >= from) this.takeTrailer(trailer);
      }
      from = at + 3;
      const start = headerBefore(bytes, at);
      if (start >= 0) from = Math.max(from, this.takeObject(start));
    }
    for (; trailer >= 0; trailer = bytes.indexOf('trailer', trailer + 7)) {
      if (trailer >= from) this.takeTrailer(trailer);
    }
    this.unpack();
  }

  private takeTrailer(at: number): void {
    this.effort.spend(trailerCost);
    const value = new Parser(this.bytes, at + 7, this.bytes.length, true, this.effort).value();
    if (value instanceof PdfDict) this.trailers.push(value);
  }

  /** Returns the place where the search goes on: a stream is skipped, what is inside is its own. */
  private takeObject(start: number): number {
    this.effort.spend(objectCost);
    const object = readIndirect(this.bytes, start, () => undefined, this.effort);
    if (!object || object.number > maxObjectNumber) return 0;
    if (this.entries.size > maxObjects) {
      throw new PdfError('too-complex', 'The file is too damaged to be repaired');
    }
    const { number, generation, value } = object;
    const offset = start - this.base;
    this.entries.set(number, { kind: 'offset', offset, generation });
    const dict = value instanceof PdfStream ? value.dict : value;
    if (!(dict instanceof PdfDict)) return 0;
    const type = nameOf(dict.get('Type'));
    if (type === 'XRef') this.trailers.push(dict);
    if (type === 'ObjStm') this.packs.push({ number, offset });
    if (type === 'Catalog' || dict.has('Pages')) this.catalogs.push(number);
    return value instanceof PdfStream ? object.end : 0;
  }

  /** Objects in object streams count where the stream stands, unless the file has a later one. */
  private unpack(): void {
    const store = new ObjectStore(this.bytes, this.base, this.effort);
    const view = this.view(store, new PdfDict());
    for (const { number: container, offset } of this.packs) {
      let numbers: number[] = [];
      try {
        numbers = store.numbersIn(offset, view.resolve);
      } catch (error) {
        if (!(error instanceof PdfError) || error.code === 'too-complex') throw error;
      }
      numbers.forEach((number, index) => {
        const known = this.entries.get(number);
        if (known?.kind === 'offset' && known.offset > offset) return;
        if (number > maxObjectNumber) return;
        this.entries.set(number, { kind: 'packed', container, index });
        const value = view.resolve(new PdfRef(number));
        if (value instanceof PdfDict && nameOf(value.get('Type')) === 'Catalog') {
          this.catalogs.push(number);
        }
      });
    }
  }

  private view(store: ObjectStore, trailer: PdfDict): PdfView {
    const { entries } = this;
    const section = { position: -1, end: -1, trailer, entries, forgiven: true };
    return new PdfView(store, [{ kind: 'scan', ...section }]);
  }

  trailer(): PdfDict {
    const store = new ObjectStore(this.bytes, this.base, this.effort);
    const merged = new PdfDict();
    for (const trailer of this.trailers) {
      for (const key of ['Root', 'Info', 'ID', 'Encrypt']) {
        const value = trailer.get(key);
        if (value !== undefined) merged.set(key, value);
      }
    }
    const view = this.view(store, merged);
    const encrypted = merged.has('Encrypt');
    const isCatalog = (value: PdfValue | undefined) => !!view.dict(value)?.has('Pages');
    const roots = [
      ...this.trailers.map((trailer) => trailer.get('Root')).reverse(),
      ...this.catalogs.reverse().map((number) => new PdfRef(number)),
    ];
    const root = roots.find(isCatalog) ?? (encrypted ? roots.find(Boolean) : undefined);
    if (!root) throw new PdfError('damaged', 'The file is no PDF that can be read');
    merged.set('Root', root);
    const sizes = this.trailers.map((trailer) => integerOf(trailer.get('Size')) ?? 0);
    const usable = sizes.filter((size) => size < maxObjectNumber);
    merged.set(
      'Size',
      usable.reduce((one, other) => Math.max(one, other), 1),
    );
    return merged;
  }
}

/** `12 0 ` before `obj`: the place of its first digit, or -1. */
function headerBefore(bytes: Buffer, at: number): number {
  let position = at - 1;
  const back = (test: (byte: number | undefined) => boolean) => {
    const from = position;
    while (position >= 0 && test(bytes[position]) && from - position < 12) position -= 1;
    return from - position;
  };
  if (back(isWhite) === 0 || back(isDigit) === 0) return -1;
  if (back(isWhite) === 0 || back(isDigit) === 0) return -1;
  return position + 1;
}
