import { randomUUID } from 'node:crypto';
import type { HeaderField } from '@eoffice/mime/message';
import { dateOf } from './trace.js';

/**
 * A message as it is sent on: with a date and a name where it had none (RFC 6409, 8), and without the
 * field that names those whom nobody may know of (RFC 5322, 3.6.3).
 */
export function completed(octets: Buffer, header: HeaderField[], author: string): Buffer {
  const has = (wanted: string) => header.some(({ name }) => name.toLowerCase() === wanted);
  const domain = author.slice(author.lastIndexOf('@') + 1);
  const missing = [
    ...(has('date') ? [] : [`Date: ${dateOf(new Date())}\r\n`]),
    ...(has('message-id') ? [] : [`Message-ID: <${randomUUID()}@${domain}>\r\n`]),
  ];
  const kept: Buffer[] = missing.map((line) => Buffer.from(line));
  let from = 0;
  for (const { name, start, end } of header) {
    if (name.toLowerCase() !== 'bcc') continue;
    kept.push(octets.subarray(from, start));
    from = end + 2;
  }
  if (from === 0 && missing.length === 0) return octets;
  kept.push(octets.subarray(from));
  return Buffer.concat(kept);
}
