import { PdfError } from '../pdf-error.js';
import { costs, type Effort } from './effort.js';
import { hexValue, isDelimiter, isDigit, isRegular, isWhite, standsAt } from './characters.js';
import { PdfDict, PdfName, PdfRef, PdfString, type PdfValue } from './objects.js';
import { hexString, literalString } from './strings.js';
import { internedName, numberOf } from './tokens.js';

/** A word that is no object: `obj`, `stream`, an operator of a content stream, or the end of the bytes. */
export class PdfKeyword {
  constructor(readonly text: string) {}
}

const endOfBytes = new PdfKeyword('');
const closeArray = new PdfKeyword(']');
const closeDict = new PdfKeyword('>>');
const maxDepth = 200;
const maxKeys = 100_000;
const longName = 256;

/**
 * Reads objects one after another. It forgives what common producers get wrong (odd white space,
 * missing values, unknown words in arrays) and gives up on nesting deeper than 200.
 */
export class Parser {
  constructor(
    readonly bytes: Uint8Array,
    public position = 0,
    readonly end = bytes.length,
    private readonly references = true,
    private readonly effort?: Effort,
  ) {}

  skipWhite(): void {
    const { bytes, end } = this;
    for (;;) {
      while (this.position < end && isWhite(bytes[this.position])) this.position += 1;
      if (bytes[this.position] !== 0x25 || this.position >= end) return;
      while (this.position < end && bytes[this.position] !== 10 && bytes[this.position] !== 13) {
        this.position += 1;
      }
    }
  }

  /** The next object or keyword; a keyword with empty text at the end of the bytes. */
  next(depth = 0): PdfValue | PdfKeyword {
    if (depth > maxDepth) throw new PdfError('too-complex', 'Objects are nested too deep');
    const from = this.position;
    this.skipWhite();
    this.effort?.spend(this.position - from + 1);
    if (this.position >= this.end) return endOfBytes;
    const at = this.position;
    const byte = this.bytes[at]!;
    if (byte === 0x2f) return this.paid(this.name(), at);
    if (byte === 0x28) return this.string(literalString(this.bytes, this.position, this.end));
    if (byte === 0x3c) {
      if (this.bytes[this.position + 1] === 0x3c) return this.dict(depth);
      return this.string(hexString(this.bytes, this.position, this.end));
    }
    if (byte === 0x5b) return this.array(depth);
    if (byte === 0x5d) return this.skip(1, closeArray);
    if (byte === 0x3e) {
      return this.bytes[this.position + 1] === 0x3e
        ? this.skip(2, closeDict)
        : this.skip(1, new PdfKeyword('>'));
    }
    if (isDelimiter(byte)) return this.skip(1, new PdfKeyword(String.fromCharCode(byte)));
    return this.paid(this.numberOrWord(), at);
  }

  private paid<T>(value: T, from: number): T {
    this.effort?.spend(this.position - from + costs.token);
    return value;
  }

  /** The next object; null where a keyword stands instead. */
  value(): PdfValue {
    const value = this.next();
    return value instanceof PdfKeyword ? null : value;
  }

  private skip<T>(count: number, token: T): T {
    this.position += count;
    return token;
  }

  private name(): PdfName {
    let text = '';
    const start = this.position + 1;
    this.position = start;
    while (this.position < this.end && isRegular(this.bytes[this.position])) {
      if (this.position - start >= longName) return this.longName(text);
      let byte = this.bytes[this.position]!;
      const high = byte === 0x23 ? hexValue(this.bytes[this.position + 1]) : -1;
      const low = high >= 0 ? hexValue(this.bytes[this.position + 2]) : -1;
      if (low >= 0) {
        byte = high * 16 + low;
        this.position += 2;
      }
      text += String.fromCharCode(byte);
      this.position += 1;
    }
    return internedName(text);
  }

  /** The rest of a name that is too long to be put together byte by byte. */
  private longName(head: string): PdfName {
    const { bytes, end, position } = this;
    while (this.position < end && isRegular(bytes[this.position])) this.position += 1;
    const rest = Buffer.alloc(this.position - position);
    let length = 0;
    for (let at = position; at < this.position; at += 1) {
      const high = bytes[at] === 0x23 && at + 2 < this.position ? hexValue(bytes[at + 1]) : -1;
      const low = high >= 0 ? hexValue(bytes[at + 2]) : -1;
      rest[length] = low >= 0 ? high * 16 + low : bytes[at]!;
      length += 1;
      if (low >= 0) at += 2;
    }
    return new PdfName(head + rest.toString('latin1', 0, length));
  }

