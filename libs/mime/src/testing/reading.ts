import type { HeaderField, Part } from '../message.js';
import { parseMessage } from '../parse-message.js';

/** A message of these lines, ended by CRLF. */
export function message(...lines: string[]): Buffer {
  return Buffer.from(lines.join('\r\n'));
}

/** The leaves and multiparts of a message by type, nested as they are: `mixed(text/plain pdf)`. */
export function outline(part: Part): string {
  if (!part.subParts) return part.type;
  return `${part.type.slice('multipart/'.length)}(${part.subParts.map(outline).join(' ')})`;
}

/** All parts of a message, each before those within it. */
export function allParts(part: Part): Part[] {
  return [part, ...(part.subParts ?? []).flatMap(allParts)];
}

/** A field with this value. */
export function field(value: string, name = 'X-Any'): HeaderField {
  return parseMessage(Buffer.from(`${name}:${value}\r\n\r\n`)).header[0]!;
}
