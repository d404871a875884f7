import { median, quantile } from './figures.js';
import type { Scale } from './groups.js';
import { type Askers, loadManyDocuments, words } from './many-documents-data.js';
import type { Row } from './rows.js';
import type { Stack } from './stack.js';

const search = (q: string) => `/v1/documents/search?q=${encodeURIComponent(q)}`;

/** What is asked, by the name it is told under. */
const questions = (agencyId: string): Record<string, string> => ({
  list: '/v1/incoming-documents',
  'list of a month two years ago': `/v1/incoming-documents?from=${daysAgo(730)}&to=${daysAgo(700)}`,
  'list of an agency': `/v1/incoming-documents?organisationId=${agencyId}`,
  'list of what is registered only': '/v1/incoming-documents?state=registered',
  inbox: '/v1/tasks',
  'inbox, counted': '/v1/tasks/counts',
  'search, word in 4 documents': search(words.rare),
  'search, words in 1 of 40': search(words.place),
  'search, the same without marks': search('bao loc'),
  'search, words in every second': search(words.frequent),
  'search, beginning of words': search('th'),
  'search, words that never follow each other': search('phường Bảo Lộc về rà soát'),
});

const daysAgo = (days: number) =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/**
 * Lists, inbox and search in a province's worth of documents: an ordinary official beside the
 * administrator, who reads all, in turns, one request at a time through the whole chain.
 */
export async function manyDocuments(stack: Stack, scale: Scale): Promise<Row[]> {
  const started = performance.now();
  const askers = await loadManyDocuments(stack, scale);
  const loadedIn = (performance.now() - started) / 1000;
  const times: Record<string, Record<keyof Askers, number[]>> = {};
  for (const [name, path] of Object.entries(questions(askers.clerk.agencyId))) {
    times[name] = await ask(askers, path, scale.questions);
  }
  const rows = Object.entries(times).map(([name, of]) => beside(name, of));
  const all = Object.values(times).flatMap((of) => Object.values(of));
  return [
    ...rows,
    {
      claim: 'slowest p95 of all these',
      measured: Math.max(...all.map(p95)),
      unit: 'ms',
      limit: { atMost: 60 },
    },
    await sameWithoutMarks(askers),
    {
      claim: `loading ${scale.documents} documents`,
      measured: loadedIn,
      unit: 's',
      limit: { atMost: 120 },
    },
  ];
}

const p95 = (times: number[]) => quantile(times, 0.95);

function beside(
  name: string,
  { official, clerk, administrator }: Record<keyof Askers, number[]>,
): Row {
  const told = ([who, of]: [string, number[]]) =>
    `${who} ${median(of).toFixed(1)} (${p95(of).toFixed(1)})`;
  const times: [string, number[]][] = [
    ['official', official],
    ['clerk', clerk],
    ['administrator', administrator],
  ];
  return {
    claim: `${name}: official beside administrator`,
    measured: median(official) / median(administrator),
    unit: 'times',
    limit: { atMost: 1.2 },
    note: `median (p95) ms: ${times.map(told).join(', ')}`,
  };
}

/** Everybody asks in turns, so that nobody has the quieter minute. The first few are not counted. */
async function ask(askers: Askers, path: string, count: number) {
  const times = { official: [], clerk: [], administrator: [] } as Record<keyof Askers, number[]>;
  for (let turn = -2; turn < count; turn++) {
    for (const who of Object.keys(times) as (keyof Askers)[]) {
      const begun = performance.now();
      await askers[who].client.get(path);
      if (turn >= 0) times[who].push(performance.now() - begun);
    }
  }
  return times;
}

/** Without marks, the same documents are found as with them, by everybody; counts the differences. */
async function sameWithoutMarks(askers: Askers): Promise<Row> {
  let different = 0;
  const counts: string[] = [];
  for (const who of Object.keys(askers) as (keyof Askers)[]) {
    const marked = await idsOf(askers[who], search(words.place));
    const plain = await idsOf(askers[who], search('bao loc'));
    different += [...marked, ...plain].filter((id) => !marked.has(id) || !plain.has(id)).length;
    counts.push(`${who} ${marked.size}`);
  }
  return {
    claim: '“bao loc” finds other documents than “Bảo Lộc”',
    measured: different,
    unit: 'documents',
    limit: { atMost: 0 },
    note: `found: ${counts.join(', ')}`,
  };
}

/** Every page of what is found. */
async function idsOf({ client }: Askers['administrator'], path: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { documentId } of client.pages<{ documentId: string }>(path))
    ids.add(documentId);
  return ids;
}
