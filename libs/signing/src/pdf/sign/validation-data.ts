import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { PdfError } from '../pdf-error.js';
import { asBuffer } from '../reader/characters.js';
import { PdfDict, PdfName, PdfRef, PdfStream, type PdfValue } from '../reader/objects.js';
import { PdfFile } from '../reader/pdf-file.js';
import { Increment } from '../writer/increment.js';
import type { PdfUpdate } from './prepare.js';
import { checkIntention, standingLimits } from './standing-limits.js';

/** What a later check needs: certificates of every path, and what was said of them, in DER. */
export interface ValidationData {
  certificates: readonly Uint8Array[];
  crls: readonly Uint8Array[];
  ocspResponses: readonly Uint8Array[];
}

export interface ValidationDataOptions {
  /** What each signature needs, under its key (`vriKey` of an examination). */
  bySignature?: ReadonlyMap<string, ValidationData>;
  password?: string;
}

const storeKeys = { certificates: 'Certs', crls: 'CRLs', ocspResponses: 'OCSPs' } as const;
const entryKeys = { certificates: 'Cert', crls: 'CRL', ocspResponses: 'OCSP' } as const;
const kinds = ['certificates', 'crls', 'ocspResponses'] as const;
const maxStored = 32 * 1024 * 1024;
const maxStreams = 10_000;

/**
 * Adds validation data to the document security store (EN 319 142-1, 5.4): PAdES B-LT. What is there
 * stays, and nothing is stored twice. Throws PdfError as opening the document does.
 */
export function addValidationData(
  pdf: Uint8Array,
  data: ValidationData,
  options: ValidationDataOptions = {},
): PdfUpdate {
  const { password, bySignature = new Map<string, ValidationData>() } = options;
  const file = PdfFile.open(pdf, password === undefined ? {} : { password });
  const warnings = checkIntention(standingLimits(file.view), { what: 'evidence', fields: [] });
  const increment = new Increment(file);
  const store = new SecurityStore(increment);
  for (const kind of kinds) {
    const all = [data, ...bySignature.values()].flatMap((one) => one[kind]);
    store.add(storeKeys[kind], all);
  }
  for (const [key, own] of bySignature) store.addEntry(key, own);
  return { original: pdf, increment: increment.build(), warnings };
}

class SecurityStore {
  private readonly dict: PdfDict;
  private readonly refs = new Map<string, PdfRef>();

  constructor(private readonly increment: Increment) {
    this.dict = increment.editUnder(increment.catalog, 'DSS');
    this.dict.set('Type', new PdfName('DSS'));
    for (const key of Object.values(storeKeys)) {
      for (const item of this.items(this.dict, key)) this.know(item);
    }
  }

  add(key: string, values: readonly Uint8Array[]): void {
    const kept = this.items(this.dict, key);
    const present = new Set(kept.map((item) => (item instanceof PdfRef ? item.number : -1)));
    for (const value of values) {
      const ref = this.refFor(value);
      if (present.has(ref.number)) continue;
      present.add(ref.number);
      kept.push(ref);
    }
    if (kept.length > 0) this.dict.set(key, kept);
  }

  addEntry(key: string, data: ValidationData): void {
    if (!/^[0-9A-F]{40}$/.test(key)) throw new PdfError('not-found', 'A VRI key is 40 hex digits');
    const entry = PdfDict.of({ Type: new PdfName('VRI') });
    for (const kind of kinds) {
      const refs = [...new Set(data[kind].map((value) => this.refFor(value)))];
      if (refs.length > 0) entry.set(entryKeys[kind], refs);
    }
    this.increment.editUnder(this.dict, 'VRI').set(key, entry);
  }

  private items(dict: PdfDict, key: string): PdfValue[] {
    const value = this.increment.resolve(dict.get(key));
    return Array.isArray(value) ? value.slice(0, maxStreams) : [];
  }

  private know(item: PdfValue): void {
    const stream = this.increment.resolve(item);
    if (!(item instanceof PdfRef) || !(stream instanceof PdfStream)) return;
    try {
      this.refs.set(hashOf(this.increment.file.view.decode(stream, maxStored)), item);
    } catch (error) {
      // What cannot be read cannot be recognised; it stays where it is.
      if (!(error instanceof PdfError)) throw error;
    }
  }

  private refFor(value: Uint8Array): PdfRef {
    const hash = hashOf(value);
    let ref = this.refs.get(hash);
    if (!ref) {
      const dict = PdfDict.of({ Filter: new PdfName('FlateDecode') });
      ref = this.increment.add(new PdfStream(dict, deflateSync(value)));
      this.refs.set(hash, ref);
    }
    return ref;
  }
}

const hashOf = (value: Uint8Array): string =>
  createHash('sha256').update(asBuffer(value)).digest('base64');

/**
 * The validation data that a document carries, for whoever verifies its signatures: what cannot be
 * read, and what goes beyond 32 MB, is left out.
 */
export function readValidationData(pdf: Uint8Array, password?: string): ValidationData {
  const { view } = PdfFile.open(pdf, password === undefined ? {} : { password });
  const store = view.dict(view.catalog.get('DSS'));
  let total = 0;
  const read = (key: string) =>
    (view.array(store?.get(key)) ?? []).slice(0, maxStreams).flatMap((item) => {
      const stream = view.resolve(item);
      if (!(stream instanceof PdfStream) || total > maxStored) return [];
      try {
        const bytes = view.decode(stream, maxStored);
        total += bytes.length;
        return [bytes];
      } catch (error) {
        if (error instanceof PdfError) return [];
        throw error;
      }
    });
  return { certificates: read('Certs'), crls: read('CRLs'), ocspResponses: read('OCSPs') };
}
