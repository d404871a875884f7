import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '@eoffice/contracts/language/caller';
import { upkeepOf } from '@eoffice/contracts/language/upkeep';
import { freePort } from '@eoffice/deploy/local/ports';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { trial, TrialModule, trialService, TrialTables } from '@eoffice/testing/trial';

const main = fileURLToPath(
  new URL(`../../../services/${trialService}/dist/src/main.js`, import.meta.url),
);

describe('a service', () => {
  let house: House;
  let tables: TrialTables;
  let caller: Caller;

  beforeAll(async () => {
    house = await House.open();
    tables = await TrialTables.make(house);
    house.answerKeys();
    caller = await house.as({ permissions: ['mail.manage', 'upkeep.audit'] });
  });
  afterAll(async () => {
    await tables.close();
    await house.close();
  });

  it('answers what it has begun before it ends, and takes nothing more', async () => {
    const app = await house.start(trialService, TrialModule);
    const note = { subject: 'tắt', crash: false };
    const write = (text: string, delayMs: number) =>
      house.client(trial).write({ ...note, text, delayMs }, caller);
    const slow = Promise.all(['a', 'b', 'c'].map((text) => write(text, 600)));
    await wait(200);
    const closing = house.stop(app);
    await wait(100);
    expect(await problemOf(write('muộn', 0))).toBe('unavailable');
    expect((await slow).map(({ number }) => number)).toHaveLength(3);
    await closing;
    expect(await tables.rows('select from note')).toHaveLength(3);
    expect(await tables.rows('select from outbox')).toEqual([]);
  });

  it('ends on SIGTERM as a process, once the request in hand is answered', async () => {
    const environment = { ...house.environmentOf(trialService), LOG_LEVEL: 'info' };
    const child = spawn(process.execPath, [main], { env: environment });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(child, 'close');
    await eventually(() => expect(said).toContain('"msg":"ready"'), 20_000);
    await tables.superuser.query('begin; lock table audit in access exclusive mode');
    const asked = house.client(upkeepOf(trialService)).journal({}, caller);
    await wait(300);
    child.kill('SIGTERM');
    await wait(300);
    expect(child.exitCode).toBeNull();
    await tables.superuser.query('commit');
    expect((await asked).items.length).toBeGreaterThan(0);
    const [code, signal] = await ended;
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGTERM' });
    expect(said).toContain('"msg":"stopped"');
  });

  /** What a program says when it cannot start, and how long it takes to. */
  const refusalOf = async (service: string, environment: Record<string, string>) => {
    const program = main.replace(`/${trialService}/`, `/${service}/`);
    const child = spawn(process.execPath, [program], { env: environment });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await once(child, 'close')).toEqual([1, null]);
    return said.trim().split('\n');
  };

  it('does not start with wrong settings, and names all of them, its own too', async () => {
    const wrong = { ...house.environmentOf('gateway'), HTTP_PORT: 'x', UPLOAD_LIMIT_MB: '-1' };
    const [first, ...faults] = await refusalOf('gateway', wrong);
    expect(first).toBe('gateway could not start: Wrong settings:');
    const names = faults.map((line) => line.trim().split(' ')[0]);
    expect(names).toEqual(['HTTP_PORT', 'UPLOAD_LIMIT_MB', 'GATEWAY_SECRET']);
  });

  it('says which variable names a PostgreSQL that is not there or lets nobody in', async () => {
    const environment = house.environmentOf(trialService);
    const port = await freePort();
    const away = { ...environment, DATABASE_URL: `postgres://u:secret@127.0.0.1:${port}/x` };
    expect(await refusalOf(trialService, away)).toEqual([
      `mail could not start: DATABASE_URL: 127.0.0.1:${port} is not there or lets nobody in ` +
        `(connect ECONNREFUSED 127.0.0.1:${port})`,
    ]);
    const url = new URL(environment.DATABASE_URL!);
    url.pathname = '/no_such_database';
    const [said] = await refusalOf(trialService, { ...environment, DATABASE_URL: url.href });
    expect(said).toMatch(/DATABASE_URL: .*no_such_database/);
  });
});
