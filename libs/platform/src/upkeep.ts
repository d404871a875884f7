import type { Caller } from '@eoffice/contracts/language/caller';
import type { Class } from '@eoffice/contracts/language/contract';
import { cursorOf, keyOf } from '@eoffice/contracts/language/page';
import { type AuditInput, upkeepOf } from '@eoffice/contracts/language/upkeep';
import { Database } from './database.js';
import { Serves } from './serves.js';
import { Subscriptions } from './subscriptions.js';

const chained = `
  select stream, position, hash, previous,
    lag(hash) over w as hash_before, lag(position) over w as position_before,
    encode(sha256(convert_to(
      audit_text(stream, position, at, action, actor, on_behalf_of, data, previous), 'UTF8')), 'hex') as expected
  from audit window w as (partition by stream order by position)`;

const faults = `
  with chained as (${chained})
  select stream, position::int, case
      when hash <> expected then 'changed'
      when position <> coalesce(position_before, 0) + 1 then 'missing'
      else 'reordered' end as fault
  from chained
  where hash <> expected or position <> coalesce(position_before, 0) + 1
    or previous <> coalesce(hash_before, encode(sha256(''), 'hex'))
  union all
  select name, s.length::int, 'missing' from audit_stream s
  where s.head is distinct from (
    select hash from audit a where a.stream = s.name and a.position = s.length)
  union all
  select stream, min(position)::int, 'missing' from audit a
  where not exists (select from audit_stream s where s.name = a.stream) group by stream
  limit 100`;

/** Serves the upkeep contract of one service: its audit journal and its dead letters. */
export function upkeepServedBy(service: string): Class {
  @Serves(upkeepOf(service))
  class Upkeep {
    constructor(
      readonly database: Database,
      readonly subscriptions: Subscriptions,
    ) {}

    async journal({ stream, limit = 50, after }: AuditInput) {
      const [at, name, position] = keyOf(after) ?? [null, null, null];
      const items = await this.database.query<{ at: string; stream: string; position: number }>(
        `select stream, position::int, at::text || 'Z' as at, action, actor,
           on_behalf_of as "onBehalfOf", data, hash
         from audit where ($1::text is null or stream = $1)
           and ($2::timestamp is null or (at, stream, position) < ($2, $3, $4))
         order by at desc, stream desc, position desc limit $5`,
        [stream ?? null, at, name, position, limit],
      );
      const last = items.at(-1);
      const next =
        last && items.length === limit
          ? cursorOf(last.at.slice(0, -1), last.stream, last.position)
          : undefined;
      return {
        items: items.map((item) => ({ ...item, at: item.at.replace(' ', 'T') })),
        next,
      } as never;
    }

    async verify() {
      const [found, [counted]] = await Promise.all([
        this.database.query(faults),
        this.database.query<{ entries: number; streams: number }>(
          `select count(*)::int as entries, (select count(*)::int from audit_stream) as streams from audit`,
        ),
      ]);
      return { intact: found.length === 0, ...counted!, faults: found } as never;
    }

    async deadLetters({ limit = 50, after }: { limit?: number; after?: string }) {
      const [failedAt, eventId] = keyOf(after) ?? [null, null];
      const items = await this.database.query<{ failedAt: Date; eventId: string }>(
        `select event_id as "eventId", reaction, event->>'type' as "eventType", error, failed_at as "failedAt"
         from dead_letter where $1::timestamptz is null or (failed_at, event_id) < ($1, $2)
         order by failed_at desc, event_id desc limit $3`,
        [failedAt, eventId, limit],
      );
      const last = items.at(-1);
      const next =
        last && items.length === limit
          ? cursorOf(last.failedAt.toISOString(), last.eventId)
          : undefined;
      return { items, next } as never;
    }

    redrive({ eventId, reaction }: { eventId: string; reaction: string }, caller: Caller) {
      return this.subscriptions.redrive(eventId, reaction, caller);
    }
  }
  return Upkeep;
}
