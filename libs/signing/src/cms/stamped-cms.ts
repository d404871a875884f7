import { contextOf, Der, DerError, tags } from '../asn1/der.js';
import { derOf } from '../asn1/ber.js';
import * as encode from '../asn1/encode.js';
import { timeStampAttribute } from './sign-cms.js';
import { SignedData } from './signed-data.js';

const maxParts = 200;

/**
 * Adds a time stamp of the signature (RFC 3161, appendix A) to a SignedData with one signer, whoever
 * made it; all that was signed stays as it is, octet by octet. Throws `DerError`.
 */
export function withTimeStamp(cms: Uint8Array, token: Uint8Array): Buffer {
  if (SignedData.read(cms).signers.length !== 1) throw new DerError('not one signer', 0);
  const [type, explicit] = Der.read(derOf(cms), tags.sequence).list(maxParts);
  const parts = explicit!.only(tags.sequence).list(maxParts);
  const fields = parts.at(-1)!.only(tags.sequence).list(maxParts);
  const unsigned = fields.at(-1)!.tag === contextOf(1) ? fields.pop()!.list(maxParts) : [];
  const attributes = encode.setOf(...unsigned.map(({ whole }) => whole), timeStampAttribute(token));
  const signer = encode.sequence(
    ...fields.map(({ whole }) => whole),
    encode.tlv(contextOf(1), Der.read(attributes).content),
  );
  const signed = encode.sequence(
    ...parts.slice(0, -1).map(({ whole }) => whole),
    encode.setOf(signer),
  );
  return encode.sequence(type!.whole, encode.explicit(0, signed));
}
