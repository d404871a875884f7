import type { JsonObject } from '@eoffice/jmap/json';
import type { EntityManager } from 'typeorm';

/** From whom mail goes out (RFC 8621, 6). */
export interface Identity extends JsonObject {
  id: string;
  name: string;
  email: string;
  replyTo: JsonObject[] | null;
  bcc: JsonObject[] | null;
  textSignature: string;
  htmlSignature: string;
  mayDelete: boolean;
}

export const identityProperties = [
  ...['id', 'name', 'email', 'replyTo', 'bcc', 'textSignature', 'htmlSignature', 'mayDelete'],
];

/**
 * The identities of a mailbox: the one that follows its name and address, whether it was changed or
 * not, and those that were made of its other addresses.
 */
export function identitiesOf(manager: EntityManager, mailboxId: string): Promise<Identity[]> {
  return manager.query<Identity[]>(
    `select m.id, coalesce(i.name, m.name) as name, m.address as email, i.reply_to as "replyTo",
       i.bcc, coalesce(i.text_signature, '') as "textSignature",
       coalesce(i.html_signature, '') as "htmlSignature", false as "mayDelete"
     from mailbox m left join identity i on i.mailbox_id = m.id and i.id = m.id where m.id = $1
     union all
     select id, name, email, reply_to, bcc, text_signature, html_signature, true
     from identity where mailbox_id = $1 and id <> $1 order by "mayDelete", id`,
    [mailboxId],
  );
}

/** Every address under which a mailbox receives, as it is compared. */
export async function addressesOf(manager: EntityManager, mailboxId: string): Promise<Set<string>> {
  const rows = await manager.query<{ address: string }[]>(
    `select lower(address) as address from mailbox where id = $1
     union select address from alias where mailbox_id = $1 and ended_at is null`,
    [mailboxId],
  );
  return new Set(rows.map(({ address }) => address));
}
