import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startNats } from './nats.js';
import { answers, until } from './ports.js';
import { startPostgres } from './postgres.js';
import { type Server, ServerKeeper } from './server-keeper.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'eoffice-keeper-'))));
const keepers: ServerKeeper[] = [];
afterAll(async () => {
  await Promise.all(keepers.map((keeper) => keeper.stop()));
  await rm(folder, { recursive: true, force: true });
});

function keep(name: string, server: Server) {
  const said: string[] = [];
  const keeper = new ServerKeeper(name, server, (line) => said.push(line));
  keepers.push(keeper);
  return { said, keeper };
}

const count = async (url: string, sql: string) => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ count: string }>(sql)).rows[0]?.count;
  } finally {
    await client.end();
  }
};

/** Kills a server as the kernel would, waits until it is said to be back, and returns what was said. */
async function killed(keeper: ServerKeeper, said: string[]): Promise<string[]> {
  const before = keeper.pid!;
  said.length = 0;
  process.kill(before, 'SIGKILL');
  await until(
    () => said.some((line) => line.includes('ready again')),
    () => said.join('\n'),
  );
  expect(said[0]).toContain(`(process ${before}) was ended by SIGKILL`);
  expect(keeper.pid).not.toBe(before);
  expect(said.at(-1)).toContain(`(process ${keeper.pid})`);
  return said;
}

describe('the keeper of a server', () => {
  it('starts a killed PostgreSQL again on its port and data, every time', async () => {
    const server = await startPostgres({ folder: join(folder, 'postgres'), durable: true });
    const { said, keeper } = keep('PostgreSQL', server);
    await count(server.url, 'create table kept as select 1');
    for (const _ of [1, 2]) {
      await killed(keeper, said);
      expect(await count(server.url, 'select count(*) from kept')).toBe('1');
    }
    said.length = 0;
    await keeper.stop();
    expect([said, await answers(server.port)]).toEqual([[], false]);
  });

  it('starts a killed NATS again on its port, and lets one rest that does not start', async () => {
    const server = await startNats({ folder: join(folder, 'nats'), syncAlways: false });
    const { said, keeper } = keep('NATS', server);
    await killed(keeper, said);
    expect(await answers(server.port)).toBe(true);
    const file = join(folder, 'nats', 'nats.conf');
    const right = await readFile(file, 'utf8');
    await writeFile(file, 'no such word: 1');
    said.length = 0;
    process.kill(keeper.pid!, 'SIGKILL');
    await until(
      () => said.some((line) => line.includes('NATS did not start')),
      () => said.join('\n'),
    );
    expect(said.join('\n')).toContain('Parse error');
    await writeFile(file, right);
    await until(
      () => said.some((line) => line.includes('ready again')),
      () => said.join('\n'),
    );
    await keeper.stop();
    expect(await answers(server.port)).toBe(false);
  });
});

describe('PostgreSQL', () => {
  const options = () => ({ folder: join(folder, 'again'), durable: false });

  it('is made anew when its making was interrupted', async () => {
    const { folder: place } = options();
    const url = new URL('../dist/local/postgres.js', import.meta.url).href;
    const making = `import { startPostgres } from ${JSON.stringify(url)};
      await startPostgres(${JSON.stringify(options())});`;
    await writeFile(join(folder, 'making.mjs'), making);
    const child = spawn(process.execPath, [join(folder, 'making.mjs')]);
    const begun = async () =>
      (await readdir(folder, { recursive: true })).some((name) => /^again.*PG_VERSION$/.test(name));
    await until(begun, () => 'it was not begun');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const server = await startPostgres(options());
    expect(await count(server.url, 'select count(*) from pg_class')).toMatch(/^\d+$/);
    await server.stop();
    expect(await readdir(folder)).toContain(place.split('/').at(-1));
  });

  it('starts although its lock names a process that is somebody else', async () => {
    const first = await startPostgres(options());
    const lock = join(options().folder, 'postmaster.pid');
    const text = await readFile(lock, 'utf8');
    await first.stop();
    await writeFile(lock, text.replace(/^\d+/, String(process.pid)));
    const server = await startPostgres(options());
    await server.stop();
  });
});
