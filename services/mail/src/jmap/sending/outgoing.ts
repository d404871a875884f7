import { randomUUID } from 'node:crypto';
import { readAddressList } from '@eoffice/mime/header/addresses';
import type { HeaderField } from '@eoffice/mime/message';
import { parseMessage } from '@eoffice/mime/parse-message';
import { dateOf } from '../../smtp/trace.js';

/** A message that is to go out, and whom its header names. */
export interface Outgoing {
  octets: Buffer;
  /** Its header, as the draft has it. */
  header: HeaderField[];
  from: string[];
  sender: string[];
  to: string[];
  cc: string[];
  bcc: string[];
}

/** Only the header is read: what follows it may be as large as it likes. */
const mostHeader = 2 << 20;

/**
 * A message as it goes out (RFC 8621, 7.5): without Bcc, with a date and an id (RFC 5322, 3.6). The
 * rest stays octet for octet.
 */
export function outgoingOf(draft: Buffer, hostname: string): Outgoing {
  const { header } = parseMessage(draft.subarray(0, headerEnd(draft)), {
    headerOctets: mostHeader,
  });
  const named = (name: string) => header.filter((field) => field.name.toLowerCase() === name);
  const emails = (name: string) =>
    named(name).flatMap(({ raw, legacy }) =>
      readAddressList(legacy ?? raw).groups.flatMap(({ addresses }) =>
        addresses.map(({ email }) => email),
      ),
    );
  const added = [
    ...(named('date').length === 0 ? [`Date: ${dateOf(new Date())}\r\n`] : []),
    ...(named('message-id').length === 0 ? [`Message-ID: <${randomUUID()}@${hostname}>\r\n`] : []),
  ];
  return {
    octets: Buffer.concat([Buffer.from(added.join('')), ...without(draft, named('bcc'))]),
    header,
    ...{ from: emails('from'), sender: emails('sender') },
    ...{ to: emails('to'), cc: emails('cc'), bcc: emails('bcc') },
  };
}

function headerEnd(octets: Buffer): number {
  const end = octets.indexOf('\r\n\r\n');
  return end < 0 ? octets.length : end + 4;
}

/** The octets between some fields, whose line ends go with them. */
function without(octets: Buffer, fields: HeaderField[]): Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const { start, end } of fields) {
    pieces.push(octets.subarray(from, start));
    const lineEnd = octets.indexOf('\n', end);
    from = lineEnd < 0 ? octets.length : lineEnd + 1;
  }
  return [...pieces, octets.subarray(from)];
}
