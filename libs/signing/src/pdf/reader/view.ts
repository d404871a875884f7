import { PdfError } from '../pdf-error.js';
import type { ObjectStore } from './object-store.js';
import { PdfDict, PdfRef, PdfStream, type PdfValue } from './objects.js';
import type { XrefSection } from './xref.js';
import { maxObjectNumber, type XrefEntry } from './xref-entries.js';

const maxReferences = 32;

/**
 * The document as one revision shows it: the cross-reference sections up to that revision, newest
 * first, over the objects of the file.
 */
export class PdfView {
  private readonly entries = new Map<number, XrefEntry | undefined>();
  private readonly loading = new Set<number>();

  constructor(
    readonly store: ObjectStore,
    readonly sections: XrefSection[],
    readonly trailer: PdfDict = sections[0]!.trailer,
  ) {}

  /** Where the object is in this view; undefined when no section knows it. */
  entry(number: number): XrefEntry | undefined {
    if (this.entries.has(number)) return this.entries.get(number);
    const index = this.sections.findIndex(({ entries }) => entries.has(number));
    const entry = this.sections[index]?.entries.get(number);
    this.store.effort.spend(2 + (index < 0 ? this.sections.length : index));
    this.entries.set(number, entry);
    return entry;
  }

  /** The object by its number; null when it is free, missing or not where it is said to be. */
  object(number: number): PdfValue {
    const entry = this.entry(number);
    if (!entry || entry.kind === 'free' || this.loading.has(number)) return null;
    this.loading.add(number);
    try {
      if (entry.kind === 'offset') {
        const read = this.store.at(entry.offset, this.resolve);
        return read?.number === number ? read.value : null;
      }
      const container = this.entry(entry.container);
      if (container?.kind !== 'offset') return null;
      return this.store.packed(container.offset, entry.index, number, this.resolve);
    } finally {
      this.loading.delete(number);
    }
  }

  /**
   * Where the bytes of the object are, equal in two views exactly when both read the same bytes;
   * undefined when the object is null.
   */
  location(number: number): string | undefined {
    const entry = this.entry(number);
    if (!entry || entry.kind === 'free') return undefined;
    if (entry.kind === 'offset') return `${entry.offset}`;
    const container = this.entry(entry.container);
    return container?.kind === 'offset' ? `${container.offset}/${number}` : undefined;
  }

  /** Follows references to what they point at; null for what is not there. */
  readonly resolve = (value: PdfValue | undefined): PdfValue => {
    let current = value ?? null;
    this.store.effort.spend(1);
    for (let hops = 0; current instanceof PdfRef; hops += 1) {
      if (hops > maxReferences) return null;
      current = this.object(current.number);
    }
    return current;
  };

  /** The value of a key as a dictionary, if it is one. */
  dict(value: PdfValue | undefined): PdfDict | undefined {
    const resolved = this.resolve(value);
    return resolved instanceof PdfDict ? resolved : undefined;
  }

  /** The value as an array, if it is one. */
  array(value: PdfValue | undefined): PdfValue[] | undefined {
    const resolved = this.resolve(value);
    if (!Array.isArray(resolved)) return undefined;
    // Whoever asks for an array goes through it.
    this.store.effort.spend(resolved.length);
    return resolved;
  }

  /** The decoded bytes of a stream; throws PdfError for damaged data and for images. */
  decode(stream: PdfStream, maxBytes: number): Uint8Array {
    return this.store.decode(stream, this.resolve, maxBytes);
  }

  get rootRef(): PdfRef | undefined {
    const root = this.trailer.get('Root');
    return root instanceof PdfRef ? root : undefined;
  }

  /** The document catalogue (ISO 32000-1, 7.7.2); throws `damaged` when there is none. */
  get catalog(): PdfDict {
    const catalog = this.dict(this.trailer.get('Root'));
    if (!catalog) throw new PdfError('damaged', 'The document has no catalogue');
    return catalog;
  }

  /** One more than the highest object number that any section mentions. */
  get size(): number {
    let size = 1;
    for (const { trailer, entries } of this.sections) {
      const claimed = trailer.get('Size');
      if (typeof claimed === 'number' && claimed <= maxObjectNumber) {
        size = Math.max(size, Math.floor(claimed));
      }
      for (const number of entries.keys()) size = Math.max(size, number + 1);
    }
    return size;
  }
}
