import { PdfError } from '../pdf-error.js';
import {
  completeSignature,
  prepareSignature,
  prepareTimestamp,
  type PdfUpdate,
  type PreparedSignature,
} from './prepare.js';
import type { PdfDigest, SignatureOptions } from './signature-options.js';

/** Makes the CMS (or the RFC 3161 token) over a digest; this is where the key is. */
export type SignDigest = (digest: Buffer, algorithm: PdfDigest) => Promise<Uint8Array>;

/** A signed document: the field that was signed, and what to append to the original. */
export interface SignedPdf extends PdfUpdate {
  field: string;
}

const maxRounds = 3;

/** Signs in one go; a CMS larger than the room left is asked for again with more room. */
export const signPdf = (
  pdf: Uint8Array,
  options: SignatureOptions,
  sign: SignDigest,
): Promise<SignedPdf> =>
  complete(pdf, options.contentsBytes, sign, (contentsBytes) =>
    prepareSignature(pdf, { ...options, contentsBytes }),
  );

/** Adds a document time stamp over the whole file. */
export const timestampPdf = (
  pdf: Uint8Array,
  options: Pick<SignatureOptions, 'digest' | 'contentsBytes' | 'password'>,
  stamp: SignDigest,
): Promise<SignedPdf> =>
  complete(pdf, options.contentsBytes, stamp, (contentsBytes) =>
    prepareTimestamp(pdf, { ...options, contentsBytes }),
  );

async function complete(
  original: Uint8Array,
  firstRoom: number | undefined,
  sign: SignDigest,
  prepare: (contentsBytes: number | undefined) => PreparedSignature,
): Promise<SignedPdf> {
  let room = firstRoom;
  for (let round = 0; round < maxRounds; round += 1) {
    const prepared = prepare(room);
    const cms = await sign(prepared.digest, prepared.digestAlgorithm);
    if (cms.length <= prepared.contentsBytes) {
      const increment = completeSignature(prepared, cms);
      return { original, increment, field: prepared.field, warnings: prepared.warnings };
    }
    room = cms.length + 1024;
  }
  throw new PdfError('too-small', 'The signature grows each time it is made');
}
