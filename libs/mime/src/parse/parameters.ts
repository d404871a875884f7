import { decodeCharset } from '../content/charset.js';
import { decodeEncodedWords } from '../header/encoded-words.js';
import { unfold } from '../header/unfold.js';

/** A structured value with parameters (RFC 2045, 5.1; RFC 2183; RFC 2231). */
export interface Parameterised {
  /** What stands before the parameters, without comments. */
  value: string;
  /** Names in lower case; the first of a name counts. */
  parameters: Map<string, string>;
}

const inWhite = (code: number) => code === 32 || code === 9 || code === 13 || code === 10;

/** After the comment that begins at `at`, nested ones and all; the end where it never ends. */
function afterComment(text: string, at: number): number {
  let depth = 0;
  for (; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return at + 1;
  }
  return text.length;
}

/**
 * One stretch up to the next semicolon, or equals sign for a name. Comments are taken out; but from
 * a value only where nothing follows them: in `a (1).pdf`, which nobody quoted, they are none.
 */
function readStretch(
  text: string,
  start: number,
  kind: 'type' | 'name' | 'value',
): [written: string, next: number] {
  const stop = kind === 'name' ? '=' : ';';
  let at = start;
  let plain = '';
  let kept = '';
  let commented = false;
  let solid = false;
  while (at < text.length && text[at] !== ';' && text[at] !== stop) {
    const char = text[at]!;
    if (char === '"') {
      const [quoted, next] = readQuoted(text, at);
      plain += quoted;
      kept += quoted;
      at = next;
    } else if (char === '(') {
      const next = afterComment(text, at);
      kept += text.slice(at, next);
      commented = true;
      at = next;
    } else {
      const blank = inWhite(char.charCodeAt(0));
      if (kind === 'value' && commented && !blank && solid) plain = kept;
      if (!blank) {
        commented = false;
        solid = true;
      }
      plain += char;
      kept += char;
      at++;
    }
  }
  return [plain.trim(), at];
}

function readQuoted(text: string, start: number): [value: string, next: number] {
  let value = '';
  let from = start + 1;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"') return [value + text.slice(from, at), at + 1];
    if (char === '\\' && at + 1 < text.length) {
      value += text.slice(from, at);
      from = ++at;
    }
  }
  return [value + text.slice(from), text.length];
}

/** Pieces of one parameter (RFC 2231, 3 and 4). */
type Pieces = Map<number, { text: string; encoded: boolean }>;

/** Reads a value with parameters; whatever cannot be read is left out. */
export function readParameterised(raw: string): Parameterised {
  const text = unfold(raw);
  const [value, next] = readStretch(text, 0, 'type');
  const parameters = new Map<string, string>();
  const pieces = new Map<string, Pieces>();
  for (let at = next + 1; at < text.length; at++) {
    const [name, afterName] = readStretch(text, at, 'name');
    if (text[afterName] !== '=') {
      at = afterName;
      continue;
    }
    const [written, end] = readStretch(text, afterName + 1, 'value');
    at = end;
    keep(name.toLowerCase(), written, parameters, pieces);
  }
  for (const [name, found] of pieces) {
    const joined = joinPieces(found);
    if (joined !== undefined) parameters.set(name, joined);
  }
  return { value, parameters };
}

function keep(
  name: string,
  written: string,
  parameters: Map<string, string>,
  pieces: Map<string, Pieces>,
): void {
  const extended = /^([^*]+)(?:\*(\d{1,4}))?(\*?)$/.exec(name);
  if (!extended) return;
  const [, base, number, star] = extended;
  if (number === undefined && star === '') {
    if (!parameters.has(name)) parameters.set(name, written);
    return;
  }
  const found = pieces.get(base!) ?? new Map();
  pieces.set(base!, found);
  // A whole value counts before one in pieces: it stands in the place before the first.
  const place = number === undefined ? -1 : Number(number);
  if (!found.has(place)) found.set(place, { text: written, encoded: star === '*' });
}

function percentOctets(text: string): Buffer {
  const octets = Buffer.from(text, 'utf8');
  let length = 0;
  for (let at = 0; at < octets.length; at++) {
    const hex = octets[at] === 37 ? octets.toString('latin1', at + 1, at + 3) : '';
    if (/^[\da-f]{2}$/i.test(hex)) {
      octets[length++] = parseInt(hex, 16);
      at += 2;
    } else {
      octets[length++] = octets[at]!;
    }
  }
  return octets.subarray(0, length);
}

function joinPieces(pieces: Pieces): string | undefined {
  const order = pieces.has(-1) ? [pieces.get(-1)!] : [];
  if (order.length === 0) for (let n = 0; pieces.has(n); n++) order.push(pieces.get(n)!);
  const first = order[0];
  if (!first) return undefined;
  const declared = first.encoded ? /^([^']*)'[^']*'/.exec(first.text) : null;
  const octets = order.map(({ text, encoded }, index) => {
    const rest = index === 0 && declared ? text.slice(declared[0].length) : text;
    return encoded ? percentOctets(rest) : Buffer.from(rest, 'utf8');
  });
  return decodeCharset(Buffer.concat(octets), declared?.[1] || 'utf-8').value;
}

/**
 * A name of a file as people wrote it: also in encoded words, which RFC 2047 forbids here and many
 * programs write all the same (RFC 8621, 4.1.4).
 */
export function fileNameOf(parameters: Map<string, string>, key: string): string | undefined {
  const written = parameters.get(key);
  if (written === undefined) return undefined;
  return decodeEncodedWords(written).normalize('NFC');
}
