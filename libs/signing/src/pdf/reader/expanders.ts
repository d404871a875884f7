import { PdfError } from '../pdf-error.js';
import { asBuffer, hexValue, isWhite } from './characters.js';
import type { Effort } from './effort.js';

/** Bytes as they come out of a filter: never more than allowed, and each is paid for. */
export class Expanded {
  private bytes: Uint8Array;
  length = 0;

  constructor(
    expected: number,
    private readonly maxBytes: number,
    private readonly effort: Effort,
  ) {
    this.bytes = new Uint8Array(Math.min(Math.max(expected, 256), maxBytes));
  }

  push(byte: number): void {
    if (this.length === this.bytes.length) this.grow(1);
    this.bytes[this.length] = byte;
    this.length += 1;
  }

  fill(byte: number, count: number): void {
    if (this.length + count > this.bytes.length) this.grow(count);
    this.bytes.fill(byte, this.length, this.length + count);
    this.length += count;
  }

  append(part: Uint8Array): void {
    if (this.length + part.length > this.bytes.length) this.grow(part.length);
    this.bytes.set(part, this.length);
    this.length += part.length;
  }

  /** Appends bytes that came out before; the last of them may be the first that is appended. */
  repeat(from: number, count: number): void {
    if (this.length + count > this.bytes.length) this.grow(count);
    const { bytes, length } = this;
    for (let index = 0; index < count; index += 1) bytes[length + index] = bytes[from + index]!;
    this.length += count;
  }

  get result(): Uint8Array {
    this.effort.spend(this.length);
    return this.bytes.subarray(0, this.length);
  }

  private grow(more: number): void {
    const needed = this.length + more;
    if (needed > this.maxBytes) throw tooLarge();
    this.effort.spend(needed >> 1);
    const larger = new Uint8Array(Math.min(2 * needed, this.maxBytes));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

export const tooLarge = () => new PdfError('too-complex', 'A stream unpacks into too much');

const lastCode = 4095;
const clear = 256;
const end = 257;

/** LZW (ISO 32000-1, 7.4.4): each entry of the table is a piece of what came out before. */
export function expandLzw(bytes: Uint8Array, early: number, out: Expanded): Uint8Array {
  const starts = new Uint32Array(lastCode + 1);
  const lengths = new Uint32Array(lastCode + 1);
  let [next, width, buffer, bits] = [end + 1, 9, 0, 0];
  let [previous, previousLength] = [0, 0];
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffffff;
    bits += 8;
    if (bits < width) continue;
    const code = (buffer >> (bits - width)) & ((1 << width) - 1);
    bits -= width;
    if (code === end) break;
    if (code === clear) {
      [next, width, previousLength] = [end + 1, 9, 0];
      continue;
    }
    if (previousLength > 0 && next <= lastCode) {
      // The piece goes on by one byte, which is the first that comes out now.
      starts[next] = previous;
      lengths[next] = previousLength + 1;
      next += 1;
    }
    const start = out.length;
    if (code < clear) out.push(code);
    else if (code < next) out.repeat(starts[code]!, lengths[code]!);
    else throw new PdfError('damaged', 'A compressed stream is damaged');
    [previous, previousLength] = [start, out.length - start];
    const size = next + early;
    width = size >= 2048 ? 12 : size >= 1024 ? 11 : size >= 512 ? 10 : 9;
  }
  return out.result;
}

/** ASCIIHexDecode (7.4.2). */
export function fromHex(bytes: Uint8Array, out: Expanded): Uint8Array {
  let high = -1;
  for (const byte of bytes) {
    if (byte === 0x3e) break;
    const value = hexValue(byte);
    if (value < 0) continue;
    if (high < 0) high = value;
    else {
      out.push(high * 16 + value);
      high = -1;
    }
  }
  if (high >= 0) out.push(high * 16);
  return out.result;
}

/** ASCII85Decode (7.4.3). */
export function fromBase85(bytes: Uint8Array, out: Expanded): Uint8Array {
  let [value, count] = [0, 0];
  const flush = (length: number) => {
    for (let index = 0; index < length; index += 1) {
      out.push(Math.floor(value / 256 ** (3 - index)) & 0xff);
    }
    [value, count] = [0, 0];
  };
  const start = asBuffer(bytes).subarray(0, 2).toString('latin1') === '<~' ? 2 : 0;
  for (let at = start; at < bytes.length && bytes[at] !== 0x7e; at += 1) {
    const byte = bytes[at]!;
    if (isWhite(byte)) continue;
    if (byte === 0x7a && count === 0) out.fill(0, 4);
    else if (byte >= 0x21 && byte <= 0x75) {
      value = value * 85 + byte - 0x21;
      count += 1;
      if (count === 5) flush(4);
    }
  }
  if (count > 1) {
    const length = count - 1;
    for (; count < 5; count += 1) value = value * 85 + 84;
    flush(length);
  }
  return out.result;
}

/** RunLengthDecode (7.4.5). */
export function fromRuns(bytes: Uint8Array, out: Expanded): Uint8Array {
  for (let at = 0; at < bytes.length && bytes[at] !== 128;) {
    const length = bytes[at]!;
    if (length < 128) out.append(bytes.subarray(at + 1, at + 2 + length));
    else out.fill(bytes[at + 1] ?? 0, 257 - length);
    at += length < 128 ? length + 2 : 2;
  }
  return out.result;
}
