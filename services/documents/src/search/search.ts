import {
  type Caller,
  cursorOf,
  type Found,
  type FoundPage,
  keyOf,
  search,
  type SearchDocuments,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { addDays, momentOf } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import { readersOf } from '../incoming/readers.js';
import { foldedWords, markedWords, phraseOf } from './words.js';

/** Finds documents by their words: first as they were typed, then without marks, newest first. */
@Serves(search)
export class Search {
  constructor(private readonly database: Database) {}

  async find(input: SearchDocuments, caller: Caller): Promise<FoundPage> {
    const { q, limit = 50, after } = input;
    if (foldedWords(q).length === 0) return { items: [] };
    const [phase = 0, at = null, id = null] = keyOf(after) ?? [];
    const items: (Found & { sortKey: string })[] = [];
    if (phase === 0) items.push(...(await this.phase(input, caller, true, [at, id], limit)));
    if (items.length < limit) {
      const start = phase === 0 ? [null, null] : [at, id];
      const left = limit - items.length;
      items.push(...(await this.phase(input, caller, false, start, left)));
    }
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.exact ? 0 : 1, last.sortKey, last.documentId) };
  }

  private phase(
    { q, direction, organisationId, from, to }: SearchDocuments,
    caller: Caller,
    exact: boolean,
    [at, id]: unknown[],
    limit: number,
  ) {
    const marked = phraseOf(markedWords(q));
    const folded = phraseOf(foldedWords(q));
    const condition = exact
      ? 's.marked @@ $2::tsquery'
      : 's.folded @@ $3::tsquery and not s.marked @@ $2::tsquery';
    return this.database.query<Found & { sortKey: string }>(
      `select hit.document_id as "documentId", hit.direction, hit.organisation_id as "organisationId",
         coalesce(i.abstract, o.abstract) as abstract, coalesce(i.reference, o.symbol) as reference,
         coalesce(i.author, o.signer_name) as party, hit.sort_at as at, ${exact} as exact,
         hit.sort_at::text as "sortKey"
       from (
         select s.document_id, s.direction, s.organisation_id, s.sort_at from searchable s
         where s.readers && $1::uuid[] and ${condition} and $3::tsquery is not null
           and ($4::timestamptz is null or (s.sort_at, s.document_id) < ($4, $5::uuid))
           and ($6::text is null or s.direction = $6)
           and ($7::uuid is null or s.organisation_id = $7)
           and ($8::timestamptz is null or s.sort_at >= $8)
           and ($9::timestamptz is null or s.sort_at < $9)
         order by s.sort_at desc, s.document_id desc limit $10) hit
       left join incoming_document i on i.id = hit.document_id
       left join outgoing_document o on o.id = hit.document_id
       order by hit.sort_at desc, hit.document_id desc`,
      [
        readersOf(caller),
        marked,
        folded,
        at,
        id,
        direction ?? null,
        organisationId ?? null,
        from ? momentOf(from) : null,
        to ? momentOf(addDays(to, 1)) : null,
        limit,
      ],
    );
  }
}
