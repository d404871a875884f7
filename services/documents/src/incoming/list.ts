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
import { readersOf } from './readers.js';

const columns = columnsOf(IncomingDocument, 'd');

/** A page of the incoming documents a caller may read, newest first. */
export async function listIncoming(
  database: Database,
  { limit = 50, after, organisationId, state, from, to }: ListIncoming,
  caller: Caller,
): Promise<IncomingPage> {
  const [at, id] = keyOf(after) ?? [];
  const lists = readersOf(caller);
  const newest = newestOn({
    ...{ directions: ['incoming'], lists, first: 8, limit: '$5' },
    condition: `($1::timestamptz is null or (r.sort_at, r.document_id) < ($1, $2::uuid))
      and ($3::timestamptz is null or r.sort_at >= $3)
      and ($4::timestamptz is null or r.sort_at < $4)
      and ($6::text is null or r.state = $6)
      and ($7::uuid is null or r.organisation_id = $7)`,
  });
  const items = await database.query<IncomingDocument & { sortKey: string }>(
    `select ${columns}, page.sort_at::text as "sortKey"
     from (${newest}) page join incoming_document d on d.id = page.document_id
     order by page.sort_at desc, page.document_id desc`,
    [
      ...[at, id, from && momentOf(from), to && momentOf(addDays(to, 1)), limit],
      ...[state, organisationId, ...lists],
    ],
  );
  const last = items.length === limit ? items.at(-1) : undefined;
  return { items, next: last && cursorOf(last.sortKey, last.id) };
}
