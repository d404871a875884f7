import { createHash } from 'node:crypto';
import { PdfError } from '../pdf-error.js';
import { asBuffer } from '../reader/characters.js';
import { fieldsOf } from '../reader/fields.js';
import { PdfDict, PdfName, PdfRaw, PdfRef, PdfString, textString } from '../reader/objects.js';
import { PdfFile } from '../reader/pdf-file.js';
import { Increment } from '../writer/increment.js';
import type { FieldLock, Permissions } from './permissions.js';
import { lockDict, openSignatureField, type OpenField } from './signature-field.js';
import type { PdfDigest, SignatureOptions } from './signature-options.js';
import { checkIntention, standingLimits } from './standing-limits.js';

/** A document that waits for its signature. Plain data: it can be kept while somebody signs elsewhere. */
export interface PreparedSignature {
  field: string;
  /** What follows the original bytes, with room for the CMS. */
  increment: Buffer;
  /** The signed ranges: offset, length, offset, length, counted from the start of the file. */
  byteRange: [number, number, number, number];
  digestAlgorithm: PdfDigest;
  /** The digest over both ranges. */
  digest: Buffer;
  /** How many bytes the CMS may have. */
  contentsBytes: number;
  warnings: string[];
}

/** A document and what is to be appended to it; the original is referenced, not copied. */
export interface PdfUpdate {
  original: Uint8Array;
  increment: Buffer;
  warnings: string[];
}

/** The whole new file. */
export const joined = ({ original, increment }: PdfUpdate): Buffer =>
  Buffer.concat([original, increment]);

const defaultContentsBytes = 16_384;
const maxContentsBytes = 4 * 1024 * 1024;
const byteRangeRoom = '[0 0000000000 0000000000 0000000000]';

/**
 * Room for a CMS with these certificates and, if asked for, a time stamp. Signature, attributes and
 * headings are counted generously; a signer that needs more is asked again by `signPdf`.
 */
export function roomForCms(certificates: Uint8Array[], timestampBytes = 0): number {
  const total = certificates.reduce((sum, { length }) => sum + length, 0);
  return total + timestampBytes + 3072;
}

/**
 * First half of a signature: everything but the CMS. Throws PdfError: `not-permitted` when earlier
 * signatures forbid it, and whatever opening the document throws.
 */
export function prepareSignature(
  pdf: Uint8Array,
  options: SignatureOptions = {},
): PreparedSignature {
  const file = PdfFile.open(pdf, options);
  const existing = fieldsOf(file.view).find(({ name }) => name === options.field);
  const warnings = checkIntention(standingLimits(file.view), {
    what: options.certify ? 'certification' : 'signature',
    fields: existing ? [existing.name] : [],
    newVisible: !existing && options.placement !== undefined,
  });
  const increment = new Increment(file);
  const field = openSignatureField(increment, options.field, options.placement);
  const signature = signatureDict(options);
  const ref = increment.add(signature);
  field.dict.set('V', ref);
  addReferences(increment, signature, ref, field, options);
  if (options.appearance) drawAppearance(increment, field, options);
  return finishPreparation(increment, signature, field.name, options, warnings);
}

/** Prepares a document time stamp (EN 319 142-1, 5.5) in a new invisible field. */
export function prepareTimestamp(
  pdf: Uint8Array,
  options: Pick<SignatureOptions, 'digest' | 'contentsBytes' | 'password'> = {},
): PreparedSignature {
  const file = PdfFile.open(pdf, options);
  const warnings = checkIntention(standingLimits(file.view), { what: 'evidence', fields: [] });
  const increment = new Increment(file);
  const field = openSignatureField(increment, undefined, undefined);
  const signature = PdfDict.of({
    Type: new PdfName('DocTimeStamp'),
    Filter: new PdfName('Adobe.PPKLite'),
    SubFilter: new PdfName('ETSI.RFC3161'),
  });
  field.dict.set('V', increment.add(signature));
  return finishPreparation(increment, signature, field.name, options, warnings);
}

function signatureDict(options: SignatureOptions): PdfDict {
  const text = (value: string | undefined) =>
    value === undefined ? undefined : textString(value.normalize('NFC'));
  return PdfDict.of({
    Type: new PdfName('Sig'),
    Filter: new PdfName('Adobe.PPKLite'),
    SubFilter: new PdfName('ETSI.CAdES.detached'),
    Name: text(options.name),
    Reason: text(options.reason),
    Location: text(options.location),
    ContactInfo: text(options.contact),
    M: options.claimedTime && pdfDate(options.claimedTime),
  });
}

/** A date in the zone of Vietnam (ISO 32000-1, 7.9.4). */
export function pdfDate(time: Date): PdfString {
  const local = new Date(time.getTime() + 7 * 3_600_000).toISOString();
  return textString(`D:${local.slice(0, 19).replace(/\D/g, '')}+07'00'`);
}

