import type { EntityManager } from 'typeorm';

// The index of words finds a page in well under a millisecond unless most emails have the words; those
// are found at once among the newest few. So these are looked at first, and few of them: to look at an
// email costs more than to have the index leave it out.

const looked = 100;

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
  // Moments become text after the page is cut, not before: most matches are not on it.
  return manager.query<Place[]>(
    `select received_at::text as at, email_id as id from (
       select received_at, email_id from email_words w
       where mailbox_id = $1 and words @@ $2::tsquery
         and (received_at, email_id) < ($4, $5::uuid) and ${inFolder('$3')}
       order by received_at desc, email_id desc limit $6) as page`,
    [mailboxId, query, folderId ?? null, at, id, limit],
  );
}
