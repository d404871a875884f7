import type { EntityManager } from 'typeorm';

// Words that are frequent are found at once among the newest emails; the index of words finds the
// others, but gives them in no order. So the newest few hundred are looked at first, and only if they
// do not fill the page, the index is asked for what is older.

const looked = 400;

/** A place in a list of emails: newest first, the id between those of one moment. */
export interface Place {
  at: string;
  id: string;
}

export interface Sought {
  mailboxId: string;
  /** Of `queryOf`. */
  query: string;
  folderId?: string;
}

const inFolder = (folder: string) => `(${folder}::uuid is null or exists (
  select from email_folder l where l.mailbox_id = w.mailbox_id and l.email_id = w.email_id
    and l.folder_id = ${folder}))`;

/** The newest `limit` emails of a mailbox with some words, after a place. */
export async function findEmails(
  manager: EntityManager,
  { mailboxId, query, folderId }: Sought,
  limit: number,
  from?: Place,
): Promise<Place[]> {
  const rows = await manager.query<(Place & { match: boolean; last: boolean })[]>(
    `with recent as materialized (
       select *, row_number() over (order by received_at desc, email_id desc) as place
       from (select * from email_words where mailbox_id = $1
         and ($4::timestamptz is null or (received_at, email_id) < ($4, $5::uuid))
         order by received_at desc, email_id desc limit ${looked}) newest)
     select received_at::text as at, email_id as id, place = ${looked} as last,
       words @@ $2::tsquery and ${inFolder('$3')} as match
     from recent w where place = ${looked} or (words @@ $2::tsquery and ${inFolder('$3')})
     order by place`,
    [mailboxId, query, folderId ?? null, from?.at ?? null, from?.id ?? null],
  );
  const hits = rows.filter(({ match }) => match).map(({ at, id }) => ({ at, id }));
  const end = rows.find(({ last }) => last);
  if (hits.length < limit && end) {
    hits.push(...(await indexed(manager, { mailboxId, query, folderId }, limit, end)));
  }
  return hits.slice(0, limit);
}

function indexed(
  manager: EntityManager,
  { mailboxId, query, folderId }: Sought,
  limit: number,
  { at, id }: Place,
): Promise<Place[]> {
  return manager.query<Place[]>(
    `with found as materialized (
       select mailbox_id, email_id, received_at from email_words
       where mailbox_id = $1 and words @@ $2::tsquery)
     select received_at::text as at, email_id as id from found w
     where (received_at, email_id) < ($4, $5::uuid) and ${inFolder('$3')}
     order by received_at desc, email_id desc limit $6`,
    [mailboxId, query, folderId ?? null, at, id, limit],
  );
}
