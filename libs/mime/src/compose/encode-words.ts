import { isPlain } from './text.js';

/** Encoded text that one word takes: 75 characters in all, 76 in a line (RFC 2047, 2). */
const room = 75 - '=?utf-8?q??='.length;
const leastRoom = 20;
const qSafe = /[A-Za-z0-9!*+\-/]/;

function qEncoded(text: string): string {
  let encoded = '';
  for (const octet of Buffer.from(text)) {
    const char = String.fromCharCode(octet);
    if (octet === 32) encoded += '_';
    else if (octet < 128 && qSafe.test(char)) encoded += char;
    else encoded += `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

const bLength = (octets: number) => Math.ceil(octets / 3) * 4;

/**
 * Text as encoded words, whichever encoding is shorter; no character is cut apart. The first word
 * leaves so many characters of its line to what stands before it.
 */
export function encodedWords(text: string, before = 0): string[] {
  const asQ = qEncoded(text).length <= bLength(Buffer.byteLength(text));
  const lengthOf = (piece: string) =>
    asQ ? qEncoded(piece).length : bLength(Buffer.byteLength(piece));
  const words: string[] = [];
  let piece = '';
  let length = 0;
  const flush = () => {
    const written = asQ ? qEncoded(piece) : Buffer.from(piece).toString('base64');
    words.push(`=?utf-8?${asQ ? 'q' : 'b'}?${written}?=`);
    piece = '';
  };
  for (const char of text) {
    // Base64 pads only at the end, so what it takes is counted anew; a piece is short.
    length = asQ ? length + lengthOf(char) : lengthOf(piece + char);
    const limit = words.length === 0 ? Math.max(leastRoom, room - before) : room;
    if (length > limit && piece !== '') {
      flush();
      length = lengthOf(char);
    }
    piece += char;
  }
  flush();
  return words;
}

const longestWord = 70;

function mustEncode(word: string): boolean {
  return !isPlain(word) || word.includes('=?') || word.length > longestWord;
}

/**
 * Pieces of unstructured text (RFC 5322, 2.2.1), each with the white space before it. Words that
 * cannot stand as they are become encoded words, together with those beside them that cannot.
 * `before` is the length of the name of the field.
 */
export function textPieces(text: string, before: number): string[] {
  if (text === '') return [' '];
  if (/^\s|\s$|\s{40}/.test(text)) return encodedWords(text, before).map((word) => ` ${word}`);
  const tokens = text.split(/([ \t]+)/);
  const pieces: string[] = [];
  for (let at = 0; at < tokens.length; at += 2) {
    const gap = at === 0 ? ' ' : tokens[at - 1]!;
    const used = at === 0 ? before : 0;
    let word = tokens[at]!;
    if (!mustEncode(word)) {
      pieces.push(gap + word);
      continue;
    }
    for (; at + 2 < tokens.length && mustEncode(tokens[at + 2]!); at += 2) {
      word += tokens[at + 1]! + tokens[at + 2]!;
    }
    const [first, ...rest] = encodedWords(word, used);
    pieces.push(gap + first!, ...rest.map((each) => ` ${each}`));
  }
  return pieces;
}
