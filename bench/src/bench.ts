import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { announcing } from './announcing.js';
import { full, type Group, quick } from './groups.js';
import { mail } from './mail.js';
import { mailAccept } from './mail-accept.js';
import { manyDocuments } from './many-documents.js';
import { reading } from './reading.js';
import { registration } from './registration.js';
import { holds, type Row, tableOf } from './rows.js';
import { signing } from './signing.js';
import { Stack } from './stack.js';
import { start } from './start.js';

// `npm run bench`: every claim beside its limit, measured in one run on a stack of its own. Names of
// groups measure only those; `--quick` shows in seconds that everything runs, and says nothing about
// speed. Ends with 1 when a limit is missed.

const groups: Record<string, Group> = {
  start,
  registration,
  announcing,
  reading,
  'many-documents': manyDocuments,
  signing,
  mail,
  'mail-accept': mailAccept,
};

const words = process.argv.slice(2);
const scale = words.includes('--quick') ? quick : full;
const names = words.filter((word) => !word.startsWith('-'));
const unknown = names.filter((name) => !(name in groups));
if (unknown.length > 0) {
  console.error(`No group ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}.`);
  process.exit(2);
}
const chosen = names.length > 0 ? names : Object.keys(groups);

/** A stack that was seeded and started again, as after the first day. */
async function secondStart(folder: string): Promise<Stack> {
  const first = await Stack.start(folder);
  console.log(`first start, with the seed: ${first.readyAfterS.toFixed(1)} s`);
  if (!chosen.includes('start')) return first;
  await first.stop();
  return Stack.start(folder);
}

async function conditions(stack: Stack) {
  const run = promisify(execFile);
  const { rows } = await stack.sql.query<{ version: string; fsync: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync`,
  );
  const nats = `/proc/${stack.processes.nats}/exe`;
  const { stdout } = await run(nats, ['--version']).catch(() => ({ stdout: 'unknown' }));
  return {
    at: new Date().toISOString(),
    machine: `${cpus().length} × ${cpus()[0]!.model}`,
    loadBefore: loadavg()[0],
    node: process.version,
    postgres: `${rows[0]!.version}, fsync ${rows[0]!.fsync}`,
    nats: stdout.trim(),
  };
}

const folder = await mkdtemp(join(tmpdir(), 'eoffice-bench-'));
const measured: Record<string, Row[]> = {};
let stack: Stack | undefined;
try {
  stack = await secondStart(folder);
  const under = await conditions(stack);
  console.log(
    Object.entries(under)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  );
  for (const name of chosen) {
    console.log(`\n${name} …`);
    measured[name] = await groups[name]!(stack, scale);
    console.log(tableOf(measured[name]));
  }
  if (scale === full) await keep({ ...under, measured });
} finally {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function keep(result: { at: string; measured: Record<string, Row[]> }) {
  const results = join(process.cwd(), 'bench', 'results');
  await mkdir(results, { recursive: true });
  const file = join(results, `${result.at.replaceAll(':', '-')}.json`);
  await writeFile(file, JSON.stringify(result, null, 2));
  console.log(`\nkept in ${file}`);
}

const missed = Object.values(measured)
  .flat()
  .filter((row) => !holds(row));
if (missed.length > 0) {
  console.log(`\nMissed:\n${tableOf(missed)}`);
  process.exitCode = scale === full ? 1 : 0;
}
