import { isDelimiter, isRegular } from '../reader/characters.js';
import {
  PdfDict,
  PdfName,
  PdfRaw,
  PdfRef,
  PdfStream,
  PdfString,
  type PdfValue,
} from '../reader/objects.js';

/** How text and streams are sealed in an encrypted document. */
export interface Seal {
  string(bytes: Uint8Array): Uint8Array;
  stream(bytes: Uint8Array): Uint8Array;
}

/** Collects bytes and knows how many there are. */
export class ByteSink {
  private readonly parts: Uint8Array[] = [];
  constructor(public length = 0) {}

  write(part: string | Uint8Array): void {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
    this.parts.push(bytes);
    this.length += bytes.length;
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** Writes an object in the syntax of ISO 32000-1, 7.3. */
export function writeValue(sink: ByteSink, value: PdfValue, seal?: Seal): void {
  if (value instanceof PdfStream) return writeStream(sink, value, seal);
  if (value instanceof PdfDict) return writeDict(sink, value, seal);
  if (Array.isArray(value)) {
    sink.write('[');
    value.forEach((item, index) => {
      if (index > 0) sink.write(' ');
      writeValue(sink, item, seal);
    });
    return sink.write(']');
  }
  if (value instanceof PdfRaw) {
    value.writtenAt = sink.length;
    return sink.write(value.text);
  }
  if (value instanceof PdfString) return writeString(sink, value, seal);
  if (value instanceof PdfName) return sink.write(nameText(value.text));
  if (value instanceof PdfRef) return sink.write(`${value.number} ${value.generation} R`);
  sink.write(typeof value === 'number' ? numberText(value) : String(value));
}

function writeDict(sink: ByteSink, dict: PdfDict, seal?: Seal): void {
  sink.write('<<');
  for (const [key, value] of dict) {
    sink.write(`${nameText(key)} `);
    writeValue(sink, value, seal);
    sink.write('\n');
  }
  sink.write('>>');
}

function writeStream(sink: ByteSink, stream: PdfStream, seal?: Seal): void {
  const sealed = seal ? seal.stream(stream.bytes) : stream.bytes;
  const dict = new PdfDict(stream.dict).set('Length', sealed.length) as PdfDict;
  writeDict(sink, dict, seal);
  sink.write('\nstream\n');
  sink.write(sealed);
  sink.write('\nendstream');
}

function writeString(sink: ByteSink, { bytes, hex }: PdfString, seal?: Seal): void {
  const sealed = seal ? seal.string(bytes) : bytes;
  const plain = !hex && sealed.every((byte) => byte >= 0x20 && byte <= 0x7e);
  if (!plain) return sink.write(`<${Buffer.from(sealed).toString('hex')}>`);
  sink.write(
    `(${Buffer.from(sealed)
      .toString('latin1')
      .replace(/[()\\]/g, '\\$&')})`,
  );
}

/** A number without an exponent, which PDF does not know. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '0';
  const text = String(value);
  if (!text.includes('e')) return text;
  return Math.abs(value) < 1 ? value.toFixed(10) : BigInt(Math.round(value)).toString();
}

function nameText(text: string): string {
  let out = '/';
  for (const char of text) {
    const byte = char.charCodeAt(0);
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x23 && isRegular(byte);
    out += plain && !isDelimiter(byte) ? char : `#${byte.toString(16).padStart(2, '0')}`;
  }
  return out;
}
