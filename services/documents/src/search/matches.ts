import { Injectable } from '@nestjs/common';
import type { Found } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { newestOn, reachOf } from '../incoming/newest.js';

// Two ways to the newest documents with some words. Going through a caller's own list, newest first,
// is quick for words that many documents have; the index of words is quick for those that few have,
// but gives them in no order. So the newest few hundred of the list are looked at first, which finds
// frequent words at once; words that occur there too seldom for a page are looked up in the index
// only as far back as a page of them should take, and what is still lacking, or did not occur at all, in all of it.
// It costs the same whether a caller reads a hundred documents or all of them.

const looked = 400;
/** How much farther than their share of the newest says that a page of words is looked for, at most. */
const margin = 2;
const farthest = 8_000;

/** What is looked for, and in whose lists. */
export interface Sought {
  /** Ids the caller reads under. */
  readers: string[];
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
    let after = end;
    while (after && lacks(kind !== 'others')) {
      const far = Math.ceil((margin * looked * limit) / hits.length);
      const near = after === end && far <= farthest;
      const reach = near ? await this.reach(sought, after, far) : undefined;
      const wanted = kind === 'either' && !lacks(false) ? 'exact' : kind;
      hits.push(...(await this.indexed(sought, wanted, after, reach, limit)));
      after = reach ? { at: reach, id: firstId } : undefined;
    }
    return hits;
  }

  /** Looks through the newest of the lists, after a place if one is given. */
  private async recent(sought: Sought, from?: Place): Promise<Recent> {
    const { directions, readers, marked, folded, organisationId } = sought;
    const lists = { directions, lists: readers, first: 8, condition: listed };
    const newest = newestOn({ ...lists, limit: String(looked) });
    const rows = await this.database.query<Hit & { last: boolean }>(
      `with recent as materialized (
         select sort_at, document_id,
           row_number() over (order by sort_at desc, document_id desc) as place
         from (${newest}) newest)
       select recent.document_id as id, recent.sort_at::text as at, match.exact,
         place = ${looked} as last
       from recent left join lateral (
         select s.marked @@ $6::tsquery as exact from searchable s
         where s.document_id = recent.document_id and s.folded @@ $7::tsquery
         limit 1) match on true
       where match.exact is not null or place = ${looked}
       order by place`,
      [
        ...[from?.at, from?.id, sought.since, sought.before, organisationId],
        ...[marked, folded, ...readers],
      ],
    );
    const end = rows.find(({ last }) => last);
    return { hits: rows.filter(({ exact }) => exact !== null), end };
  }

  /** How far back so many of the lists go. */
  private async reach(sought: Sought, { at, id }: Place, far: number) {
    const { directions, readers, since, before, organisationId } = sought;
    const lists = { directions, lists: readers, first: 6, condition: listed };
    const [row] = await this.database.query<{ reach: string | null }>(
      `select reach::text from (${reachOf({ ...lists, limit: String(far) })}) reach`,
      [at, id, since, before, organisationId, ...readers],
    );
    return row?.reach ?? undefined;
  }

  /** The first `limit` of each kind that are older than a place, no older than a moment. */
  private indexed(
    { readers, directions, organisationId, marked, folded, since, before }: Sought,
    kind: Kind,
    { at, id }: Place,
    reach: string | undefined,
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

/** What of a list is looked at: after a place, within dates, of an agency. */
const listed = `($1::timestamptz is null or (r.sort_at, r.document_id) < ($1, $2::uuid))
  and ($3::timestamptz is null or r.sort_at >= $3) and ($4::timestamptz is null or r.sort_at < $4)
  and ($5::uuid is null or r.organisation_id = $5)`;

const firstId = '00000000-0000-0000-0000-000000000000';
