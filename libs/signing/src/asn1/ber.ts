import { bufferOf, DerError, tags } from './der.js';
import { tlv } from './encode.js';

/**
 * Turns BER into DER, as far as the form of lengths and of strings goes (X.690, 8.1.3 and 8.7). Some
 * tokens write signatures with indefinite lengths and content in segments; everything else here reads
 * DER only. Values are not touched: whatever is not canonical in them is still refused later.
 */

const maxDepth = 64;
const maxElements = 200_000;
/** Each indefinite length around content costs a copy of it; real signatures have five or six. */
const maxCopies = 16;

/** The DER of one BER element; the same bytes when they are DER in form already. Throws `DerError`. */
export function derOf(bytes: Uint8Array): Buffer {
  const source = bufferOf(bytes);
  const { element, end } = read(source, 0, source.length, {
    depth: 0,
    count: { elements: 0, copied: 0 },
  });
  if (end !== source.length) throw new DerError('something left over', end);
  return element;
}

/** Where the first BER element ends, for elements that lie in a padded place. Throws `DerError`. */
export const berLength = (bytes: Uint8Array): number =>
  read(bufferOf(bytes), 0, bytes.length, { depth: 0, count: { elements: 0, copied: 0 } }).end;

/** How deep and how many: both end. */
interface Extent {
  depth: number;
  count: { elements: number; copied: number };
}

interface Read {
  element: Buffer;
  end: number;
}

function read(source: Buffer, start: number, limit: number, extent: Extent): Read {
  if (extent.depth > maxDepth) throw new DerError('elements nested too deep', start);
  if (++extent.count.elements > maxElements) throw new DerError('too many elements', start);
  if (start + 2 > limit) throw new DerError('an element is missing', start);
  const tag = source[start]!;
  if ((tag & 0x1f) === 0x1f) throw new DerError('a long tag', start);
  const constructed = (tag & 0x20) !== 0;
  const { length, at } = lengthAt(source, start + 1, limit);
  if (length === undefined) {
    if (!constructed) throw new DerError('a primitive of indefinite length', start);
    return assemble(source, { start, at, limit, extent, tag });
  }
  const end = at + length;
  if (end > limit) throw new DerError('an element longer than its place', start);
  if (constructed) return assemble(source, { start, at, end, limit: end, extent, tag });
  return { element: canonical(source, start, at, end, tag), end };
}

/** An element as it is, unless its length has needless octets. */
function canonical(source: Buffer, start: number, at: number, end: number, tag: number): Buffer {
  const octets = at - start - 2;
  const length = end - at;
  const needed = length < 0x80 ? 0 : Math.ceil(length.toString(16).length / 2);
  return octets === needed ? source.subarray(start, end) : tlv(tag, source.subarray(at, end));
}

interface Place {
  start: number;
  at: number;
  /** Missing for an indefinite length. */
  end?: number;
  limit: number;
  extent: Extent;
  tag: number;
}

function assemble(source: Buffer, { start, at, end, limit, extent, tag }: Place): Read {
  const inner = { ...extent, depth: extent.depth + 1 };
  const parts: Buffer[] = [];
  let offset = at;
  let changed = end === undefined;
  while (end === undefined ? !endOfContents(source, offset, limit) : offset < end) {
    const part = read(source, offset, limit, inner);
    changed ||= part.element.length !== part.end - offset;
    parts.push(part.element);
    offset = part.end;
  }
  const close = end ?? offset + 2;
  if (changed && (extent.count.copied += close - at) > maxCopies * source.length) {
    throw new DerError('content wrapped too often', start);
  }
  if (tag === (tags.octetString | 0x20)) {
    return { element: tlv(tags.octetString, ...parts.map(segment)), end: close };
  }
  if (!changed) return { element: canonical(source, start, at, close, tag), end: close };
  return { element: tlv(tag, Buffer.concat(parts)), end: close };
}

/** Contents of a segment, which by now is a primitive OCTET STRING. */
function segment(element: Buffer): Buffer {
  if (element[0] !== tags.octetString) throw new DerError('a segment of another type', 0);
  return element.subarray(element[1]! < 0x80 ? 2 : 2 + (element[1]! & 0x7f));
}

function endOfContents(source: Buffer, at: number, limit: number): boolean {
  if (at + 2 > limit) throw new DerError('no end of contents', at);
  return source[at] === 0 && source[at + 1] === 0;
}

function lengthAt(source: Buffer, at: number, limit: number): { length?: number; at: number } {
  const first = source[at]!;
  if (first === 0x80) return { at: at + 1 };
  if (first < 0x80) return { length: first, at: at + 1 };
  const octets = first & 0x7f;
  if (octets > 6 || at + 1 + octets > limit) throw new DerError('a bad length', at);
  return { length: source.readUIntBE(at + 1, octets), at: at + 1 + octets };
}
