import type { EntityManager } from 'typeorm';

/** One act that counts as use of official mail. */
export interface LedgerEntry {
  act: 'received' | 'sent' | 'opened';
  mailboxId: string;
  /** Who sent it or opened it. */
  actor?: string;
  /** Of what was sent or received: `private` if any address was. */
  counterpart?: 'official' | 'private' | 'other';
  /** Sent by a machine: an automatic answer, a report of a failure. */
  automatic?: boolean;
}

/** Adds to the ledger that the survey counts, in the transaction of the act itself. */
export async function note(manager: EntityManager, entries: LedgerEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await manager.query(
    `insert into mail_ledger (act, mailbox_id, actor, counterpart, automatic)
     select act, "mailboxId", actor, counterpart, coalesce(automatic, false)
     from jsonb_to_recordset($1::jsonb) as entry (act text, "mailboxId" uuid, actor uuid,
       counterpart text, automatic boolean)`,
    [JSON.stringify(entries)],
  );
}