  private string(value: PdfString): PdfString {
    this.effort?.spend(value.end - value.start + costs.string);
    this.position = value.end;
    return value;
  }

  private array(depth: number): PdfValue[] {
    const items: PdfValue[] = [];
    this.effort?.spend(costs.array);
    this.position += 1;
    for (;;) {
      const item = this.next(depth + 1);
      if (!(item instanceof PdfKeyword)) items.push(item);
      else if (item === closeArray || item === endOfBytes) return items;
      else if (this.endsObject(item)) return items;
    }
  }

  private dict(depth: number): PdfDict {
    const dict = new PdfDict();
    this.effort?.spend(costs.dict);
    this.position += 2;
    for (;;) {
      const key = this.next(depth + 1);
      if (key instanceof PdfKeyword) {
        if (key === closeDict || key === endOfBytes || this.endsObject(key)) return dict;
        continue;
      }
      if (!(key instanceof PdfName)) continue;
      this.effort?.spend(costs.key);
      const before = this.position;
      const value = this.next(depth + 1);
      if (dict.has(key.text)) (dict.repeated ??= []).push(key.text);
      if (dict.size > maxKeys) throw new PdfError('too-complex', 'A dictionary has too many keys');
      if (!(value instanceof PdfKeyword)) dict.set(key.text, value);
      else {
        dict.set(key.text, null);
        this.position = before;
      }
    }
  }

  /** A missing bracket must not swallow the rest of the file: step back before the closing word. */
  private endsObject(word: PdfKeyword): boolean {
    if (word.text !== 'endobj' && word.text !== 'stream' && word.text !== 'endstream') return false;
    this.position -= word.text.length;
    return true;
  }

  private numberOrWord(): PdfValue | PdfKeyword {
    const start = this.position;
    const plain = this.digits();
    if (plain >= 0) return (this.references && this.reference(plain)) || plain;
    const first = this.bytes[start]!;
    let position = start;
    while (position < this.end && isRegular(this.bytes[position])) position += 1;
    this.position = position;
    const text = this.text(start, position);
    if (isDigit(first) || first === 0x2b || first === 0x2d || first === 0x2e) {
      const word = text.search(/[a-z]/i);
      if (word > 0) this.position = start + word;
      return numberOf(text);
    }
    if (text === 'true') return true;
    if (text === 'false') return false;
    return text === 'null' ? null : new PdfKeyword(text);
  }

  /** A whole number of at most 15 digits and nothing else; -1, and not moved, for anything else. */
  private digits(): number {
    const { bytes, end } = this;
    let position = this.position;
    let value = 0;
    while (position < end && isDigit(bytes[position])) {
      value = value * 10 + bytes[position]! - 0x30;
      position += 1;
    }
    const count = position - this.position;
    if (count === 0 || count > 15 || (position < end && isRegular(bytes[position]))) return -1;
    this.position = position;
    return value;
  }

  /** `12 0 R`: the object number is read, the generation and the R may follow. */
  private reference(number: number): PdfRef | undefined {
    const before = this.position;
    this.skipWhite();
    const generation = this.position < this.end ? this.digits() : -1;
    const gap = this.position;
    if (generation >= 0) this.skipWhite();
    const { position } = this;
    const found =
      generation >= 0 &&
      generation < 100_000 &&
      position > gap &&
      position < this.end &&
      this.bytes[position] === 0x52 &&
      !(position + 1 < this.end && isRegular(this.bytes[position + 1]));
    this.position = found ? position + 1 : before;
    if (found) this.effort?.spend(costs.reference);
    return found ? new PdfRef(number, generation) : undefined;
  }

  private text(start: number, end: number): string {
    let text = '';
    for (let index = start; index < Math.min(end, start + 256); index += 1) {
      text += String.fromCharCode(this.bytes[index]!);
    }
    return text;
  }

  /** True when the word stands here after white space; it is then behind us. */
  takes(word: string): boolean {
    this.skipWhite();
    if (!standsAt(this.bytes, this.position, word)) return false;
    this.position += word.length;
    return true;
  }
}
