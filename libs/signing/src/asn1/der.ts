/**
 * A strict reader of the Distinguished Encoding Rules (X.690, sections 8, 10 and 11).
 *
 * It reads where the bytes lie and copies nothing: an element knows its place in the source, so that
 * what was signed is hashed byte for byte and never encoded again. Only one encoding of a value is
 * accepted; two readers of one signature must not see two contents.
 */

import { ascending, fewestOctets, maskOf, oidOf } from './primitives.js';

/** Bytes are not the DER they claim to be. `offset` counts from the start of the source. */
export class DerError extends Error {
  override name = 'DerError';
  constructor(
    what: string,
    readonly offset: number,
  ) {
    super(`${what} at byte ${offset}`);
  }
}

/** The identifier octets that the formats of this library use. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
} as const;

/** `[n]` in front of a primitive value (implicit tagging). */
export const context = (number: number): number => 0x80 | number;
/** `[n]` around other elements (explicit tagging, or an implicit SEQUENCE or SET). */
export const contextOf = (number: number): number => 0xa0 | number;

const maxDepth = 64;

/** One element: an identifier, a length and contents, with their places in the source. */
export class Der {
  /**
   * `tag` is the identifier octet; for tag numbers above 30 it is that octet × 2²⁴ + the number.
   * `start` is the first identifier octet, `contentStart` the first content octet, `end` one past.
   */
  constructor(
    readonly source: Buffer,
    readonly tag: number,
    readonly start: number,
    readonly contentStart: number,
    readonly end: number,
    private readonly depth: number,
  ) {}

  /** Reads bytes that are exactly one element. Throws `DerError`. */
  static read(bytes: Uint8Array, tag?: number): Der {
    const reader = new DerReader(bufferOf(bytes), 0, bytes.length, 0);
    const element = reader.next(tag);
    reader.finish();
    return element;
  }

  get length(): number {
    return this.end - this.contentStart;
  }
  /** The content octets, as a view of the source. */
  get content(): Buffer {
    return this.source.subarray(this.contentStart, this.end);
  }
  /** Identifier, length and contents, as a view of the source. */
  get whole(): Buffer {
    return this.source.subarray(this.start, this.end);
  }
  get constructed(): boolean {
    return ((this.tag > 0xff ? this.tag >>> 24 : this.tag) & 0x20) !== 0;
  }

  /** The elements inside a constructed one. */
  inside(): DerReader {
    if (!this.constructed) this.fail('a primitive element has no elements inside');
    return new DerReader(this.source, this.contentStart, this.end, this.depth + 1);
  }

  /** All elements inside, at most `max` of them. */
  list(max = 10_000): Der[] {
    const reader = this.inside();
    const found: Der[] = [];
    while (reader.more) {
      if (found.length === max) this.fail(`more than ${max} elements`);
      found.push(reader.next());
    }
    return found;
  }

  /** The only element inside, as an explicit tag has it. */
  only(tag?: number): Der {
    const reader = this.inside();
    const element = reader.next(tag);
    reader.finish();
    return element;
  }

  /** The same element, after making sure of its tag. */
  must(tag: number): Der {
    if (this.tag !== tag) this.fail(`tag ${hex(this.tag)} where ${hex(tag)} belongs`);
    return this;
  }

  /** The same octets under the tag that an implicit one stands for. */
  as(tag: number): Der {
    return new Der(this.source, tag, this.start, this.contentStart, this.end, this.depth);
  }

  /** Refuses a SET OF whose elements do not ascend as octet strings (X.690, 11.6). */
  mustBeSetOf(max?: number): Der[] {
    const elements = this.list(max);
    return ascending(elements) ? elements : this.fail('a SET OF out of order');
  }

  equals(other: Der): boolean {
    return (
      this.end - this.start === other.end - other.start &&
      this.source.compare(other.source, other.start, other.end, this.start, this.end) === 0
    );
  }

  fail(what: string): never {
    throw new DerError(what, this.start);
  }

  /** BOOLEAN: FF or 00 (X.690, 11.1). */
  boolean(): boolean {
    this.must(tags.boolean);
    const value = this.source[this.contentStart];
    if (this.length !== 1 || (value !== 0 && value !== 0xff)) this.fail('a malformed BOOLEAN');
    return value === 0xff;
  }

