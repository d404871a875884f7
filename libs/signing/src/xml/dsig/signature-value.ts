import { createHmac, timingSafeEqual } from 'node:crypto';
import { Der, tags } from '../../asn1/der.js';
import * as encode from '../../asn1/encode.js';
import type { SignatureScheme } from '../../x509/algorithms.js';
import type { PublicKey } from '../../x509/keys.js';
import { XmlError } from '../xml-error.js';
import type { SignatureMethod } from './signature.js';

/** Whether a SignatureValue belongs to the octets of SignedInfo and to a key. */
export function signatureHolds(
  scheme: SignatureScheme,
  key: PublicKey,
  octets: Uint8Array,
  value: Uint8Array,
): boolean {
  if (!key.fits(scheme)) return false;
  const written = isPair(scheme) ? pairAsDer(value, partOctets(key)) : value;
  return written !== undefined && key.verifies(scheme, octets, written);
}

export function macHolds(
  method: Extract<SignatureMethod, { kind: 'mac' }>,
  secret: Uint8Array,
  octets: Uint8Array,
  value: Uint8Array,
): boolean {
  if (value.length !== method.octets) return false;
  const mac = createHmac(method.digest, secret).update(octets).digest();
  return timingSafeEqual(mac.subarray(0, method.octets), value);
}

/** DSA and ECDSA write r and s one after the other (XML-Signature 1.1 section 6.4). */
const isPair = ({ kind }: SignatureScheme) => kind === 'ecdsa' || kind === 'dsa';

/** Octets of r and of s: the order of the curve, or q. */
function partOctets(key: PublicKey): number {
  if (key.kind === 'ec') return (key.bits + 7) >> 3;
  const [, q] = key.dsaParameters!.list();
  const octets = q!.integerBytes();
  return octets[0] === 0 ? octets.length - 1 : octets.length;
}

function pairAsDer(value: Uint8Array, part: number): Buffer | undefined {
  if (value.length !== 2 * part) return undefined;
  return encode.sequence(
    encode.unsigned(value.subarray(0, part)),
    encode.unsigned(value.subarray(part)),
  );
}

/**
 * A signature as keys and tokens hand it over (for DSA and ECDSA in DER or as r and s) in the form
 * XML writes it. Throws when it does not belong to the octets and the key.
 */
export function valueToWrite(
  scheme: SignatureScheme,
  key: PublicKey,
  octets: Uint8Array,
  signature: Uint8Array,
): Buffer {
  const pair = isPair(scheme) ? pairFromDer(signature, partOctets(key)) : undefined;
  for (const value of pair ? [pair, signature] : [signature]) {
    if (signatureHolds(scheme, key, octets, value)) return Buffer.from(value);
  }
  throw new XmlError('structure', 'The signature does not belong to what was to be signed');
}

function pairFromDer(signature: Uint8Array, part: number): Buffer | undefined {
  try {
    const numbers = Der.read(signature, tags.sequence).list(2);
    const parts = numbers.map((number) =>
      number
        .integer()
        .toString(16)
        .padStart(2 * part, '0'),
    );
    return Buffer.from(parts.join(''), 'hex');
  } catch {
    return undefined;
  }
}
