import {
  type Caller,
  cursorOf,
  directions,
  type Found,
  type FoundPage,
  keyOf,
  search,
  type SearchDocuments,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { addDays, momentOf } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import { foldedWords, markedWords, phraseOf } from '@eoffice/platform/words';
import { readersOf } from '../incoming/readers.js';
import { type Hit, Matches, type Place, type Sought } from './matches.js';

/** Finds documents by their words: first as they were typed, then without marks, newest first. */
@Serves(search)
export class Search {
  constructor(
    private readonly database: Database,
    private readonly matches: Matches,
  ) {}

  async find(input: SearchDocuments, caller: Caller): Promise<FoundPage> {
    const { q, limit = 50, after } = input;
    if (foldedWords(q).length === 0) return { items: [] };
    const sought = soughtBy(input, caller);
    const [phase, at, id] = keyOf(after) ?? [0];
    const from = at && id ? ({ at, id } as Place) : undefined;
    const hits = await this.page(sought, phase === 0, limit, from);
    const last = hits.length === limit ? hits.at(-1) : undefined;
    const next = last && cursorOf(last.exact ? 0 : 1, last.at, last.id);
    return { items: await this.show(hits), next };
  }

  /** Exact matches first; the others begin anew when those have come to their end. */
  private async page(sought: Sought, exact: boolean, limit: number, from?: Place): Promise<Hit[]> {
    if (!exact) return (await this.of('others', sought, limit, from)).slice(0, limit);
    if (!from) {
      const hits = await this.matches.find(sought, 'either', limit);
      return hits.toSorted((a, b) => Number(b.exact) - Number(a.exact)).slice(0, limit);
    }
    const hits = await this.of('exact', sought, limit, from);
    if (hits.length < limit) hits.push(...(await this.of('others', sought, limit)));
    return hits.slice(0, limit);
  }

  private async of(kind: 'exact' | 'others', sought: Sought, limit: number, from?: Place) {
    const hits = await this.matches.find(sought, kind, limit, from);
    return hits.filter(({ exact }) => exact === (kind === 'exact'));
  }

  private show(hits: Hit[]): Promise<Found[]> {
    return this.database.query<Found>(
      `select hit.id as "documentId", s.direction, s.organisation_id as "organisationId",
         coalesce(i.abstract, o.abstract) as abstract, coalesce(i.reference, o.symbol) as reference,
         coalesce(i.author, o.signer_name) as party, s.sort_at as at, hit.exact
       from unnest($1::uuid[], $2::boolean[]) with ordinality as hit (id, exact, place)
       join searchable s on s.document_id = hit.id
       left join incoming_document i on i.id = hit.id
       left join outgoing_document o on o.id = hit.id
       order by place`,
      [hits.map(({ id }) => id), hits.map(({ exact }) => exact)],
    );
  }
}

function soughtBy(
  { q, direction, organisationId, from, to }: SearchDocuments,
  caller: Caller,
): Sought {
  return {
    readers: readersOf(caller),
    directions: direction ? [direction] : directions,
    organisationId,
    marked: phraseOf(markedWords(q)),
    folded: phraseOf(foldedWords(q)),
    since: from ? momentOf(from) : undefined,
    before: to ? momentOf(addDays(to, 1)) : undefined,
  };
}
