import type { EntityManager } from 'typeorm';

export type Counterpart = 'official' | 'private' | 'other';

/** One act that counts as use of official mail. */
export interface LedgerEntry {
  act: 'received' | 'sent' | 'opened';
  mailboxId: string;
  /** Who sent it or opened it. */
  actor?: string;
  /** Of what was sent or received: `private` if any address was. */
  counterpart?: Counterpart;
  /** Sent by a machine: an automatic answer, a report of a failure. */
  automatic?: boolean;
  /** When; now if not said. */
  at?: Date;
  /** The message or email: of it the same act by the same person is noted once. */
  about?: string;
}

/** Adds to the ledger that the survey counts, in the transaction of the act itself. */
export async function note(manager: EntityManager, entries: LedgerEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await manager.query(
    `insert into mail_ledger (at, day, act, mailbox_id, actor, counterpart, automatic, about)
     select coalesce(at, now()), (coalesce(at, now()) at time zone 'Asia/Ho_Chi_Minh')::date,
       act, "mailboxId", actor, counterpart, coalesce(automatic, false), about
     from jsonb_to_recordset($1::jsonb) as entry (act text, "mailboxId" uuid, actor uuid,
       counterpart text, automatic boolean, at timestamptz, about uuid)
     on conflict (mailbox_id, about, act, actor) where about is not null do nothing`,
    [JSON.stringify(entries)],
  );
}

/** Notes that somebody opened emails that came into a mailbox; what they write themselves does not count. */
export async function noteOpened(
  manager: EntityManager,
  mailboxId: string,
  emailIds: string[],
  personId: string,
): Promise<void> {
  const rows = await manager.query<{ id: string }[]>(
    `select e.id from email e
     where e.mailbox_id = $1 and e.id = any ($2::uuid[]) and e.acceptance_id is not null
       and not exists (select from mail_ledger l where l.mailbox_id = $1 and l.about = e.id
         and l.act = 'opened' and l.actor = $3)`,
    [mailboxId, emailIds, personId],
  );
  const act = 'opened' as const;
  await note(
    manager,
    rows.map(({ id }) => ({ act, mailboxId, actor: personId, about: id })),
  );
}
