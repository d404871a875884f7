import { inflateRawSync, inflateSync, constants } from 'node:zlib';
import { PdfError } from '../pdf-error.js';
import { asBuffer, hexValue, isWhite } from './characters.js';
import { PdfDict, integerOf, nameOf, type PdfValue } from './objects.js';

type Resolve = (value: PdfValue | undefined) => PdfValue;
const maxFilters = 8;
const abbreviations: Record<string, string> = {
  Fl: 'FlateDecode',
  LZW: 'LZWDecode',
  A85: 'ASCII85Decode',
  AHx: 'ASCIIHexDecode',
  RL: 'RunLengthDecode',
};

/**
 * Decodes the bytes of a stream through its filters (ISO 32000-1, 7.4), never into more than
 * `maxBytes`. Image filters are not decoded: throws `unsupported`; throws `damaged` for wrong data
 * and `too-complex` beyond the limit.
 */
export function decodeStream(
  bytes: Uint8Array,
  dict: PdfDict,
  resolve: Resolve,
  maxBytes: number,
): Uint8Array {
  const filters = listOf(resolve(dict.get('Filter') ?? dict.get('F')), resolve).map(nameOf);
  const parameters = listOf(resolve(dict.get('DecodeParms') ?? dict.get('DP')), resolve);
  if (filters.length > maxFilters)
    throw new PdfError('too-complex', 'A stream has too many filters');
  let result = bytes;
  filters.forEach((name = '', index) => {
    const own = parameters[index];
    const read = (key: string, otherwise: number) =>
      (own instanceof PdfDict ? integerOf(resolve(own.get(key))) : undefined) ?? otherwise;
    result = decode(abbreviations[name] ?? name, result, read, maxBytes);
    if (result.length > maxBytes) throw tooLarge();
  });
  return result;
}

const tooLarge = () => new PdfError('too-complex', 'A stream unpacks into too much');

function listOf(value: PdfValue, resolve: Resolve): PdfValue[] {
  if (value === null) return [];
  return Array.isArray(value) ? value.map(resolve) : [value];
}

function decode(
  filter: string,
  bytes: Uint8Array,
  read: (key: string, otherwise: number) => number,
  maxBytes: number,
): Uint8Array {
  switch (filter) {
    case 'FlateDecode':
      return unpredict(inflate(bytes, maxBytes), read);
    case 'LZWDecode':
      return unpredict(expandLzw(bytes, read('EarlyChange', 1), maxBytes), read);
    case 'ASCIIHexDecode':
      return fromHex(bytes);
    case 'ASCII85Decode':
      return fromBase85(bytes);
    case 'RunLengthDecode':
      return fromRuns(bytes, maxBytes);
    case 'Crypt':
      return bytes;
    default:
      throw new PdfError('unsupported', `The filter ${filter.slice(0, 40)} is not decoded here`);
  }
}