  /** The octets of an INTEGER or ENUMERATED, in the fewest octets (X.690, 8.3.2). */
  integerBytes(): Buffer {
    if (this.tag !== tags.integer && this.tag !== tags.enumerated) this.must(tags.integer);
    return fewestOctets(this);
  }

  integer(): bigint {
    const bytes = this.integerBytes();
    const value = BigInt(`0x${bytes.toString('hex')}`);
    return bytes[0]! & 0x80 ? value - (1n << BigInt(8 * bytes.length)) : value;
  }

  /** An INTEGER or ENUMERATED between `min` and `max`, at most 2³¹ − 1. */
  smallInteger(max = 0x7fffffff, min = 0): number {
    const bytes = this.integerBytes();
    const value = bytes.length <= 4 ? bytes.readIntBE(0, bytes.length) : NaN;
    if (!(value >= min && value <= max)) this.fail(`an INTEGER outside ${min}..${max}`);
    return value;
  }

  /** OBJECT IDENTIFIER in dotted form. */
  oid(): string {
    this.must(tags.oid);
    return oidOf(this);
  }

  /** BIT STRING that is a whole number of octets. */
  bitStringBytes(): Buffer {
    this.must(tags.bitString);
    if (this.length === 0 || this.source[this.contentStart] !== 0) {
      this.fail('a BIT STRING that is not whole octets');
    }
    return this.source.subarray(this.contentStart + 1, this.end);
  }

  /**
   * BIT STRING with named bits as a mask, bit 0 the lowest. Trailing zero bits are refused
   * (X.690, 11.2.2), unless the caller takes `needless` ones, and bits beyond 31 too.
   */
  namedBits(needless = false): number {
    return maskOf(this.must(tags.bitString), needless);
  }

  octets(): Buffer {
    return this.must(tags.octetString).content;
  }

  null(): void {
    this.must(tags.null);
    if (this.length !== 0) this.fail('a NULL with contents');
  }
}

/** Walks the elements of one level from left to right. */
export class DerReader {
  constructor(
    readonly source: Buffer,
    public offset: number,
    readonly end: number,
    private readonly depth: number,
  ) {
    if (depth > maxDepth) throw new DerError('elements nested too deep', offset);
  }

  get more(): boolean {
    return this.offset < this.end;
  }

  /** The tag of the next element, −1 at the end; tags above 30 show their first octet only. */
  get tag(): number {
    return this.offset < this.end ? this.source[this.offset]! : -1;
  }

  /** The next element. */
  next(tag?: number): Der {
    const { source, end, offset: start } = this;
    if (start >= end) throw new DerError('an element is missing', start);
    let at = start;
    let identifier = source[at++]!;
    if ((identifier & 0x1f) === 0x1f) {
      const high = highTag(source, at, end);
      identifier = identifier * 0x1000000 + high.number;
      at = high.at;
    }
    if (tag !== undefined && identifier !== tag) {
      throw new DerError(`tag ${hex(identifier)} where ${hex(tag)} belongs`, start);
    }
    let length = at < end ? source[at++]! : 0x80;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > 4 || at + octets > end)
        throw new DerError('a bad length', start);
      length = source.readUIntBE(at, octets);
      if (length < (octets === 1 ? 0x80 : 2 ** (8 * (octets - 1)))) {
        throw new DerError('a length with needless octets', start);
      }
      at += octets;
    }
    if (length > end - at) throw new DerError('an element longer than its place', start);
    this.offset = at + length;
    return new Der(source, identifier, start, at, this.offset, this.depth);
  }

  /** The next element if it has this tag. */
  optional(tag: number): Der | undefined {
    return this.tag === tag ? this.next(tag) : undefined;
  }

  /** Refuses whatever is left. */
  finish(): void {
    if (this.more) throw new DerError('something left over', this.offset);
  }
}

function highTag(source: Buffer, from: number, end: number): { number: number; at: number } {
  let number = 0;
  for (let at = from; at < end && at < from + 3; at++) {
    const octet = source[at]!;
    if (at === from && octet === 0x80) break;
    number = number * 128 + (octet & 0x7f);
    if (octet < 0x80) {
      if (number < 31) break;
      return { number, at: at + 1 };
    }
  }
  throw new DerError('a bad tag number', from - 1);
}

/** The same memory as a Buffer, which compares and searches faster. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const hex = (tag: number) => tag.toString(16).padStart(2, '0');