function addReferences(
  increment: Increment,
  signature: PdfDict,
  ref: PdfRef,
  field: OpenField,
  { certify, lock }: SignatureOptions,
): void {
  const references: PdfDict[] = [];
  if (certify) {
    references.push(referenceDict('DocMDP', certificationDict(certify)));
    increment.editUnder(increment.catalog, 'Perms').set('DocMDP', ref);
  }
  const kept = lock ?? fieldLockOf(increment, field.dict);
  if (kept) {
    if (lock) field.dict.set('Lock', increment.add(lockDict(lock)));
    const parameters = lockDict(kept, 'TransformParams').set('V', new PdfName('1.2'));
    const reference = referenceDict('FieldMDP', parameters);
    references.push(reference.set('Data', increment.file.view.rootRef!));
  }
  if (references.length > 0) signature.set('Reference', references);
}

const certificationDict = (permissions: Permissions) =>
  PdfDict.of({ Type: new PdfName('TransformParams'), P: permissions, V: new PdfName('1.2') });

const referenceDict = (method: string, parameters: PdfDict) =>
  PdfDict.of({
    Type: new PdfName('SigRef'),
    TransformMethod: new PdfName(method),
    TransformParams: parameters,
  });

function fieldLockOf(increment: Increment, field: PdfDict): FieldLock | undefined {
  const lock = increment.resolve(field.get('Lock'));
  if (!(lock instanceof PdfDict)) return undefined;
  const action = increment.resolve(lock.get('Action'));
  const listed = increment.resolve(lock.get('Fields'));
  const fields = (Array.isArray(listed) ? listed : []).flatMap((item) => {
    const value = increment.resolve(item);
    return value instanceof PdfString ? [Buffer.from(value.bytes).toString('latin1')] : [];
  });
  const text = action instanceof PdfName ? action.text : 'All';
  return { action: text === 'Include' || text === 'Exclude' ? text : 'All', fields };
}

function drawAppearance(increment: Increment, field: OpenField, options: SignatureOptions): void {
  const rect = increment.resolve(field.widget.get('Rect'));
  const sides = Array.isArray(rect) ? rect.map((side) => increment.resolve(side)) : [];
  if (sides.length !== 4 || sides.some((side) => typeof side !== 'number')) {
    throw new PdfError('damaged', 'The signature field has no rectangle');
  }
  const [x1, y1, x2, y2] = sides as [number, number, number, number];
  const form = options.appearance!.draw(increment, Math.abs(x2 - x1), Math.abs(y2 - y1));
  field.widget.set('AP', PdfDict.of({ N: form }));
}

function finishPreparation(
  increment: Increment,
  signature: PdfDict,
  field: string,
  options: Pick<SignatureOptions, 'digest' | 'contentsBytes'>,
  warnings: string[],
): PreparedSignature {
  const contentsBytes = options.contentsBytes ?? defaultContentsBytes;
  if (contentsBytes < 1 || contentsBytes > maxContentsBytes) {
    throw new PdfError('too-complex', 'The room for a signature is at most 4 MB');
  }
  const range = new PdfRaw(byteRangeRoom);
  const contents = new PdfRaw(`<${'0'.repeat(2 * contentsBytes)}>`);
  signature.set('ByteRange', range).set('Contents', contents);
  const original = increment.file.bytes;
  const written = increment.build();
  const end = contents.writtenAt + contents.text.length;
  const total = original.length + written.length;
  const byteRange: [number, number, number, number] = [0, contents.writtenAt, end, total - end];
  const text = `[${byteRange.join(' ')}`.padEnd(byteRangeRoom.length - 1, ' ');
  written.write(`${text}]`, range.writtenAt - original.length, 'latin1');
  const digestAlgorithm = options.digest ?? 'sha256';
  const digest = createHash(digestAlgorithm)
    .update(original)
    .update(written.subarray(0, contents.writtenAt - original.length))
    .update(written.subarray(end - original.length))
    .digest();
  return { field, increment: written, byteRange, digestAlgorithm, digest, contentsBytes, warnings };
}

/**
 * Second half: puts the CMS in its place. Throws `too-small` when it needs more room than was left;
 * the document then has to be prepared and signed again.
 */
export function completeSignature(prepared: PreparedSignature, cms: Uint8Array): Buffer {
  if (cms.length > prepared.contentsBytes) {
    const { contentsBytes } = prepared;
    const message = `The signature has ${cms.length} bytes, room was left for ${contentsBytes}`;
    throw new PdfError('too-small', message);
  }
  const { byteRange, increment } = prepared;
  const result = Buffer.from(increment);
  const total = byteRange[2] + byteRange[3];
  const place = byteRange[1] - (total - increment.length) + 1;
  result.write(asBuffer(cms).toString('hex'), place, 'latin1');
  return result;
}
