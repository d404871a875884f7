import { setTimeout as wait } from 'node:timers/promises';
import { type Clerk, clerksOf, letter } from './clerks.js';
import { Direct } from './direct.js';
import { median } from './figures.js';
import type { Scale } from './groups.js';
import { type Load, loadOverHttp, type Sent } from './load.js';
import type { Row } from './rows.js';
import type { Stack } from './stack.js';

const concurrencies = [16, 32];

/**
 * Registering an incoming document over HTTP (gateway, NATS, service, one durable transaction with
 * audit and outbox, reply) beside the same transaction driven straight from `pg`, in turns, because
 * no machine is as fast from one minute to the next. Every connection is a clerk of an agency.
 */
export async function registration(stack: Stack, scale: Scale): Promise<Row[]> {
  const clerks = await clerksOf(stack);
  const direct = await Direct.open(stack, clerks, Math.max(...concurrencies));
  const rows: Row[] = [];
  try {
    for (const concurrency of concurrencies) {
      rows.push(...(await compare(stack, clerks, direct, concurrency, scale)));
    }
  } finally {
    await direct.close();
  }
  return rows;
}

async function compare(
  stack: Stack,
  clerks: Clerk[],
  direct: Direct,
  concurrency: number,
  { warmUpSeconds, roundSeconds, rounds }: Scale,
): Promise<Row[]> {
  const send = register(clerks);
  await loadOverHttp(stack.url, concurrency, warmUpSeconds, send);
  await direct.load(concurrency, warmUpSeconds);
  const measured: { straight: Load; chain: Load }[] = [];
  const hops: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    await settled(stack);
    const straight = await direct.load(concurrency, roundSeconds);
    const before = await stack.cpuMs();
    const chain = await loadOverHttp(stack.url, concurrency, roundSeconds, send);
    const after = await stack.cpuMs();
    for (const hop of Object.keys(after) as (keyof typeof after)[]) {
      (hops[hop] ??= []).push(((after[hop] - before[hop]) / chain.count) * 1000);
    }
    measured.push({ straight, chain });
  }
  const middle = (of: (round: (typeof measured)[number]) => number) => median(measured.map(of));
  const at = `registering, c=${concurrency}`;
  return [
    {
      claim: `${at}: whole chain beside the same transaction from pg`,
      measured: middle(({ chain, straight }) => chain.perSecond / straight.perSecond),
      unit: 'times',
      limit: { atLeast: 0.4 },
      note: `median of ${rounds} rounds in turns; the aim is 0.5`,
    },
    per(at, 'whole chain', (of) => middle(({ chain }) => of(chain))),
    per(at, 'straight from pg', (of) => middle(({ straight }) => of(straight))),
    ...Object.entries(hops).map(([hop, used]) => ({
      claim: `${at}: CPU of ${hop} a request, relay and index included`,
      measured: median(used),
      unit: 'µs',
    })),
  ];
}

function per(at: string, side: string, middle: (of: (load: Load) => number) => number): Row {
  const [p50, p99] = [middle(({ p50 }) => p50), middle(({ p99 }) => p99)];
  return {
    claim: `${at}: ${side}`,
    measured: middle(({ perSecond }) => perSecond),
    unit: 'requests/s',
    note: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  };
}

/** What a connection sends: its clerk registers one letter after another. */
export function register(clerks: Clerk[]): (connection: number) => Sent {
  return (connection) => {
    const { bookId, authorization } = clerks[connection % clerks.length]!;
    return {
      method: 'POST',
      path: '/v1/incoming-documents',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(letter(bookId)),
    };
  };
}

/** Waits until every event is announced and every document can be found. */
export async function settled(stack: Stack) {
  for (;;) {
    const { rows } = await stack.sql.query<{ quiet: boolean }>(
      `select not exists (select from documents.outbox)
         and not exists (select from documents.incoming_document d
           where not exists (select from documents.searchable s where s.document_id = d.id))
         as quiet`,
    );
    if (rows[0]!.quiet) return;
    await wait(250);
  }
}
