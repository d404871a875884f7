import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfName, PdfStream, PdfString, nameOf } from '../reader/objects.js';
import { Parser, PdfKeyword } from '../reader/parser.js';
import type { PdfView } from '../reader/view.js';

/** What shown bytes say; undefined when the font does not tell. */
export type TextOf = (bytes: Uint8Array) => string | undefined;

const maxMapBytes = 1024 * 1024;
const maxMappings = 70_000;
const accents: Record<string, string> = {
  ...{ grave: '\u0300', acute: '\u0301', circumflex: '\u0302', tilde: '\u0303', macron: '\u0304' },
  ...{ breve: '\u0306', dotaccent: '\u0307', dieresis: '\u0308', ring: '\u030a' },
  ...{ hungarumlaut: '\u030b', caron: '\u030c', cedilla: '\u0327', ogonek: '\u0328' },
};
const glyphs: Record<string, string> = {
  ...{ space: ' ', exclam: '!', quotedbl: '"', numbersign: '#', dollar: '$', percent: '%' },
  ...{ ampersand: '&', quotesingle: "'", parenleft: '(', parenright: ')', asterisk: '*' },
  ...{ plus: '+', comma: ',', hyphen: '-', minus: '-', period: '.', slash: '/', colon: ':' },
  ...{ semicolon: ';', less: '<', equal: '=', greater: '>', question: '?', at: '@' },
  ...{ bracketleft: '[', backslash: '\\', bracketright: ']', underscore: '_', braceleft: '{' },
  ...{ bar: '|', braceright: '}', asciitilde: '~', asciicircum: '^', grave: '`', bullet: '•' },
  ...{ endash: '–', emdash: '—', quoteleft: '‘', quoteright: '’', quotedblleft: '“' },
  ...{ quotedblright: '”', Dcroat: 'Đ', dcroat: 'đ', germandbls: 'ß', degree: '°', Euro: '€' },
};
['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'].forEach(
  (name, digit) => (glyphs[name] = String(digit)),
);

/**
 * How a font turns bytes into text: by its ToUnicode map when `trustMap`, else by its encoding
 * (ISO 32000-1, 9.10). The map is a claim of whoever embedded the font, the encoding is what is drawn.
 */
export function fontText(view: PdfView, font: PdfDict, trustMap: boolean): TextOf {
  const map = view.resolve(font.get('ToUnicode'));
  const composite = nameOf(view.resolve(font.get('Subtype'))) === 'Type0';
  if (trustMap && map instanceof PdfStream) {
    const codes = readMap(view, map);
    return (bytes) => mappedText(bytes, codes, composite ? 2 : 1);
  }
  return composite ? () => undefined : encodedText(view, font);
}

/** Code of each character of a font with two bytes a code, by its ToUnicode map. */
export function fontCodes(view: PdfView, font: PdfDict): Map<string, number> {
  const map = view.resolve(font.get('ToUnicode'));
  if (!(map instanceof PdfStream)) return new Map();
  const codes = readMap(view, map);
  return new Map([...codes].map(([code, text]) => [text, code]));
}

function mappedText(
  bytes: Uint8Array,
  codes: Map<number, string>,
  width: number,
): string | undefined {
  let text = '';
  for (let at = 0; at + width <= bytes.length; at += width) {
    const code = width === 2 ? bytes[at]! * 256 + bytes[at + 1]! : bytes[at]!;
    const char = codes.get(code);
    if (char === undefined) return undefined;
    text += char;
  }
  return text;
}

function encodedText(view: PdfView, font: PdfDict): TextOf {
  const encoding = view.resolve(font.get('Encoding'));
  const dict = encoding instanceof PdfDict ? encoding : undefined;
  const base = nameOf(dict ? view.resolve(dict.get('BaseEncoding')) : encoding);
  const decoder = new TextDecoder(base === 'MacRomanEncoding' ? 'macintosh' : 'windows-1252');
  const differences = new Map<number, string>();
  let code = 0;
  for (const item of view.array(dict?.get('Differences')) ?? []) {
    const value = view.resolve(item);
    if (typeof value === 'number') code = value;
    else if (value instanceof PdfName) {
      differences.set(code, glyphText(value.text) ?? '\ufffd');
      code += 1;
    }
  }
  return (bytes) =>
    Array.from(bytes, (byte) => {
      return differences.get(byte) ?? decoder.decode(Uint8Array.of(byte));
    }).join('');
}

function glyphText(name: string): string | undefined {
  if (name.length === 1) return name;
  const known = Object.hasOwn(glyphs, name) ? glyphs[name] : undefined;
  if (known) return known;
  const [, hex] = /^u(?:ni)?([0-9A-F]{4,6})$/.exec(name) ?? [];
  if (hex) return String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff));
  const accent = accents[name.slice(1)];
  return accent ? `${name[0]}${accent}`.normalize('NFC') : undefined;
}

/** Reads `bfchar` and `bfrange` of a ToUnicode map. */
function readMap(view: PdfView, map: PdfStream): Map<number, string> {
  const bytes = view.decode(map, maxMapBytes);
  const { effort } = view.store;
  const codes = new Map<number, string>();
  const parser = new Parser(bytes, 0, bytes.length, false, effort);
  let operands: unknown[] = [];
  for (;;) {
    const item = parser.next();
    if (!(item instanceof PdfKeyword)) {
      operands.push(item);
      if (operands.length > maxMappings)
        throw new PdfError('too-complex', 'A font map is too long');
      continue;
    }
    if (item.text === '') return codes;
    if (item.text === 'endbfchar') {
      for (let at = 0; at + 1 < operands.length; at += 2) {
        put(codes, codeOf(operands[at]), textOfCode(operands[at + 1]));
      }
    }
    if (item.text === 'endbfrange') {
      for (let at = 0; at + 2 < operands.length; at += 3)
        putRange(codes, operands.slice(at, at + 3));
    }
    operands = [];
  }
}

function putRange(codes: Map<number, string>, [from, to, target]: unknown[]): void {
  const first = codeOf(from);
  const last = Math.min(codeOf(to), first + 0xffff);
  for (let code = first; code <= last && codes.size < maxMappings; code += 1) {
    if (Array.isArray(target)) put(codes, code, textOfCode(target[code - first]));
    else {
      const text = textOfCode(target);
      const head = text?.slice(0, -1) ?? '';
      const tail = (text?.charCodeAt(text.length - 1) ?? 0) + code - first;
      put(codes, code, text && head + String.fromCharCode(tail));
    }
  }
}

function put(codes: Map<number, string>, code: number, text: string | undefined): void {
  if (text !== undefined && code >= 0 && codes.size < maxMappings) codes.set(code, text);
}

const codeOf = (value: unknown): number =>
  value instanceof PdfString ? value.bytes.reduce((code, byte) => code * 256 + byte, 0) : -1;

const textOfCode = (value: unknown): string | undefined =>
  value instanceof PdfString ? new TextDecoder('utf-16be').decode(value.bytes) : undefined;
