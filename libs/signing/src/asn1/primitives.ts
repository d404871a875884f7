import type { Der } from './der.js';

/** Values whose one encoding takes more than a line to make sure of (X.690, 8 and 11). */

const maxIntegerBytes = 4096;

/** Contents of an INTEGER, which has no needless octets (X.690, 8.3.2). */
export function fewestOctets(element: Der): Buffer {
  const { source, contentStart: at, length } = element;
  if (length === 0) element.fail('an empty INTEGER');
  if (length > maxIntegerBytes) element.fail('an INTEGER beyond reason');
  if (length > 1) {
    const sign = source[at + 1]! & 0x80;
    if ((source[at] === 0 && sign === 0) || (source[at] === 0xff && sign !== 0)) {
      element.fail('an INTEGER with needless octets');
    }
  }
  return element.content;
}

/** Named bits of a BIT STRING as a mask, bit 0 the lowest (X.690, 11.2.2). */
export function maskOf(element: Der, needless = false): number {
  const { source, contentStart: at, end, length } = element;
  const unused = length > 0 ? source[at]! : 8;
  if (unused > 7 || (length === 1 && unused > 0) || length > 5) element.fail('a bad BIT STRING');
  if (length === 1) return 0;
  const last = source[end - 1]!;
  if (last & ((1 << unused) - 1)) element.fail('a BIT STRING whose unused bits are set');
  if (!needless && (last & (1 << unused)) === 0) element.fail('a BIT STRING with needless bits');
  let mask = 0;
  for (let bit = 0; bit < 8 * (length - 1); bit++) {
    if (source[at + 1 + (bit >> 3)]! & (0x80 >> (bit & 7))) mask |= 1 << bit;
  }
  return mask >>> 0;
}

const knownOids = new Map<string, string>();

/** Dotted form of an OBJECT IDENTIFIER; the usual ones are decoded once. */
export function oidOf(element: Der): string {
  const { source, contentStart, end } = element;
  const key = source.toString('latin1', contentStart, end);
  const known = knownOids.get(key);
  if (known !== undefined) return known;
  const value = decodeOid(element);
  if (knownOids.size < 4096 && key.length < 32) knownOids.set(key, value);
  return value;
}

function decodeOid(element: Der): string {
  const { content } = element;
  if (content.length === 0 || content.length > 128) element.fail('an OBJECT IDENTIFIER of no size');
  const arcs: bigint[] = [];
  let arc = 0n;
  let fresh = true;
  for (const octet of content) {
    if (fresh && octet === 0x80) element.fail('an OBJECT IDENTIFIER with needless octets');
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    fresh = octet < 0x80;
    if (!fresh) continue;
    if (arcs.length === 0) {
      const root = arc < 80n ? arc / 40n : 2n;
      arcs.push(root, arc - root * 40n);
    } else arcs.push(arc);
    arc = 0n;
  }
  if (!fresh) element.fail('an OBJECT IDENTIFIER cut short');
  return arcs.join('.');
}

/** Whether elements are in the order of a SET OF (X.690, 11.6). */
export function ascending(elements: readonly Der[]): boolean {
  for (let at = 1; at < elements.length; at++) {
    if (compareSetOf(elements[at - 1]!, elements[at]!) > 0) return false;
  }
  return true;
}

/** Octet strings compare as if the shorter were padded with zeros (X.690, 11.6). */
function compareSetOf(one: Der, other: Der): number {
  const length = Math.min(one.end - one.start, other.end - other.start);
  const { source } = one;
  const common = source.compare(
    other.source,
    other.start,
    other.start + length,
    one.start,
    one.start + length,
  );
  return common || one.end - one.start - (other.end - other.start);
}
