import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '@eoffice/contracts/language/caller';
import { upkeepOf } from '@eoffice/contracts/language/upkeep';
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

  it('does not start with wrong settings, and says which', async () => {
    const environment = { ...house.environmentOf(trialService), HTTP_PORT: 'x', LOG_LEVEL: 'y' };
    const child = spawn(process.execPath, [main], { env: environment });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(said).toMatch(/mail could not start: .*HTTP_PORT.*LOG_LEVEL/);
  });
});
