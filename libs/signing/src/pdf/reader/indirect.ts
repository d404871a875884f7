import { find, isDigit, isWhite, standsAt } from './characters.js';
import type { Effort } from './effort.js';
import { PdfDict, PdfStream, type PdfValue } from './objects.js';
import { Parser } from './parser.js';

/** An object with its header, as it stands in the file. */
export interface IndirectObject {
  number: number;
  generation: number;
  value: PdfValue;
  /** The first digit of its number, and one past what was read: `endobj` when it is there. */
  start: number;
  end: number;
  /** True when its stream had a wrong length. */
  forgiven: boolean;
}

/**
 * Reads `12 0 obj …` at the place, or returns undefined when no object begins there.
 * `lengthOf` resolves the length of a stream when it is a reference; undefined when it cannot.
 */
export function readIndirect(
  bytes: Uint8Array,
  place: number,
  lengthOf: (value: PdfValue | undefined) => number | undefined,
  effort?: Effort,
): IndirectObject | undefined {
  const header = readHeader(bytes, place);
  if (!header) return undefined;
  const parser = new Parser(bytes, header.end, bytes.length, true, effort);
  let value = parser.value();
  let forgiven = false;
  if (value instanceof PdfDict && parser.takes('stream')) {
    const length = value.get('Length');
    const found = streamRange(
      bytes,
      parser.position,
      typeof length === 'number' ? length : lengthOf(length),
    );
    value = new PdfStream(value, bytes.subarray(found.start, found.end));
    parser.position = found.after;
    forgiven = found.forgiven;
    effort?.spend(found.searched >> 3);
  }
  parser.takes('endobj');
  const { number, generation, start } = header;
  return { number, generation, value, start, end: parser.position, forgiven };
}

/** `12 0 obj` at the place (white space before it is skipped): its numbers and one past `obj`. */
export function readHeader(
  bytes: Uint8Array,
  place: number,
): { number: number; generation: number; start: number; end: number } | undefined {
  let position = place;
  const skipWhite = () => {
    while (isWhite(bytes[position])) position += 1;
  };
  const digits = () => {
    let value = 0;
    const start = position;
    while (isDigit(bytes[position]) && position - start < 11) {
      value = value * 10 + bytes[position]! - 0x30;
      position += 1;
    }
    return position === start ? undefined : value;
  };
  skipWhite();
  const start = position;
  const number = digits();
  skipWhite();
  const generation = digits();
  skipWhite();
  if (number === undefined || generation === undefined) return undefined;
  if (!standsAt(bytes, position, 'obj')) return undefined;
  return { number, generation, start, end: position + 3 };
}

function streamRange(bytes: Uint8Array, place: number, length: number | undefined) {
  let start = place;
  // Spaces after the keyword are a common slip; then CR LF, LF, or a lone CR.
  while (bytes[start] === 0x20) start += 1;
  if (bytes[start] === 13) start += bytes[start + 1] === 10 ? 2 : 1;
  else if (bytes[start] === 10) start += 1;
  if (length !== undefined && length >= 0 && start + length <= bytes.length) {
    let end = start + length;
    while (isWhite(bytes[end]) && end < start + length + 4) end += 1;
    if (standsAt(bytes, end, 'endstream')) {
      return { start, end: start + length, after: end + 9, forgiven: false, searched: 0 };
    }
  }
  let end = find(bytes, 'endstream', start);
  const after = end < 0 ? -1 : end + 9;
  const searched = (end < 0 ? bytes.length : end) - start;
  if (end < 0) end = find(bytes, 'endobj', start);
  if (end < 0) end = bytes.length;
  const stop = end;
  if (bytes[end - 1] === 10 && end > start) end -= 1;
  if (bytes[end - 1] === 13 && end > start) end -= 1;
  return { start, end, after: after < 0 ? stop : after, forgiven: true, searched };
}
