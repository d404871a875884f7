import { PdfError } from '../pdf-error.js';
import { asBuffer, isDigit, isWhite } from './characters.js';
import { Effort } from './effort.js';
import { Encryption } from './encryption.js';
import { readHeader } from './indirect.js';
import { ObjectStore } from './object-store.js';
import { PdfString } from './objects.js';
import { scanObjects } from './repair.js';
import { PdfView } from './view.js';
import { readSections, type XrefSection } from './xref.js';
import { XrefEntries } from './xref-entries.js';

export interface OpenOptions {
  /** The user password of an encrypted document; empty when not given. */
  password?: string;
  /** Refuse what cannot be read by its cross-reference sections alone. */
  strict?: boolean;
  /** What may be spent, when the file is opened more than once. */
  effort?: Effort;
}

const headerWithin = 1024;
const maxChecked = 200_000;

/** A PDF, read from its end: what its newest revision shows, and what had to be repaired for that. */
export class PdfFile {
  private constructor(
    readonly bytes: Buffer,
    /** The place of the header; offsets in the file count from here. */
    readonly base: number,
    /** The newest revision. */
    readonly view: PdfView,
    /**
     * The offset that the last `startxref` names. Undefined when the objects had to be found by
     * scanning: an increment must then carry every entry.
     */
    readonly startXref: number | undefined,
    /** Entries that led nowhere, put right by scanning. */
    readonly patches: XrefEntries,
  ) {}

  /** Whether it begins as a PDF must (ISO 32000-1, 7.5.2), apart from what stands before. */
  get headed(): boolean {
    return headerIn(this.bytes) >= 0;
  }

  /**
   * Opens a document. Throws PdfError: `not-pdf`, `damaged`, `encrypted` (a password is needed or the
   * handler is unknown), `too-complex` (a limit was reached).
   */
  static open(input: Uint8Array, options: OpenOptions = {}): PdfFile {
    const bytes = asBuffer(input);
    const found = headerIn(bytes);
    if (options.strict && found < 0) throw new PdfError('not-pdf', 'The file has no PDF header');
    const base = Math.max(found, 0);
    const effort = options.effort ?? new Effort(bytes.length);
    const read = readByXref(bytes, base, options, effort);
    if (read) return new PdfFile(bytes, base, read.view, read.startXref, read.patches);
    if (options.strict) throw new PdfError('damaged', 'The cross-reference sections are damaged');
    try {
      const view = viewOf(bytes, base, [scanObjects(bytes, base, effort)], options, effort);
      return new PdfFile(bytes, base, view, undefined, new XrefEntries());
    } catch (error) {
      if (found >= 0 || !(error instanceof PdfError) || error.code !== 'damaged') throw error;
      throw new PdfError('not-pdf', 'The file is not a PDF');
    }
  }
}

const headerIn = (bytes: Buffer): number =>
  bytes.subarray(0, headerWithin).indexOf('%PDF-', 0, 'latin1');

function readByXref(bytes: Buffer, base: number, options: OpenOptions, effort: Effort) {
  const startXref = lastStartXref(bytes);
  if (startXref === undefined) return undefined;
  try {
    const sections = readSections(bytes, base, startXref, effort);
    const view = viewOf(bytes, base, sections, options, effort);
    if (!view.dict(view.catalog.get('Pages'))) return undefined;
    const patches = options.strict ? new XrefEntries() : patchesFor(view);
    if (patches.size === 0) return { view, startXref, patches };
    const { trailer } = view;
    const patch: XrefSection = {
      ...{ kind: 'scan', position: -1, end: -1, forgiven: true },
      ...{ trailer, entries: patches },
    };
    return { view: new PdfView(view.store, [patch, ...sections]), startXref, patches };
  } catch (error) {
    if (error instanceof PdfError && error.code === 'damaged') return undefined;
    throw error;
  }
}

function viewOf(
  bytes: Buffer,
  base: number,
  sections: XrefSection[],
  { password }: OpenOptions,
  effort: Effort,
): PdfView {
  const view = new PdfView(new ObjectStore(bytes, base, effort), sections);
  const encrypt = view.dict(view.trailer.get('Encrypt'));
  if (!encrypt) return view;
  const id = view.array(view.trailer.get('ID'))?.[0];
  const first = id instanceof PdfString ? id.bytes : Buffer.alloc(0);
  // A fresh store: what was read until now was read without the key.
  const store = new ObjectStore(bytes, base, effort);
  store.encryption = Encryption.open(encrypt, first, view.resolve, password);
  return new PdfView(store, sections);
}

/** The number after the last `startxref` of the file. */
function lastStartXref(bytes: Buffer): number | undefined {
  const at = bytes.lastIndexOf('startxref', bytes.length, 'latin1');
  if (at < 0) return undefined;
  let position = at + 9;
  while (isWhite(bytes[position])) position += 1;
  let digits = '';
  while (isDigit(bytes[position]) && digits.length < 15) {
    digits += String.fromCharCode(bytes[position]!);
    position += 1;
  }
  return digits === '' ? undefined : Number(digits);
}

/**
 * Many readers rebuild the whole table when one entry leads nowhere. What they would find for it is
 * found here, so that an increment can say it and no reader has to guess.
 */
function patchesFor({ sections, store }: PdfView): XrefEntries {
  const wrong = new Set<number>();
  const seen = new Set<number>();
  for (const { entries } of sections) {
    for (const [number, entry] of entries) {
      if (seen.has(number) || seen.size > maxChecked) continue;
      seen.add(number);
      if (entry.kind !== 'offset' || entry.offset === 0) continue;
      if (readHeader(store.bytes, store.base + entry.offset)?.number !== number) wrong.add(number);
    }
  }
  const patches = new XrefEntries();
  if (wrong.size === 0) return patches;
  const found = scanObjects(store.bytes, store.base, store.effort).entries;
  for (const number of wrong) patches.set(number, found.get(number) ?? { kind: 'free' });
  return patches;
}
