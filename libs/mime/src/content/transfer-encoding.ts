import type { TransferEncoding } from '../message.js';

const EQUALS = 61;
const LF = 10;
const CR = 13;

const known: Record<string, TransferEncoding> = {
  '7bit': '7bit',
  '7-bit': '7bit',
  '8bit': '8bit',
  '8-bit': '8bit',
  binary: 'binary',
  base64: 'base64',
  'quoted-printable': 'quoted-printable',
};

/** What a Content-Transfer-Encoding says; `unknown` for what no standard knows. */
export function transferEncodingOf(value: string): TransferEncoding {
  return Object.hasOwn(known, value) ? known[value]! : 'unknown';
}

/** Octets as they were before they were encoded for the way. Identity encodings copy nothing. */
export function decodeTransfer(octets: Buffer, encoding: TransferEncoding): Buffer {
  if (encoding === 'base64') return decodeBase64(octets);
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(octets);
  return octets;
}

/** Several pieces with padding of their own may follow each other; what is no base64 is skipped. */
function decodeBase64(octets: Buffer): Buffer {
  const padding = octets.indexOf(EQUALS);
  const hasMore = padding >= 0 && octets.subarray(padding).some((octet) => sextets[octet]! < 64);
  return hasMore ? decodePieces(octets) : Buffer.from(octets.toString('latin1'), 'base64');
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const sextets = new Uint8Array(256).fill(64);
for (let value = 0; value < 64; value++) sextets[alphabet.charCodeAt(value)] = value;

function decodePieces(octets: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(Math.ceil((octets.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let count = 0;
  for (const octet of octets) {
    const sextet = sextets[octet]!;
    if (octet === EQUALS) count = 0;
    if (sextet === 64) continue;
    bits = ((bits << 6) | sextet) & 0xfff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    decoded[length++] = (bits >> count) & 0xff;
  }
  return decoded.subarray(0, length);
}

function hexOf(octet: number | undefined): number {
  if (octet === undefined) return -1;
  if (octet >= 48 && octet <= 57) return octet - 48;
  const letter = octet | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/**
 * RFC 2045, 6.7: white space at the end of a line is dropped; an equals sign that begins nothing
 * stays as it is.
 */
export function decodeQuotedPrintable(octets: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(octets.length);
  let length = 0;
  /** After the last octet that may not be dropped as white space of a line's end. */
  let solid = 0;
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at]!;
    if (octet === EQUALS) {
      const skipped = softBreak(octets, at + 1);
      if (skipped >= 0) {
        at += skipped;
        solid = length;
        continue;
      }
      const high = hexOf(octets[at + 1]);
      const low = high < 0 ? -1 : hexOf(octets[at + 2]);
      decoded[length++] = low < 0 ? octet : (high << 4) | low;
      if (low >= 0) at += 2;
      solid = length;
    } else if (octet === LF || (octet === CR && octets[at + 1] === LF)) {
      length = solid;
      decoded[length++] = octet;
      solid = length;
    } else {
      decoded[length++] = octet;
      if (octet !== 32 && octet !== 9) solid = length;
    }
  }
  return decoded.subarray(0, solid);
}

/**
 * Octets of a soft line break after its equals sign, white space and a line end or the very end; -1
 * where there is none.
 */
function softBreak(octets: Buffer, start: number): number {
  let at = start;
  // Longer white space than this is no break: what is looked at is never looked at again and again.
  while (at < start + 1000 && (octets[at] === 32 || octets[at] === 9)) at++;
  if (octets[at] === CR) at++;
  if (octets[at] === LF) return at + 1 - start;
  return at >= octets.length ? at - start : -1;
}
