import { MethodError } from '@eoffice/jmap/errors';
import { cut, type Found, type QueryChanges, type Window, type Wish } from '@eoffice/jmap/querying';
import * as shape from '@eoffice/jmap/shapes';
import type { Database } from '@eoffice/platform/database';
import { stateOf } from '../../store/state.js';
import { knownOf } from '../changes.js';
import { conditionOf, looksAtThreads, orderOf, Parameters } from './email-filters.js';

export const queryExtras = { collapseThreads: shape.optional(shape.flag, false) };
export type EmailWish = Wish<typeof queryExtras>;

/** More emails than one mailbox is to be walked through for one answer. */
const mostWalked = 500_000;

/** A statement that answers ids in order, written for one wish. */
function statement(mailboxId: string, { filter, sort, extras }: EmailWish, parameters: Parameters) {
  const mailbox = parameters.add(mailboxId, 'uuid');
  const order = orderOf(sort, mailbox, parameters);
  const found = `from email e where e.mailbox_id = ${mailbox}
    and ${conditionOf(filter, mailbox, parameters)}`;
  if (!extras.collapseThreads) return { ids: `select e.id ${found} order by ${order}`, found };
  // The first of each thread that is found, in the order of all.
  const ids = `select id from (
      select e.id, row_number() over (order by ${order}) as place,
        row_number() over (partition by e.thread_id order by ${order}) as nth ${found}) as all_found
    where nth = 1 order by place`;
  return { ids, found };
}

/** The part of the emails found that is asked for (RFC 8621, 4.4). */
export async function findEmails(
  database: Database,
  mailboxId: string,
  wish: EmailWish,
  window: Window,
): Promise<Found> {
  const queryState = await stateOf(database.manager, mailboxId);
  const common = { queryState, canCalculateChanges: true };
  if (window.anchor !== null || window.position < 0) {
    return { ...common, ...cut(await allIds(database, mailboxId, wish), window) };
  }
  const parameters = new Parameters();
  const { ids } = statement(mailboxId, wish, parameters);
  const page = `${ids} limit ${parameters.add(window.limit, 'int')} offset ${parameters.add(Math.min(window.position, mostWalked), 'int')}`;
  const [rows, total] = await Promise.all([
    database.query<{ id: string }>(page, parameters.values),
    window.calculateTotal ? countEmails(database, mailboxId, wish) : undefined,
  ]);
  return { ...common, position: window.position, ids: rows.map(({ id }) => id), total };
}

async function countEmails(database: Database, mailboxId: string, wish: EmailWish) {
  const parameters = new Parameters();
  const { found } = statement(mailboxId, { ...wish, sort: [] }, parameters);
  const what = wish.extras.collapseThreads ? 'distinct e.thread_id' : '*';
  const [row] = await database.query<{ total: number }>(
    `select count(${what})::int as total ${found}`,
    parameters.values,
  );
  return row!.total;
}

async function allIds(database: Database, mailboxId: string, wish: EmailWish): Promise<string[]> {
  const parameters = new Parameters();
  const { ids } = statement(mailboxId, wish, parameters);
  const rows = await database.query<{ id: string }>(
    `${ids} limit ${mostWalked + 1}`,
    parameters.values,
  );
  if (rows.length > mostWalked) throw new MethodError('unsupportedFilter', 'It finds too much');
  return rows.map(({ id }) => id);
}

/**
 * What moved in the results since a state: emails that changed may have come, gone or moved, and
 * with them, where threads decide, all others of their threads.
 */
export async function emailQueryChanges(
  database: Database,
  mailboxId: string,
  wish: EmailWish,
  since: { state: string; upToId: string | null },
): Promise<QueryChanges> {
  const { state, now } = await knownOf(database, mailboxId, since.state);
  const total = () => countEmails(database, mailboxId, wish);
  if (state === now) return { newQueryState: now, removed: [], added: [], total: await total() };
  const byThread = wish.extras.collapseThreads || looksAtThreads(wish.filter, wish.sort);
  const touched = await database.query<{ id: string; fresh: boolean }>(
    `with changed as (
       select id, thread_id from email where mailbox_id = $1 and changed_at_state > $2)
     select id, created_at_state > $2 as fresh from email e where mailbox_id = $1
       and (changed_at_state > $2 or $3 and (
         thread_id in (select thread_id from changed) or thread_id in (
           select id from thread where mailbox_id = $1 and changed_at_state > $2)))
     union all
     select id, created_at_state > $2 from gone
     where mailbox_id = $1 and type = 'email' and at_state > $2`,
    [mailboxId, state, byThread],
  );
  const ids = await allIds(database, mailboxId, wish);
  const moved = new Set(touched.map(({ id }) => id));
  const added = ids.map((id, index) => ({ id, index })).filter(({ id }) => moved.has(id));
  const removed = touched.filter(({ fresh }) => !fresh).map(({ id }) => id);
  return { newQueryState: now, removed, added, total: ids.length };
}
