/** The objects a PDF is made of (ISO 32000-1, 7.3), as read. Text stays bytes until someone asks. */
export type PdfValue =
  | null
  | boolean
  | number
  | PdfName
  | PdfString
  | PdfRef
  | PdfValue[]
  | PdfDict
  | PdfStream
  | PdfRaw;

/** A name; `#xx` is decoded, each char is one byte. */
export class PdfName {
  constructor(readonly text: string) {}
}

/** A string. `start` and `end` enclose its token in the file, delimiters included. */
export class PdfString {
  /** @param unescape reads the token from the source, once somebody asks; without it the bytes are there. */
  constructor(
    private source: Uint8Array,
    readonly start = -1,
    readonly end = -1,
    readonly hex = false,
    private unescape?: (source: Uint8Array, start: number, end: number) => Uint8Array,
  ) {}

  /** What the string says, unescaped. */
  get bytes(): Uint8Array {
    if (this.unescape) this.source = this.unescape(this.source, this.start, this.end);
    this.unescape = undefined;
    return this.source;
  }
}

/** An indirect reference: object number and generation. */
export class PdfRef {
  constructor(
    readonly number: number,
    readonly generation = 0,
  ) {}
}

/** A dictionary; of a repeated key the last value counts, and the key is remembered in `repeated`. */
export class PdfDict extends Map<string, PdfValue> {
  repeated?: string[];

  static of(entries: Record<string, PdfValue | undefined>): PdfDict {
    const dict = new PdfDict();
    for (const [key, value] of Object.entries(entries)) {
      if (value !== undefined) dict.set(key, value);
    }
    return dict;
  }
}

/** A stream: its dictionary and its bytes, still encoded; `raw` are the bytes as they lie in the file. */
export class PdfStream {
  constructor(
    readonly dict: PdfDict,
    readonly raw: Uint8Array,
    private readonly decrypt?: (bytes: Uint8Array) => Uint8Array,
  ) {}

  get bytes(): Uint8Array {
    return this.decrypt ? this.decrypt(this.raw) : this.raw;
  }
}

/** Bytes to be written as they stand, such as room left for a signature; never read from a file. */
export class PdfRaw {
  /** The place of its first byte in what was written, once it was. */
  writtenAt = -1;
  constructor(readonly text: string) {}
}

/** The text of a name, or undefined for anything else. */
export const nameOf = (value: PdfValue | undefined): string | undefined =>
  value instanceof PdfName ? value.text : undefined;

/** A whole number, or undefined for anything else. */
export const integerOf = (value: PdfValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;

const docEncoding: Record<number, string> = {};
[...'˘ˇˆ˙˝˛˚˜'].forEach((char, index) => (docEncoding[0x18 + index] = char));
[...'•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž'].forEach((char, index) => {
  docEncoding[0x80 + index] = char;
});
docEncoding[0xa0] = '€';

/** A text string (ISO 32000-2, 7.9.2.2): UTF-16 or UTF-8 with a byte order mark, else PDFDocEncoding. */
export function textOf(value: PdfValue | undefined): string | undefined {
  if (!(value instanceof PdfString)) return undefined;
  const bytes = Buffer.from(value.bytes.buffer, value.bytes.byteOffset, value.bytes.length);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return new TextDecoder('utf-16be').decode(bytes.subarray(2));
  }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return bytes.subarray(3).toString('utf8');
  }
  const plain = bytes.toString('latin1');
  if (/^[\t-~]*$/.test(plain)) return plain;
  return Array.from(bytes, (byte) => docEncoding[byte] ?? String.fromCharCode(byte)).join('');
}

/** A text string as written in a file: ASCII as it is, anything else UTF-16BE. */
export function textString(text: string): PdfString {
  const plain = /^[\x20-\x7e]*$/.test(text);
  if (plain) return new PdfString(Buffer.from(text, 'latin1'));
  return new PdfString(Buffer.from(`\ufeff${text}`, 'utf16le').swap16());
}
