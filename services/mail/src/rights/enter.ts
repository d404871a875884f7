import { type Caller, NotFound, ReadOnly } from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';
import type { EntityManager } from 'typeorm';
import { type Rights, rightsOf } from './rights-of.js';

/** Entries of a log that are looked through for the same visit. */
const recent = 200;

/** What somebody does in a mailbox, as its log names it: `mail.messages.read` with what is read. */
export interface Act {
  action: string;
  data?: object;
}

/**
 * Lets a caller read a mailbox, and writes it down unless it is their own: its owner can ask who was
 * there. What the same person does again within ten minutes is the same visit. Throws NotFound for
 * whom it is not there.
 */
export async function enter(
  database: Database,
  caller: Caller,
  mailboxId: string,
  { action, data = {} }: Act,
): Promise<Rights> {
  const rights = await readable(database.manager, caller, mailboxId);
  if (!rights.own) await recordVisit(database, caller, mailboxId, action, data);
  return rights;
}

/** Lets a caller change a mailbox. Throws NotFound, or ReadOnly for those who may only read it. */
export async function enterToChange(
  manager: EntityManager,
  caller: Caller,
  mailboxId: string,
): Promise<Rights> {
  const rights = await readable(manager, caller, mailboxId);
  if (!rights.change) throw new ReadOnly();
  return rights;
}

async function readable(manager: EntityManager, caller: Caller, mailboxId: string) {
  const rights = await rightsOf(manager, caller, mailboxId);
  if (!rights.read) throw new NotFound();
  return rights;
}

async function recordVisit(
  database: Database,
  caller: Caller,
  mailboxId: string,
  action: string,
  data: object,
) {
  const [before] = await database.query(
    `select 1 from audit where stream = $1 and action = $2 and actor = $3 and data = $4::jsonb
       and position > (select length - ${recent} from audit_stream where name = $1)
       and at > (now() at time zone 'UTC') - interval '10 minutes' limit 1`,
    [mailboxId, action, caller.personId, JSON.stringify(data)],
  );
  if (!before) await database.record(caller, action, mailboxId, data);
}
