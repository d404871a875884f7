import { hexValue } from './characters.js';
import { PdfString } from './objects.js';

const escapes: Record<string, number> = { n: 10, r: 13, t: 9, b: 8, f: 12 };

/** Reads the string in brackets that begins at `start` (ISO 32000-1, 7.3.4.2). */
export function literalString(bytes: Uint8Array, start: number, limit: number): PdfString {
  let open = 0;
  for (let at = start; at < limit; at += 1) {
    const byte = bytes[at];
    if (byte === 0x5c) at += 1;
    else if (byte === 0x28) open += 1;
    else if (byte === 0x29) {
      open -= 1;
      if (open === 0) return new PdfString(bytes, start, at + 1, false, unescapeLiteral);
    }
  }
  return new PdfString(bytes, start, limit, false, unescapeLiteral);
}

/** Reads the string of hexadecimal digits that begins at `start` (7.3.4.3); other bytes are passed over. */
export function hexString(bytes: Uint8Array, start: number, limit: number): PdfString {
  const close = bytes.indexOf(0x3e, start);
  const end = close < 0 || close >= limit ? limit : close + 1;
  return new PdfString(bytes, start, end, true, unescapeHex);
}

function unescapeLiteral(bytes: Uint8Array, start: number, after: number): Uint8Array {
  const end = after - 1;
  const out = Buffer.allocUnsafe(Math.max(0, end - start));
  let length = 0;
  for (let at = start + 1; at < end;) {
    const byte = bytes[at]!;
    if (byte === 0x5c) {
      const { value, next } = escaped(bytes, at + 1, end);
      if (value >= 0) out[length++] = value;
      at = next;
    } else {
      out[length++] = byte === 13 ? 10 : byte;
      at += byte === 13 && bytes[at + 1] === 10 ? 2 : 1;
    }
  }
  return out.subarray(0, length);
}

/** The byte that an escape stands for, -1 for none; `at` is behind the backslash. */
function escaped(bytes: Uint8Array, at: number, end: number): { value: number; next: number } {
  const byte = bytes[at];
  if (byte === undefined || at >= end) return { value: -1, next: at };
  if (byte >= 0x30 && byte <= 0x37) {
    let value = byte - 0x30;
    let next = at + 1;
    for (; next < at + 3 && next < end; next += 1) {
      const digit = bytes[next]! - 0x30;
      if (digit < 0 || digit > 7) break;
      value = value * 8 + digit;
    }
    return { value: value & 0xff, next };
  }
  if (byte === 13) return { value: -1, next: at + (bytes[at + 1] === 10 ? 2 : 1) };
  if (byte === 10) return { value: -1, next: at + 1 };
  return { value: escapes[String.fromCharCode(byte)] ?? byte, next: at + 1 };
}

function unescapeHex(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const out = Buffer.allocUnsafe((end - start) / 2 + 1);
  let digits = 0;
  for (let at = start + 1; at < end; at += 1) {
    const digit = hexValue(bytes[at]);
    if (digit < 0) continue;
    if (digits % 2 === 0) out[digits >> 1] = digit << 4;
    else out[digits >> 1]! |= digit;
    digits += 1;
  }
  return out.subarray(0, (digits + 1) >> 1);
}
