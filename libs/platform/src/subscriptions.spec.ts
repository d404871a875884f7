import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '@eoffice/contracts/language/caller';
import { upkeepOf } from '@eoffice/contracts/language/upkeep';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import {
  noted,
  TrialModule,
  TrialReactions,
  trialService,
  TrialTables,
} from '@eoffice/testing/trial';
import { Client } from 'pg';

const reaction = `${trialService}-TrialReactions-hear`;

describe('subscriptions', () => {
  let house: House;
  let tables: TrialTables;
  let reactions: TrialReactions;
  let operator: Caller;
  const upkeep = () => house.client(upkeepOf(trialService));

  beforeAll(async () => {
    house = await House.open();
    tables = await TrialTables.make(house);
    reactions = (await house.start(trialService, TrialModule)).get(TrialReactions);
    operator = await house.as({ permissions: ['upkeep.operate', 'upkeep.audit'] });
  });
  afterAll(async () => {
    await tables.close();
    await house.close();
  });

  const announce = (subject: string, number: number, id?: string) =>
    house.announce(noted, subject, { subject, number }, id);
  const heard = async (subject: string) => {
    const rows = await tables.rows<{ number: number }>(
      'select number from heard where subject = $1 order by ctid',
      [subject],
    );
    return rows.map(({ number }) => number);
  };
  const hears = (subject: string, numbers: number[], withinMs?: number) =>
    eventually(async () => expect(await heard(subject)).toEqual(numbers), withinMs);

  it('act on each event once, in order, however often it comes', async () => {
    const id = randomUUID();
    await announce('lặp', 1, id);
    await announce('lặp', 1, id);
    for (let number = 2; number <= 30; number++) await announce('lặp', number);
    await announce('lặp', 1, id);
    await announce('lặp', 31);
    await hears(
      'lặp',
      Array.from({ length: 31 }, (_, index) => index + 1),
    );
  });

  it('try again what failed, and keep nothing of the attempts', async () => {
    reactions.attempts = 0;
    reactions.failures = 2;
    await announce('lỗi tạm', 1);
    await hears('lỗi tạm', [1]);
    expect(reactions.attempts).toBe(3);
  });

  it('set aside what fails always, go on with the next, and act once more when told to', async () => {
    reactions.attempts = 0;
    reactions.failures = 6;
    const { id: eventId } = await announce('hỏng', 1);
    await announce('sau', 2);
    await hears('sau', [2], 20_000);
    expect(await heard('hỏng')).toEqual([]);
    expect(reactions.attempts).toBe(7);
    const clerk = await house.as({ permissions: ['mail.manage'] });
    expect(await problemOf(upkeep().deadLetters({}, clerk))).toBe('forbidden');
    const { items } = await upkeep().deadLetters({}, operator);
    const letter = { eventId, reaction, eventType: noted.type, error: 'not this time' };
    expect(items).toMatchObject([letter]);

    reactions.failures = 1;
    const again = { eventId, reaction };
    await expect(upkeep().redrive(again, operator)).rejects.toMatchObject({ status: 500 });
    expect((await upkeep().deadLetters({}, operator)).items).toHaveLength(1);
    await Promise.allSettled([1, 2, 3].map(() => upkeep().redrive(again, operator)));
    expect(await heard('hỏng')).toEqual([1]);
    expect((await upkeep().deadLetters({}, operator)).items).toEqual([]);
    expect(await problemOf(upkeep().redrive(again, operator))).toBe('not-found');
    const { items: entries } = await upkeep().journal({ stream: eventId }, operator);
    expect(entries[0]).toMatchObject({ action: 'upkeep.redriven', actor: operator.personId });
  });

  it('wait for a database that is away, however long, and set nothing aside', async () => {
    const url = new URL(house.database.urlAs('postgres'));
    const name = url.pathname.slice(1);
    url.pathname = '/postgres';
    const superuser = new Client({ connectionString: url.href });
    await superuser.connect();
    tables.own.on('error', () => {});
    tables.superuser.on('error', () => {});
    await superuser.query(`alter database ${name} allow_connections false`);
    await superuser.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
      [name],
    );
    await announce('chờ', 1);
    await wait(9_000);
    await superuser.query(`alter database ${name} allow_connections true`);
    await superuser.end();
    tables = await TrialTables.open(house);
    await hears('chờ', [1], 20_000);
    expect((await upkeep().deadLetters({}, operator)).items).toEqual([]);
  });

  it('go on after NATS was away', async () => {
    await house.server.kill();
    await wait(300);
    await house.server.restart();
    await eventually(() => announce('trở lại', 1), 10_000);
    await hears('trở lại', [1], 45_000);
  });

  it('go on where another process has stopped', async () => {
    const next = await house.start(trialService, TrialModule);
    await announce('tiếp', 1);
    await hears('tiếp', [1]);
    await house.stop(next);
    await announce('tiếp', 2);
    await hears('tiếp', [1, 2]);
  });
});
