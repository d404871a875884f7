import { contentOf } from '@eoffice/mime/content/content';
import type { Part } from '@eoffice/mime/message';
import { parseMessage } from '@eoffice/mime/parse-message';
import { nfc } from '@eoffice/platform/text';
import type { Delivery } from '@eoffice/contracts';

/** What another server reports of one recipient of a mail of ours (RFC 3464, 2.3). */
export interface ReportedRecipient {
  action: NonNullable<Delivery['reported']>;
  /** Final and original recipient, in lower case. */
  addresses: string[];
  status: string;
  reply: string;
}

/** A delivery status notification, as far as it says which mail it is about. */
export interface ArrivedReport {
  /** What we gave the mail when it was sent, if the servers on its way know RFC 3461. */
  envelopeId?: string;
  /** The Message-ID in the header that came back. */
  messageId?: string;
  recipients: ReportedRecipient[];
}

const actions: readonly string[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'];
const maxRecipients = 1_000;
const maxText = 256 * 1024;

/** Reads a report from whatever octets; undefined when they are none. */
export function readReport(octets: Buffer): ArrivedReport | undefined {
  const leaves = leavesOf(parseMessage(octets).root);
  const status = leaves.find(({ type }) => /^message\/(global-)?delivery-status$/.test(type));
  if (!status) return undefined;
  const [message, ...groups] = groupsIn(textOf(octets, status));
  const recipients = groups.slice(0, maxRecipients).flatMap(recipientIn);
  if (recipients.length === 0) return undefined;
  const returned = leaves.find(({ type }) =>
    /^(text\/rfc822-headers|message\/(rfc822|global|global-headers))$/.test(type),
  );
  const header = returned && textOf(octets, returned).split(/\r?\n\r?\n/, 1)[0];
  const messageId = /^message-id:\s*(<[^<>\s]{1,900}>)/im.exec(header ?? '')?.[1];
  return { envelopeId: message?.get('original-envelope-id'), messageId, recipients };
}

const leavesOf = (part: Part): Part[] => part.subParts?.flatMap(leavesOf) ?? [part];

const textOf = (octets: Buffer, part: Part) =>
  contentOf(octets, part).subarray(0, maxText).toString('utf8');

/** Groups of fields with empty lines between them, folded lines put together. */
const groupsIn = (text: string): Map<string, string>[] =>
  text
    .split(/\r?\n[ \t]*\r?\n/)
    .map((group) => group.trim())
    .filter((group) => group !== '')
    .map((group) => {
      const lines = group.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
      return new Map(
        lines.map((line) => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
        }),
      );
    });

function recipientIn(fields: Map<string, string>): ReportedRecipient[] {
  const action =
    fields
      .get('action')
      ?.split(/[\s(;]/, 1)[0]
      ?.toLowerCase() ?? '';
  const addresses = ['original-recipient', 'final-recipient']
    .map((name) => /^[\w-]+\s*;\s*<?([^\s<>]{3,320}?)>?$/.exec(fields.get(name) ?? '')?.[1])
    .filter((address) => address !== undefined)
    .map((address) => nfc(address).toLowerCase());
  if (!actions.includes(action) || addresses.length === 0) return [];
  const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(fields.get('status') ?? '')?.[0];
  const said = fields.get('diagnostic-code')?.replace(/^[\w-]+\s*;\s*/, '') ?? '';
  const reply = said.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 1_000);
  return [
    {
      action: action as ReportedRecipient['action'],
      addresses,
      status: status ?? '4.0.0',
      reply,
    },
  ];
}
