import { setTimeout as wait } from 'node:timers/promises';
import { type CloudEvent, incomingRegistered, streamSubjectOf } from '@eoffice/contracts';
import { connectNats } from '@eoffice/platform/nats';
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import { clerksOf } from './clerks.js';
import { quantile } from './figures.js';
import type { Scale } from './groups.js';
import { loadOverHttp } from './load.js';
import { register, settled } from './registration.js';
import type { Row } from './rows.js';
import type { Stack } from './stack.js';

const concurrency = 32;

/**
 * How many events a second go from the outbox to JetStream when many wait, and how long after the
 * change an event is in the stream while documents are registered as fast as they can be.
 */
export async function announcing(stack: Stack, scale: Scale): Promise<Row[]> {
  const clerks = await clerksOf(stack);
  const send = register(clerks);
  await loadOverHttp(stack.url, concurrency, scale.warmUpSeconds, send);
  await settled(stack);
  const since = new Date();
  const load = await loadOverHttp(stack.url, concurrency, scale.roundSeconds * 2, send);
  await settled(stack);
  const lags = await lagsSince(stack, since, load.count);
  const perSecond = await drain(stack, scale.events);
  return [
    {
      claim: `relay: events a second from an outbox in which ${scale.events} wait`,
      measured: perSecond,
      unit: 'events/s',
      limit: { atLeast: load.perSecond },
      note: 'must be faster than documents can be registered',
    },
    {
      claim: 'relay: p99 from the change, before its commit, to the stream',
      measured: quantile(lags, 0.99),
      unit: 'ms',
      limit: { atMost: 1_000 },
      note:
        `while ${load.perSecond.toFixed(0)} documents a second are registered (c=${concurrency}); ` +
        `p50 ${quantile(lags, 0.5).toFixed(1)} ms of ${lags.length} events`,
    },
  ];
}

/** From the moment an event bears, which is before its transaction commits, to JetStream's. */
async function lagsSince(stack: Stack, since: Date, count: number): Promise<number[]> {
  const nats = await connectNats(stack.natsOf('documents'), 'documents');
  try {
    const consumer = await jetstream(nats).consumers.get('events', {
      filter_subjects: streamSubjectOf(incomingRegistered.type),
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: since.toISOString(),
    });
    const lags: number[] = [];
    const messages = await consumer.consume({ max_messages: 1_000 });
    for await (const message of messages) {
      const { time } = message.json<CloudEvent>();
      lags.push(message.info.timestampNanos / 1e6 - new Date(time).getTime());
      if (message.info.pending === 0) break;
    }
    if (lags.length < count) throw new Error(`${count} registered, ${lags.length} announced`);
    return lags;
  } finally {
    await nats.close();
  }
}

/** Puts events nobody reacts to into the outbox at once. Returns how many a second left it. */
async function drain(stack: Stack, count: number): Promise<number> {
  await stack.sql.query(
    `insert into documents.outbox (event)
     select jsonb_build_object('specversion', '1.0', 'id', gen_random_uuid(), 'source', '/documents',
       'type', 'documents.bench.counted.v1', 'subject', n::text, 'time', now(),
       'datacontenttype', 'application/json', 'data', jsonb_build_object('documentId',
         gen_random_uuid(), 'organisationId', gen_random_uuid(), 'number', n, 'year', 2026))
     from generate_series(1, $1::int) as n`,
    [count],
  );
  const waiting = async () => {
    const { rows } = await stack.sql.query<{ left: number }>(
      'select count(*)::int as left from documents.outbox',
    );
    return rows[0]!.left;
  };
  const first = await waiting();
  const started = performance.now();
  let left = first;
  while ((left = await waiting()) > 0) await wait(20);
  return (first - left) / ((performance.now() - started) / 1000);
}
