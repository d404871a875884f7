import { foldField, isPlain } from './text.js';

/** Octets of one piece of a long parameter (RFC 2231, 3). */
const room = 55;
const token = /^[A-Za-z0-9!#$&+\-.^_`{|}~]+$/;
const attributeChar = /[A-Za-z0-9!#$&+\-.^_`{|}~]/;

function percent(char: string): string {
  if (attributeChar.test(char)) return char;
  return [...Buffer.from(char)]
    .map((octet) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

function parameterPieces(name: string, value: string): string[] {
  if (isPlain(value) && value.length <= room && !/=\?|\t|^ | $/.test(value)) {
    const written = token.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
    return [`${name}=${written}`];
  }
  const pieces: string[] = [];
  let piece = "utf-8''";
  for (const char of value) {
    const written = percent(char);
    if (piece.length + written.length > room) {
      pieces.push(piece);
      piece = '';
    }
    piece += written;
  }
  pieces.push(piece);
  if (pieces.length === 1) return [`${name}*=${pieces[0]}`];
  return pieces.map((each, index) => `${name}*${index}*=${each}`);
}

/** A structured field with parameters in full; values are text checked before. */
export function writeParameterised(
  name: string,
  value: string,
  parameters: readonly [name: string, value: string][],
  property: string,
): string {
  const pieces = [value, ...parameters.flatMap(([each, text]) => parameterPieces(each, text))];
  const last = pieces.length - 1;
  return foldField(
    name,
    pieces.map((piece, index) => ` ${piece}${index < last ? ';' : ''}`),
    property,
  );
}
