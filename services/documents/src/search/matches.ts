import { Injectable } from '@nestjs/common';
import type { Found } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { newestOn } from '../incoming/newest.js';

// Two ways to the newest documents with some words. Going through a caller's own list, newest first,
// is quick for words that many documents have; the index of words is quick for those that few have,
// but gives them in no order. So the newest few hundred of the list are looked at first, which finds
// frequent words at once and says how frequent the others are; what is older comes from the index,
// from no further back than a page needs. It costs the same whether a caller reads a hundred
// documents or all of them.

const looked = 400;
const widening = 20;

/** What is looked for, and in whose lists. */
export interface Sought {
  /** Ids the caller reads under. */
  readers: string[];
  /** Whose lists are gone through: the caller's own, or all that an agency has. */
  lists: string[];
  directions: readonly Found['direction'][];
  organisationId?: string;
  /** The words with their marks, and without any, as `tsquery`. */
  marked: string;
  folded: string;
  since?: Date;
  before?: Date;
}

/** A place in the order of results: newest first, the id between those of one moment. */
export interface Place {
  at: string;
  id: string;
}

export interface Hit extends Place {
  exact: boolean;
}

/** Matches as they were typed, those that match only without marks, or either. */
export type Kind = 'exact' | 'others' | 'either';

interface Recent {
  hits: Hit[];
  /** The last one looked at; absent when the list has no more. */
  end?: Place;
}

/** Finds where words occur among the documents a caller may read. */
@Injectable()
export class Matches {
  constructor(private readonly database: Database) {}

  /** The newest matches after a place: at least `limit` of each kind, if there are. */
  async find(sought: Sought, kind: Kind, limit: number, from?: Place): Promise<Hit[]> {
    const { hits, end } = await this.recent(sought, from);
    const lacks = (exact: boolean) => hits.filter((hit) => hit.exact === exact).length < limit;
    const reaches = hits.length > 0 && end ? [...widened(from, end), undefined] : [undefined];
    let after = end;
    for (const reach of reaches) {
      if (!after || !lacks(kind !== 'others')) break;
      const wanted = kind === 'either' && !lacks(false) ? 'exact' : kind;
      hits.push(...(await this.indexed(sought, wanted, after, reach, limit)));
      after = reach && { at: reach.toISOString(), id: firstId };
    }
    return hits;
  }

  /** Looks through the newest of the lists, after a place if one is given. */
  private async recent(sought: Sought, from?: Place): Promise<Recent> {
    const { lists, directions, readers, marked, folded, organisationId } = sought;
    const newest = newestOn({
      ...{ directions, lists, first: 9, limit: String(looked) },
      condition: `($1::timestamptz is null or (r.sort_at, r.document_id) < ($1, $2::uuid))
        and ($3::timestamptz is null or r.sort_at >= $3)
        and ($4::timestamptz is null or r.sort_at < $4)`,
    });
    const rows = await this.database.query<Hit & { last: boolean }>(
      `with recent as materialized (
         select sort_at, document_id,
           row_number() over (order by sort_at desc, document_id desc) as place
         from (${newest}) newest)
       select recent.document_id as id, recent.sort_at::text as at, match.exact,
         place = ${looked} as last
       from recent left join lateral (
         select s.marked @@ $5::tsquery as exact from searchable s
         where s.document_id = recent.document_id and s.folded @@ $6::tsquery
           and s.readers && $7::uuid[] and ($8::uuid is null or s.organisation_id = $8)
         limit 1) match on true
       where match.exact is not null or place = ${looked}
       order by place`,
      [
        ...[from?.at, from?.id, sought.since, sought.before],
        ...[marked, folded, readers, organisationId, ...lists],
      ],
    );
    const end = rows.find(({ last }) => last);
    return { hits: rows.filter(({ exact }) => exact !== null), end };
  }

  /** The first `limit` of each kind that are older than a place, no older than a moment. */
  private indexed(
    { readers, directions, organisationId, marked, folded, since, before }: Sought,
    kind: Kind,
    { at, id }: Place,
    reach: Date | undefined,
    limit: number,
  ) {
    const condition = {
      exact: 's.marked @@ $2::tsquery and $3::tsquery is not null',
      others: 's.folded @@ $3::tsquery and not s.marked @@ $2::tsquery',
      either: 's.folded @@ $3::tsquery',
    }[kind];
    return this.database.query<Hit>(
      `with found as materialized (
         select s.document_id, s.sort_at, s.marked @@ $2::tsquery as exact from searchable s
         where s.readers && $1::uuid[] and ${condition}
           and (s.sort_at, s.document_id) < ($4::timestamptz, $5::uuid)
           and s.sort_at >= greatest($6::timestamptz, $7::timestamptz, '-infinity')
           and ($8::timestamptz is null or s.sort_at < $8)
           and s.direction = any ($9::text[]) and ($10::uuid is null or s.organisation_id = $10))
       select document_id as id, sort_at::text as at, exact from (
         select *, row_number() over (partition by exact order by sort_at desc, document_id desc)
           as place from found) numbered
       where place <= $11 order by sort_at desc, document_id desc`,
      [readers, marked, folded, at, id, since, reach, before, directions, organisationId, limit],
    );
  }
}

const firstId = '00000000-0000-0000-0000-000000000000';

/** How far back to look, in steps, when words are neither frequent nor rare. */
function widened(from: Place | undefined, end: Place): Date[] {
  const last = new Date(end.at).getTime();
  const first = from ? new Date(from.at).getTime() : Date.now();
  return [widening, widening ** 2].map(
    (times) => new Date(Math.max(0, last - times * (first - last))),
  );
}
