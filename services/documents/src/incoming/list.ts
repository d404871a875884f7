import {
  type Caller,
  cursorOf,
  IncomingDocument,
  type IncomingPage,
  keyOf,
  type ListIncoming,
} from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';
import { columnsOf } from '@eoffice/platform/keep';
import { addDays, momentOf } from '@eoffice/platform/local-time';
import { newestOn } from './newest.js';
import { listsOf, readersOf, readsWidely } from './readers.js';

const columns = columnsOf(IncomingDocument, 'd');

const within = (at: string, id: string) =>
  `($1::timestamptz is null or (${at}, ${id}) < ($1, $2::uuid))
   and ($3::timestamptz is null or ${at} >= $3) and ($4::timestamptz is null or ${at} < $4)`;
// Scalar subqueries, not joins: they are asked for each row as it comes, and no more often than a
// page needs.
const readable = (id: string) => `(select true from document_reader o
   where o.document_id = ${id} and o.reader_id = any ($5::uuid[]) limit 1)`;
const column = (name: string) =>
  `(select f.${name} from incoming_document f where f.id = r.document_id)`;

/** A page of the incoming documents a caller may read, newest first. */
export async function listIncoming(
  database: Database,
  { limit = 50, after, organisationId, state, from, to }: ListIncoming,
  caller: Caller,
): Promise<IncomingPage> {
  const [at, id] = keyOf(after) ?? [];
  const lists = listsOf(caller, organisationId);
  const source = state && !organisationId && readsWidely(caller) ? ofState : newestOf(lists);
  const items = await database.query<IncomingDocument & { sortKey: string }>(
    `select ${columns}, page.sort_at::text as "sortKey"
     from (${source}) page join incoming_document d on d.id = page.document_id
     order by page.sort_at desc, page.document_id desc`,
    [
      ...[at, id, from && momentOf(from), to && momentOf(addDays(to, 1)), readersOf(caller)],
      ...[limit, state, organisationId, ...(source === ofState ? [] : lists)],
    ],
  );
  const last = items.length === limit ? items.at(-1) : undefined;
  return { items, next: last && cursorOf(last.sortKey, last.id) };
}

function newestOf(lists: string[]): string {
  const condition = `${within('r.sort_at', 'r.document_id')}
    and ($8::uuid is null or ${readable('r.document_id')})
    and ($7::text is null or ${column('state')} = $7)
    and ($8::uuid is null or ${column('organisation_id')} = $8)`;
  return newestOn({ directions: ['incoming'], lists, first: 9, condition, limit: '$6' });
}

/** Who reads widely would go through everything to find the few documents of a rare state. */
const ofState = `
  select d.registered_at as sort_at, d.id as document_id from incoming_document d
  where d.state = $7 and ${within('d.registered_at', 'd.id')} and ${readable('d.id')}
    and $8::uuid is null
  order by d.registered_at desc, d.id desc limit $6`;
