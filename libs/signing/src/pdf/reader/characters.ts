/** Character classes of PDF syntax (ISO 32000-1, 7.2.2). */
const white = new Uint8Array(256);
const delimiter = new Uint8Array(256);
const hexValues = new Int8Array(256).fill(-1);
for (const byte of [0, 9, 10, 12, 13, 32]) white[byte] = 1;
for (const char of '()<>[]{}/%') delimiter[char.charCodeAt(0)] = 1;
for (let digit = 0; digit < 16; digit += 1) {
  const char = digit.toString(16);
  hexValues[char.charCodeAt(0)] = digit;
  hexValues[char.toUpperCase().charCodeAt(0)] = digit;
}

export const isWhite = (byte: number | undefined): boolean =>
  byte !== undefined && white[byte] === 1;
export const isDelimiter = (byte: number): boolean => delimiter[byte] === 1;
export const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;
/** Neither white nor a delimiter, and inside the file. */
export const isRegular = (byte: number | undefined): boolean =>
  byte !== undefined && white[byte] === 0 && delimiter[byte] === 0;
/** 0–15, or -1 for a byte that is no hexadecimal digit. */
export const hexValue = (byte: number | undefined): number =>
  byte === undefined ? -1 : hexValues[byte]!;

/** The bytes as a Buffer over the same memory. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Where the text stands in the bytes from `from` and before `to`, or -1. */
export function find(bytes: Uint8Array, text: string, from: number, to = bytes.length): number {
  const at = asBuffer(bytes).subarray(0, to).indexOf(text, from, 'latin1');
  return at;
}

/** True when the text, in ASCII, stands at the place. */
export function standsAt(bytes: Uint8Array, place: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[place + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