function inflate(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const options = { maxOutputLength: maxBytes, finishFlush: constants.Z_SYNC_FLUSH };
  if (bytes.length === 0) return bytes;
  try {
    return inflateSync(bytes, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
  }
  try {
    // Some writers spoil the two bytes of the zlib header or its checksum.
    return inflateRawSync(bytes.subarray(2), options);
  } catch {
    throw new PdfError('damaged', 'A compressed stream is damaged');
  }
}

/** Undoes PNG and TIFF prediction (ISO 32000-1, 7.4.4.4; TIFF for 8 bits a component only). */
function unpredict(
  bytes: Uint8Array,
  read: (key: string, otherwise: number) => number,
): Uint8Array {
  const predictor = read('Predictor', 1);
  if (predictor <= 1) return bytes;
  const bits = read('BitsPerComponent', 8) * read('Colors', 1);
  const pixel = Math.max(1, bits >> 3);
  const row = (read('Columns', 1) * bits + 7) >> 3;
  if (row <= 0 || row > 1 << 26)
    throw new PdfError('damaged', 'A predictor has a wrong row length');
  return predictor === 2 ? fromTiffRows(bytes, row, pixel) : fromPngRows(bytes, row, pixel);
}

function fromTiffRows(bytes: Uint8Array, row: number, pixel: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  for (let start = 0; start < out.length; start += row) {
    const end = Math.min(start + row, out.length);
    for (let at = start + pixel; at < end; at += 1) out[at] = out[at]! + out[at - pixel]!;
  }
  return out;
}

/** Undoes the filters of PNG rows (PNG specification, section 9): one filter byte before each row. */
export function fromPngRows(bytes: Uint8Array, row: number, pixel: number): Uint8Array {
  const rows = Math.ceil(bytes.length / (row + 1));
  const out = new Uint8Array(rows * row);
  let written = 0;
  for (let index = 0; index < rows; index += 1) {
    const from = index * (row + 1);
    const filter = bytes[from]!;
    const length = Math.min(row, bytes.length - from - 1);
    const to = index * row;
    for (let at = 0; at < length; at += 1) {
      const left = at >= pixel ? out[to + at - pixel]! : 0;
      const up = index > 0 ? out[to + at - row]! : 0;
      const corner = index > 0 && at >= pixel ? out[to + at - row - pixel]! : 0;
      out[to + at] = bytes[from + 1 + at]! + predicted(filter, left, up, corner);
    }
    written += length;
  }
  return out.subarray(0, written);
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const estimate = left + up - corner;
  const [byLeft, byUp, byCorner] = [
    Math.abs(estimate - left),
    Math.abs(estimate - up),
    Math.abs(estimate - corner),
  ];
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}

function expandLzw(bytes: Uint8Array, early: number, maxBytes: number): Uint8Array {
  const out: number[] = [];
  let table: number[][] = [];
  let [width, buffer, bits] = [9, 0, 0];
  let previous: number[] | undefined;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffffff;
    bits += 8;
    if (bits < width) continue;
    const code = (buffer >> (bits - width)) & ((1 << width) - 1);
    bits -= width;
    if (code === 257) break;
    if (code === 256) {
      [table, width, previous] = [[], 9, undefined];
      continue;
    }
    const known = code < 256 ? [code] : table[code - 258];
    const entry = known ?? (previous && [...previous, previous[0]!]);
    if (!entry) throw new PdfError('damaged', 'A compressed stream is damaged');
    if (previous && table.length < 4096) table.push([...previous, entry[0]!]);
    if (out.length + entry.length > maxBytes) throw tooLarge();
    out.push(...entry);
    previous = entry;
    const next = table.length + 258 + early;
    width = next >= 2048 ? 12 : next >= 1024 ? 11 : next >= 512 ? 10 : 9;
  }
  return Uint8Array.from(out);
}

function fromHex(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0x3e);
  const digits = Array.from(end < 0 ? bytes : bytes.subarray(0, end), hexValue).filter(
    (value) => value >= 0,
  );
  if (digits.length % 2 === 1) digits.push(0);
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) => {
    return digits[index * 2]! * 16 + digits[index * 2 + 1]!;
  });
}

function fromBase85(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  let group: number[] = [];
  const flush = (count: number) => {
    let value = 0;
    for (const digit of group) value = value * 85 + digit;
    for (let index = 0; index < count; index += 1) {
      out.push(Math.floor(value / 256 ** (3 - index)) & 0xff);
    }
    group = [];
  };
  const start = asBuffer(bytes).subarray(0, 2).toString('latin1') === '<~' ? 2 : 0;
  for (const byte of bytes.subarray(start)) {
    if (isWhite(byte)) continue;
    if (byte === 0x7e) break;
    if (byte === 0x7a && group.length === 0) {
      out.push(0, 0, 0, 0);
    } else if (byte >= 0x21 && byte <= 0x75) {
      group.push(byte - 0x21);
      if (group.length === 5) flush(4);
    }
  }
  if (group.length > 1) {
    const count = group.length - 1;
    while (group.length < 5) group.push(84);
    flush(count);
  }
  return Uint8Array.from(out);
}

function fromRuns(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let at = 0; at < bytes.length && bytes[at] !== 128;) {
    const length = bytes[at]!;
    const part =
      length < 128
        ? bytes.subarray(at + 1, at + 2 + length)
        : new Uint8Array(257 - length).fill(bytes[at + 1] ?? 0);
    parts.push(part);
    total += part.length;
    if (total > maxBytes) throw tooLarge();
    at += length < 128 ? length + 2 : 2;
  }
  return Buffer.concat(parts);
}
