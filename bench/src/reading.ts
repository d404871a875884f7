import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { type Class, Inbox, IncomingDetails, project } from '@eoffice/contracts';
import { type Clerk, clerksOf, letter } from './clerks.js';
import { median } from './figures.js';
import type { Scale } from './groups.js';
import { type Load, loadOverHttp, type Sent } from './load.js';
import type { Row } from './rows.js';
import type { Person, Stack } from './stack.js';

const documents = 60;
const many = 16;

/** The same answer from two places. */
interface Question {
  name: string;
  type: Class;
  chain: (turn: number) => string;
  bare: (turn: number) => string;
}

/**
 * Reading one document and a page of an inbox through the whole chain, beside a bare Fastify handler
 * that runs the same statements in a process of its own: how many a second at c=16 and how long one
 * takes at c=1, in turns.
 */
export async function reading(stack: Stack, scale: Scale): Promise<Row[]> {
  const { leader, clerk } = await peopleOf(stack);
  const ids = await fillInbox(clerk, leader);
  const of = (turn: number) => ids[turn % documents]!;
  const questions: Question[] = [
    {
      ...{ name: 'reading a document', type: IncomingDetails },
      chain: (turn) => `/v1/incoming-documents/${of(turn)}`,
      bare: (turn) => `/documents/${of(turn)}`,
    },
    { name: 'an inbox page', type: Inbox, chain: () => '/v1/tasks', bare: () => '/inbox' },
  ];
  const bare = await startBare(stack, leader, ids[0]!);
  try {
    const rows: Row[] = [];
    for (const question of questions) {
      await mustAgree(stack, leader, bare.url, question);
      for (const concurrency of [1, many]) {
        rows.push(...(await compare(stack, leader, bare.url, question, concurrency, scale)));
      }
    }
    return rows;
  } finally {
    bare.process.kill();
  }
}

/** An agency's leader and the clerk who presents documents to them. */
async function peopleOf(stack: Stack): Promise<{ leader: Person; clerk: Clerk }> {
  for (const clerk of await clerksOf(stack)) {
    const leader = stack.accounts.find(
      ({ agencyId, title }) => agencyId === clerk.agencyId && /^(Chủ tịch|Giám đốc)/.test(title),
    );
    if (leader) return { clerk, leader: await stack.signIn(leader) };
  }
  throw new Error('The seed has no agency with a clerk and a leader');
}

async function fillInbox({ client, bookId }: Clerk, { personId }: Person): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < documents) {
    const { id } = await client.post<{ id: string }>('/v1/incoming-documents', letter(bookId));
    await client.change(`/v1/incoming-documents/${id}/presentation`, 1, { leaderId: personId });
    ids.push(id);
  }
  return ids;
}

async function startBare(stack: Stack, { personId, unitId }: Person, documentId: string) {
  const { rows } = await stack.sql.query<{ id: string }>(
    'select reader_id as id from documents.document_reader where document_id = $1',
    [documentId],
  );
  const file = join(process.cwd(), 'bench', 'dist', 'src', 'bare-server.js');
  const child: ChildProcess = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      NODE_ENV: 'production',
      BARE_DATABASE_URL: stack.databaseOf('documents'),
      BARE_READERS: JSON.stringify(rows.map(({ id }) => id)),
      BARE_ASSIGNEES: JSON.stringify([personId, unitId]),
    },
  });
  const [url] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return { url, process: child };
}

/** Whoever changes the service's statements is told that the bare server's must follow. */
async function mustAgree(stack: Stack, leader: Person, bareUrl: string, question: Question) {
  const chain = await leader.client.get<object>(question.chain(0));
  const bare = (await (await fetch(bareUrl + question.bare(0))).json()) as object;
  const shown = JSON.parse(JSON.stringify(project(question.type, bare))) as object;
  const { next: _, ...rest } = chain as { next?: string };
  if (isDeepStrictEqual(rest, shown)) return;
  throw new Error(`${question.name}: the bare server gives another answer than the service`);
}

async function compare(
  stack: Stack,
  { authorization }: Person,
  bareUrl: string,
  { name, chain, bare }: Question,
  concurrency: number,
  { warmUpSeconds, roundSeconds, rounds }: Scale,
): Promise<Row[]> {
  let turn = 0;
  const headers = { authorization };
  const sides = {
    chain: [stack.url, () => ({ method: 'GET', path: chain(turn++), headers })],
    bare: [bareUrl, () => ({ method: 'GET', path: bare(turn++), headers: {} })],
  } satisfies Record<string, [string, () => Sent]>;
  const load = async (side: keyof typeof sides, seconds: number): Promise<Load> => {
    const [url, next] = sides[side];
    return loadOverHttp(url, concurrency, seconds, next);
  };
  await load('bare', warmUpSeconds);
  await load('chain', warmUpSeconds);
  const measured: { bare: Load; chain: Load }[] = [];
  for (let round = 0; round < rounds; round++) {
    measured.push({
      bare: await load('bare', roundSeconds),
      chain: await load('chain', roundSeconds),
    });
  }
  const middle = (of: (round: (typeof measured)[number]) => number) => median(measured.map(of));
  const told = (side: keyof typeof sides) =>
    `${side} ${middle((round) => round[side].perSecond).toFixed(0)}/s,` +
    ` p50 ${middle((round) => round[side].p50).toFixed(2)} ms,` +
    ` p99 ${middle((round) => round[side].p99).toFixed(1)} ms`;
  return [
    {
      claim: `${name}, c=${concurrency}: bare handler beside whole chain`,
      measured: middle((round) => round.bare.perSecond / round.chain.perSecond),
      unit: 'times',
      limit: { atMost: 3 },
      note: `${told('chain')}; ${told('bare')}`,
    },
  ];
}
