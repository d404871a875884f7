import type { Bodies } from '../bodies.js';
import type { Part } from '../message.js';
import { textOf } from './content.js';
import { htmlText, oneLine } from './html-text.js';

/** Octets of a part that a preview looks at. */
const looked = 64 << 10;
const longest = 256;

/**
 * The first words of a message, at most 256 UTF-16 units: of its plain text, else of its HTML
 * (RFC 8621, 4.1.4). Lines that only quote another message are passed over where others follow.
 */
export function previewOf(octets: Buffer, bodies: Pick<Bodies, 'textBody' | 'htmlBody'>): string {
  const plain = bodies.textBody.find(({ type }) => type === 'text/plain');
  const fromPlain = plain ? cut(oneLine(unquoted(beginning(octets, plain)))) : '';
  if (fromPlain !== '') return fromPlain;
  const html = bodies.htmlBody.find(({ type }) => type === 'text/html');
  return html ? cut(htmlText(beginning(octets, html))) : '';
}

function beginning(octets: Buffer, part: Part): string {
  const end = Math.min(part.end, part.start + looked);
  const { value } = textOf(octets, { ...part, end });
  // The end may fall within a letter.
  return end < part.end ? value.replace(/\ufffd$/, '') : value;
}

function unquoted(text: string): string {
  const own = text.split('\n').filter((line) => !line.startsWith('>'));
  return own.some((line) => line.trim() !== '') ? own.join('\n') : text;
}

function cut(text: string): string {
  if (text.length <= longest) return text;
  const shorter = text.slice(0, longest);
  return shorter.replace(/[\ud800-\udbff]$/, '').trimEnd();
}
