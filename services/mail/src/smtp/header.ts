import type { HeaderField } from '@eoffice/mime/message';
import { parseMessage } from '@eoffice/mime/parse-message';

/** More than any header that people write. */
const mostOctets = 1 << 20;

/** The header of a message, without a look at what follows it. */
export function headerOf(octets: Buffer): HeaderField[] {
  const end = octets.indexOf('\r\n\r\n');
  const header = octets.subarray(0, Math.min(end < 0 ? octets.length : end + 4, mostOctets));
  return parseMessage(header).header;
}
