import { tags } from './der.js';

/**
 * Writes DER. Every function returns one whole element; the pieces are small, so that copying them
 * once a level costs less than a tree of objects would.
 */

/** One element of the given identifier octet around the given octets. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const octets = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : sizeOf(length);
  const out = Buffer.allocUnsafe(2 + octets + length);
  out[0] = tag;
  let at = 2;
  if (octets === 0) out[1] = length;
  else {
    out[1] = 0x80 | octets;
    at = out.writeUIntBE(length, 2, octets);
  }
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const sizeOf = (length: number) => (length < 0x1000000 ? 3 : 4);

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(tags.sequence, ...parts);

/** SET OF in ascending order of the encodings (X.690, 11.6). */
export const setOf = (...parts: readonly Uint8Array[]): Buffer =>
  tlv(tags.set, ...(parts.length > 1 ? [...parts].sort(Buffer.compare) : parts));

/** `[n]` around whole elements. */
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  tlv(0xa0 | number, ...parts);

/** The element with its tag replaced by `[n]`, constructed or not as it was. */
export function implicit(number: number, element: Uint8Array): Buffer {
  const out = Buffer.from(element);
  out[0] = 0x80 | (out[0]! & 0x20) | number;
  return out;
}

/** INTEGER, in the fewest octets. */
export function integer(value: bigint | number): Buffer {
  if (typeof value === 'number' && value >= 0 && value < 0x80) {
    return Buffer.from([tags.integer, 1, value]);
  }
  let rest = BigInt(value);
  const octets: number[] = [];
  do {
    octets.unshift(Number(BigInt.asUintN(8, rest)));
    rest >>= 8n;
  } while (!((rest === 0n && octets[0]! < 0x80) || (rest === -1n && octets[0]! >= 0x80)));
  return tlv(tags.integer, Buffer.from(octets));
}

/** INTEGER of unsigned big-endian octets, as keys and nonces have them. */
export function unsigned(octets: Uint8Array): Buffer {
  let at = 0;
  while (at < octets.length - 1 && octets[at] === 0) at++;
  const significant = octets.subarray(at);
  if (significant.length === 0) return integer(0);
  return significant[0]! < 0x80
    ? tlv(tags.integer, significant)
    : tlv(tags.integer, Buffer.of(0), significant);
}

export const enumerated = (value: number): Buffer =>
  tlv(tags.enumerated, integer(value).subarray(2));

const writtenOids = new Map<string, Buffer>();

/** OBJECT IDENTIFIER from its dotted form. The result is shared: never write to it. */
export function oid(dotted: string): Buffer {
  const known = writtenOids.get(dotted);
  if (known) return known;
  const arcs = dotted.split('.').map(BigInt);
  const octets: number[] = [];
  for (let arc of [arcs[0]! * 40n + arcs[1]!, ...arcs.slice(2)]) {
    const digits = [Number(arc & 0x7fn)];
    while ((arc >>= 7n) > 0n) digits.unshift(Number(arc & 0x7fn) | 0x80);
    octets.push(...digits);
  }
  const element = tlv(tags.oid, Buffer.from(octets));
  if (writtenOids.size < 4096) writtenOids.set(dotted, element);
  return element;
}

export const nullValue = (): Buffer => Buffer.from([tags.null, 0]);

export const boolean = (value: boolean): Buffer => Buffer.from([tags.boolean, 1, value ? 0xff : 0]);

export const octetString = (...parts: readonly Uint8Array[]): Buffer =>
  tlv(tags.octetString, ...parts);

/** BIT STRING of whole octets. */
export const bitString = (octets: Uint8Array): Buffer => tlv(tags.bitString, Buffer.of(0), octets);

/** BIT STRING of named bits, without trailing zeros (X.690, 11.2.2); bit 0 is the lowest. */
export function namedBits(mask: number): Buffer {
  const highest = 31 - Math.clz32(mask);
  const octets = Buffer.alloc(mask === 0 ? 0 : (highest >> 3) + 1);
  for (let bit = 0; bit <= highest; bit++) {
    if ((mask >>> bit) & 1) octets[bit >> 3]! |= 0x80 >> (bit & 7);
  }
  return tlv(tags.bitString, Buffer.of(mask === 0 ? 0 : 7 - (highest & 7)), octets);
}

export const utf8String = (text: string): Buffer => tlv(tags.utf8String, Buffer.from(text));
export const printableString = (text: string): Buffer =>
  tlv(tags.printableString, Buffer.from(text, 'latin1'));
export const ia5String = (text: string): Buffer => tlv(tags.ia5String, Buffer.from(text, 'latin1'));

/** YYYYMMDDHHMMSS of ISO 8601. */
function digitsOf(time: Date): string {
  const iso = time.toISOString();
  const [date, clock] = [iso.slice(0, 10), iso.slice(11, 19)];
  return `${date.slice(0, 4)}${date.slice(5, 7)}${date.slice(8)}${clock.slice(0, 2)}${clock.slice(3, 5)}${clock.slice(6)}`;
}

export const utcTime = (time: Date): Buffer =>
  tlv(tags.utcTime, Buffer.from(`${digitsOf(time).slice(2)}Z`, 'latin1'));
export const generalizedTime = (time: Date): Buffer =>
  tlv(tags.generalizedTime, Buffer.from(`${digitsOf(time)}Z`, 'latin1'));

/** UTCTime through 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). */
export const timeValue = (time: Date): Buffer =>
  time.getUTCFullYear() >= 1950 && time.getUTCFullYear() < 2050
    ? utcTime(time)
    : generalizedTime(time);
