import { NotFound } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

/**
 * What can be gone from a mailbox: the types of RFC 8621 under the names they have here (JMAP calls a
 * folder Mailbox).
 */
export type Kept = 'folder' | 'email' | 'thread' | 'submission' | 'identity' | 'vacation';

/**
 * Begins a change of a mailbox: locks it until the transaction ends and answers the state that
 * everything changed in this transaction is marked with. Call it once a transaction, before reading
 * what the change rests on. A state is a bigint, as text. Throws NotFound.
 */
export async function nextState(manager: EntityManager, mailboxId: string): Promise<string> {
  const [rows] = await manager.query<[{ state: string }[]]>(
    `update mailbox set mail_state = mail_state + 1 where id = $1 returning mail_state as state`,
    [mailboxId],
  );
  if (!rows[0]) throw new NotFound();
  return rows[0].state;
}

/** The state of a mailbox now. Throws NotFound. */
export async function stateOf(manager: EntityManager, mailboxId: string): Promise<string> {
  const [row] = await manager.query<{ state: string }[]>(
    `select mail_state as state from mailbox where id = $1`,
    [mailboxId],
  );
  if (!row) throw new NotFound();
  return row.state;
}

/** Writes down that things are no more; whoever follows the mailbox learns it from here. */
export async function bury(
  manager: EntityManager,
  mailboxId: string,
  state: string,
  type: Kept,
  things: { id: string; createdAtState: string }[],
): Promise<void> {
  if (things.length === 0) return;
  await manager.query(
    `insert into gone (mailbox_id, at_state, type, id, created_at_state)
     select $1, $2, $3, id, created from unnest($4::uuid[], $5::bigint[]) as thing (id, created)`,
    [
      ...[mailboxId, state, type],
      things.map(({ id }) => id),
      things.map(({ createdAtState }) => createdAtState),
    ],
  );
}
