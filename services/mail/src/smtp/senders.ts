import { headerAs } from '@eoffice/mime/header/forms';
import type { HeaderField } from '@eoffice/mime/message';
import type { EntityManager } from 'typeorm';
import { mailboxesOf, type Rights } from '../rights/rights-of.js';
import { addressKey } from '../store/recipients.js';
import { Reply } from './reply.js';

/** Who submits, and by which mailboxes they may. */
export interface Submitter {
  personId: string;
  /** Only these; every one they have rights to if not said. */
  mailboxIds?: string[];
}

/** The mailboxes of a submitter by every address that finds them: their own, and aliases that count. */
export async function addressesOf(
  manager: EntityManager,
  { personId, mailboxIds }: Submitter,
): Promise<Map<string, Rights>> {
  const rights = (await mailboxesOf(manager, { personId })).filter(
    ({ mailboxId }) => mailboxIds?.includes(mailboxId) ?? true,
  );
  const byId = new Map(rights.map((each) => [each.mailboxId, each]));
  const found = new Map(rights.map((each) => [addressKey(each.address), each]));
  const aliases = await manager.query<{ address: string; id: string }[]>(
    `select address, mailbox_id as id from alias
     where mailbox_id = any ($1::uuid[]) and ended_at is null`,
    [[...byId.keys()]],
  );
  for (const { address, id } of aliases) found.set(address, byId.get(id)!);
  return found;
}

/** The envelope may name nobody (for reports), or a mailbox that the submitter sends as or for. Throws Reply. */
export function mustSend(theirs: Map<string, Rights>, reversePath: string) {
  if (!reversePath) return;
  const rights = theirs.get(addressKey(reversePath));
  if (!rights?.sendAs && !rights?.sendOnBehalf) throw notTheirs(reversePath);
}

/**
 * Every author must be a mailbox that the submitter sends as; or for, and then the sender who is named
 * beside the authors (RFC 5322, 3.6.2) must be one they send as. Decided by addresses as they are
 * parsed, never by what is shown before them. Answers the mailbox that writes. Throws Reply.
 */
export function authorOf(theirs: Map<string, Rights>, header: HeaderField[]): Rights {
  const authors = namedIn(header, 'from');
  const senders = namedIn(header, 'sender');
  const [first] = authors;
  if (!first || header.filter(({ name }) => /^from$/i.test(name)).length > 1 || senders.length > 1)
    throw new Reply(550, '5.6.0', 'Thư phải có một dòng From', 'There must be one From').by(
      'sender',
    );
  for (const sender of senders)
    if (!theirs.get(addressKey(sender))?.sendAs) throw notTheirs(sender);
  for (const author of authors) {
    const rights = theirs.get(addressKey(author));
    if (!rights?.sendAs && !(rights?.sendOnBehalf && senders.length > 0)) throw notTheirs(author);
  }
  return theirs.get(addressKey(first))!;
}

function namedIn(header: HeaderField[], name: string): string[] {
  return header
    .filter((field) => field.name.toLowerCase() === name)
    .flatMap((field) => headerAs(field, 'Addresses').map(({ email }) => email));
}

const notTheirs = (address: string) =>
  new Reply(
    ...([550, '5.7.1'] as const),
    `Bạn không được gửi với địa chỉ ${address.slice(0, 254)}`,
    `You may not send as ${address.slice(0, 254)}`,
  ).by('sender');
