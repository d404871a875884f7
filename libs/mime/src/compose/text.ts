import { ComposeError } from './compose-error.js';

const forbidden = /[\0-\x08\x0a-\x1f\x7f\u2028\u2029]/;

/** Text that may stand in a header: NFC, nothing in it can begin another line. */
export function headerText(value: unknown, property: string): string {
  if (typeof value !== 'string') throw new ComposeError(property, 'must be a string');
  if (forbidden.test(value)) {
    throw new ComposeError(property, 'must not hold line breaks, NUL or other control characters');
  }
  if (!value.isWellFormed()) throw new ComposeError(property, 'holds half a surrogate pair');
  return value.normalize('NFC');
}

/** Whether a text is nothing but what every mail program has always been able to read. */
export function isPlain(text: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(text);
}

/** Longest a line of a header may become (RFC 5322, 2.1.1). */
export const longestLine = 998;
const wantedLine = 78;

/**
 * A field of pieces that must not be broken, each with the white space or comma before it: lines
 * are broken before pieces so that they stay within 78 characters where they can.
 */
export function foldField(name: string, pieces: readonly string[], property: string): string {
  const lines: string[] = [];
  let line = `${name}:`;
  for (const piece of pieces) {
    const fits = line.length + piece.length <= wantedLine;
    // A first line with nothing but the name is allowed only while the value still fits beside it.
    const onlyName = lines.length === 0 && line.length === name.length + 1;
    if (fits || (onlyName && line.length + piece.length <= longestLine)) {
      line += piece;
      continue;
    }
    lines.push(line);
    line = piece;
  }
  lines.push(line);
  if (lines.some((each) => Buffer.byteLength(each) > longestLine)) {
    throw new ComposeError(property, `holds a word longer than ${longestLine} octets`);
  }
  return `${lines.join('\r\n')}\r\n`;
}
