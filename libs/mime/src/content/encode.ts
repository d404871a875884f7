import type { TransferEncoding } from '../message.js';
import { lineAt } from '../parse/lines.js';

const CR = 13;
const LF = 10;
const EQUALS = 61;
const mostInLine = 76;
const longestLine = 998;

/** Octets as they go into a message, and how they are encoded. */
export interface Encoded {
  encoding: TransferEncoding;
  octets: Buffer;
}

/** Whether octets can go as they are: CRLF alone ends lines, none is too long, and NUL is not there. */
export function isClean(octets: Buffer, eightBit: boolean): boolean {
  if (octets.includes(0)) return false;
  for (let at = 0; at < octets.length;) {
    const { start, end, next } = lineAt(octets, at);
    if (end - start > longestLine) return false;
    if (next !== end && next - end !== 2) return false;
    at = next;
  }
  for (let at = octets.indexOf(CR); at >= 0; at = octets.indexOf(CR, at + 1)) {
    if (octets[at + 1] !== LF) return false;
  }
  return eightBit || !octets.some((octet) => octet > 127);
}

/** Encodes text, whose line ends become CRLF, so that seven bits carry it. */
export function encodeText(text: string): Encoded {
  const octets = Buffer.from(text.replace(/\r\n|\r|\n/g, '\r\n'), 'utf8');
  const escaped = escapedOctets(octets);
  if (escaped === 0 && fitsInLines(octets)) return { encoding: '7bit', octets };
  const asBase64 = octets.length * 1.37 < octets.length + 2 * escaped;
  return asBase64 ? encodeBase64(octets) : encodeQuotedPrintable(octets);
}

function fitsInLines(octets: Buffer): boolean {
  for (let at = 0; at < octets.length;) {
    const { start, end, next } = lineAt(octets, at);
    if (end - start > mostInLine + 2) return false;
    // What some programs on the way change: white space that ends a line, and "From " that begins it.
    if (octets[end - 1] === 32 || octets[end - 1] === 9) return false;
    if (octets.toString('latin1', start, start + 5) === 'From ') return false;
    at = next;
  }
  return true;
}

function escapedOctets(octets: Buffer): number {
  let count = 0;
  for (const octet of octets) {
    if (octet > 126 || (octet < 32 && octet !== CR && octet !== LF && octet !== 9)) count++;
  }
  return count;
}

/** Base64 in lines of 76 characters. */
export function encodeBase64(octets: Buffer): Encoded {
  const text = octets.toString('base64');
  const lines = Math.ceil(text.length / mostInLine);
  const encoded = Buffer.allocUnsafe(text.length + Math.max(0, lines - 1) * 2);
  let length = 0;
  for (let at = 0; at < text.length; at += mostInLine) {
    if (at > 0) {
      encoded[length++] = CR;
      encoded[length++] = LF;
    }
    length += encoded.write(text.slice(at, at + mostInLine), length, 'latin1');
  }
  return { encoding: 'base64', octets: encoded };
}

const hex = '0123456789ABCDEF';

/** RFC 2045, 6.7; `octets` has CRLF where lines end. */
function encodeQuotedPrintable(octets: Buffer): Encoded {
  const lines: string[] = [];
  for (let at = 0; at <= octets.length;) {
    const { start, end, next } = lineAt(octets, at);
    lines.push(quotedLine(octets, start, end));
    if (next === end) break;
    at = next;
  }
  return { encoding: 'quoted-printable', octets: Buffer.from(lines.join('\r\n'), 'latin1') };
}

function quotedLine(octets: Buffer, start: number, end: number): string {
  let written = '';
  let length = 0;
  const isFrom = octets.toString('latin1', start, start + 5) === 'From ';
  for (let at = start; at < end; at++) {
    const octet = octets[at]!;
    const isBlank = octet === 32 || octet === 9;
    const plain = octet > 32 && octet < 127 && octet !== EQUALS && !(isFrom && at === start);
    const piece =
      plain || (isBlank && at < end - 1)
        ? String.fromCharCode(octet)
        : `=${hex[octet >> 4]}${hex[octet & 15]}`;
    if (length + piece.length > mostInLine - 1) {
      written += '=\r\n';
      length = 0;
    }
    written += piece;
    length += piece.length;
  }
  return written;
}
