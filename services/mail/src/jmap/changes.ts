import { MethodError } from '@eoffice/jmap/errors';
import type { Changes } from '@eoffice/jmap/reading';
import type { Database } from '@eoffice/platform/database';
import { type Kept, stateOf } from '../store/state.js';

/** After every id that stands beside the same state. */
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** What a client knows: everything up to a state, of that state itself only up to an id. */
export interface Known {
  state: string;
  id: string;
}

interface Row {
  id: string;
  at: string;
  what: 'created' | 'updated' | 'destroyed';
}

/** Reads a state that a client gives back. Throws MethodError `cannotCalculateChanges`. */
export async function knownOf(
  database: Database,
  mailboxId: string,
  since: string,
): Promise<Known & { now: string }> {
  const [, state, id = lastId] = /^(\d{1,18})(?:-([0-9a-f-]{36}))?$/.exec(since) ?? [];
  const now = await stateOf(database.manager, mailboxId);
  if (state === undefined || BigInt(state) > BigInt(now)) {
    throw new MethodError('cannotCalculateChanges');
  }
  return { state, id, now };
}

/**
 * What of a table of a mailbox has changed since a state, oldest first. Where one change was of more
 * than are asked for, the new state says after which id to go on.
 */
export async function changesOf(
  database: Database,
  mailboxId: string,
  [table, kept]: [table: string, kept: Kept],
  since: string,
  most: number,
): Promise<Changes> {
  const known = await knownOf(database, mailboxId, since);
  const rows = await database.query<Row>(
    `select id, changed_at_state as at,
       case when (created_at_state, id) > ($2::bigint, $3::uuid) then 'created' else 'updated' end as what
     from ${table} where mailbox_id = $1 and changed_at_state >= $2
       and (changed_at_state, id) > ($2::bigint, $3::uuid)
     union all
     select id, at_state, 'destroyed' from gone
     where mailbox_id = $1 and type = $4 and at_state >= $2
       and (at_state, id) > ($2::bigint, $3::uuid)
       and (created_at_state, id) <= ($2::bigint, $3::uuid)
     order by at, id limit $5`,
    [mailboxId, known.state, known.id, kept, most + 1],
  );
  const hasMoreChanges = rows.length > most;
  const told = rows.slice(0, most);
  const ids = (what: Row['what']) => told.filter((row) => row.what === what).map(({ id }) => id);
  const last = told.at(-1);
  return {
    newState: hasMoreChanges ? `${last!.at}-${last!.id}` : known.now,
    hasMoreChanges,
    ...{ created: ids('created'), updated: ids('updated'), destroyed: ids('destroyed') },
  };
}
