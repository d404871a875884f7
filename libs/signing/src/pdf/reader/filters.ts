import { inflateRawSync, inflateSync, constants } from 'node:zlib';
import { PdfError } from '../pdf-error.js';
import type { Effort } from './effort.js';
import { Expanded, expandLzw, fromBase85, fromHex, fromRuns, tooLarge } from './expanders.js';
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
  effort: Effort,
): Uint8Array {
  const filters = listOf(resolve(dict.get('Filter') ?? dict.get('F')), resolve).map(nameOf);
  const parameters = listOf(resolve(dict.get('DecodeParms') ?? dict.get('DP')), resolve);
  if (filters.length > maxFilters)
    throw new PdfError('too-complex', 'A stream has too many filters');
  let result = bytes;
  effort.spend(bytes.length >> 4);
  filters.forEach((name = '', index) => {
    const own = parameters[index];
    const read = (key: string, otherwise: number) =>
      (own instanceof PdfDict ? integerOf(resolve(own.get(key))) : undefined) ?? otherwise;
    const expected = Math.min(2 * result.length, maxBytes);
    const out = () => new Expanded(expected, maxBytes, effort);
    result = decode(abbreviations[name] ?? name, result, read, { maxBytes, effort, out });
    if (result.length > maxBytes) throw tooLarge();
  });
  return result;
}

function listOf(value: PdfValue, resolve: Resolve): PdfValue[] {
  if (value === null) return [];
  return Array.isArray(value) ? value.map(resolve) : [value];
}

/** What may come out of a filter. */
interface Room {
  maxBytes: number;
  effort: Effort;
  out: () => Expanded;
}

function decode(
  filter: string,
  bytes: Uint8Array,
  read: (key: string, otherwise: number) => number,
  { maxBytes, effort, out }: Room,
): Uint8Array {
  switch (filter) {
    case 'FlateDecode':
      return unpredict(inflate(bytes, maxBytes, effort), read, effort);
    case 'LZWDecode':
      return unpredict(expandLzw(bytes, read('EarlyChange', 1), out()), read, effort);
    case 'ASCIIHexDecode':
      return fromHex(bytes, out());
    case 'ASCII85Decode':
      return fromBase85(bytes, out());
    case 'RunLengthDecode':
      return fromRuns(bytes, out());
    case 'Crypt':
      return bytes;
    default:
      throw new PdfError('unsupported', `The filter ${filter.slice(0, 40)} is not decoded here`);
  }
}

function inflate(bytes: Uint8Array, maxBytes: number, effort: Effort): Uint8Array {
  const whole = inflated(bytes, maxBytes);
  effort.spend(whole.length >> 3);
  return whole;
}

function inflated(bytes: Uint8Array, maxBytes: number): Uint8Array {
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
  effort: Effort,
): Uint8Array {
  const predictor = read('Predictor', 1);
  if (predictor <= 1) return bytes;
  effort.spend(bytes.length);
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
  const out = new Uint8Array(Math.min(rows * row, bytes.length));
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
