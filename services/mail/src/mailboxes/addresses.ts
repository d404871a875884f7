import type { EntityManager } from 'typeorm';
import { addressKey } from '../store/recipients.js';

/**
 * Whether an address was ever given to another mailbox, as its own or as an alias: then it is never
 * given to this one. Others who ask about the same address wait until the transaction ends.
 */
export async function isTaken(
  manager: EntityManager,
  address: string,
  mailboxId: string,
): Promise<boolean> {
  const key = addressKey(address);
  await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [key]);
  const [taken] = await manager.query<unknown[]>(
    `select 1 from mailbox where lower(address) = $1 and state <> 'refused' and id <> $2
     union all select 1 from alias where address = $1 and mailbox_id <> $2`,
    [key, mailboxId],
  );
  return taken !== undefined;
}

/** A mailbox that is called otherwise now is still reached by the address it had. */
export async function keepFormer(manager: EntityManager, mailboxId: string, address: string) {
  await manager.query(
    `insert into alias (address, mailbox_id, kind, reason) values ($1, $2, 'former', 'Đổi địa chỉ')
     on conflict do nothing`,
    [addressKey(address), mailboxId],
  );
}
