import { setTimeout as wait } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '@eoffice/contracts/language/caller';
import { type CloudEvent, streamSubjectOf } from '@eoffice/contracts/language/event';
import { eventually, House } from '@eoffice/testing/house';
import { noted, trial, TrialModule, trialService, TrialTables } from '@eoffice/testing/trial';
import { Database } from './database.js';
import { eventStream } from './outbox.js';

describe('the outbox', () => {
  let house: House;
  let tables: TrialTables;
  let first: Awaited<ReturnType<House['start']>>;
  let database: Database;
  let caller: Caller;

  beforeAll(async () => {
    house = await House.open();
    tables = await TrialTables.make(house);
    first = await house.start(trialService, TrialModule);
    database = first.get(Database);
    caller = await house.as({ permissions: ['mail.manage'] });
  });
  afterEach(async () => {
    await tables.own.query(`drop trigger if exists hold on outbox`);
    await eventually(async () => expect(await waiting()).toBe(0));
  });
  afterAll(async () => {
    await tables.close();
    await house.close();
  });

  /** Writes without NATS, as a request that is being worked on does when the server goes away. */
  const emit = (subject: string, ...numbers: number[]) =>
    database.transaction(caller, async (_, emitted) => {
      for (const number of numbers) emitted(noted, subject, { subject, number });
      return {};
    });
  const waiting = async () =>
    (await tables.rows<{ count: number }>('select count(*)::int as count from outbox'))[0]!.count;

  /** What the stream holds of some subjects, in its order. */
  const streamed = async (...subjects: string[]) => {
    const manager = await jetstreamManager(house.nats);
    const { state } = await manager.streams.info(eventStream);
    const found: CloudEvent<{ number: number }>[] = [];
    for (let seq = 1; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(eventStream, { seq });
      const event = message!.json<CloudEvent<{ number: number }>>();
      if (subjects.includes(event.subject)) found.push(event);
      expect(message!.subject).toBe(streamSubjectOf(event.type));
    }
    return found;
  };
  const numbersOf = async (subject: string) =>
    (await streamed(subject)).map(({ data }) => data.number);
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

  it('announces what was written, in order for each thing, each once', async () => {
    const subjects = ['một', 'hai', 'ba'];
    await Promise.all(
      subjects.map(async (subject) => {
        for (let number = 1; number < 90; number += 3) {
          await emit(subject, number, number + 1, number + 2);
        }
      }),
    );
    await eventually(async () => expect(await streamed(...subjects)).toHaveLength(270));
    for (const subject of subjects) expect(await numbersOf(subject)).toEqual(upTo(90));
  });

  it('says nothing of what was rolled back', async () => {
    const work = database.transaction(caller, async (_, emitted) => {
      emitted(noted, 'không', { subject: 'không', number: 1 });
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    await emit('có', 1);
    await eventually(async () => expect(await numbersOf('có')).toEqual([1]));
    expect(await numbersOf('không')).toEqual([]);
  });

  it('announces once what it had sent, but not yet forgotten, when it was killed', async () => {
    await tables.own.query(`
      create or replace function hold() returns trigger language plpgsql as $$
      begin perform pg_advisory_xact_lock(42); return null; end $$;
      create trigger hold before delete on outbox for each statement execute function hold();
      select pg_advisory_lock(42)`);
    await emit('dở dang', 1, 2, 3);
    await eventually(async () => expect(await numbersOf('dở dang')).toEqual([1, 2, 3]));
    expect(await waiting()).toBe(3);
    const { rowCount } = await tables.superuser.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'outbox' and datname = current_database()`,
    );
    expect(rowCount).toBe(1);
    await tables.own.query('select pg_advisory_unlock(42)');
    await emit('dở dang', 4);
    await eventually(async () => expect(await waiting()).toBe(0));
    expect(await numbersOf('dở dang')).toEqual(upTo(4));
  });

  it('waits while NATS is away, and loses nothing', async () => {
    await house.server.kill();
    for (const number of upTo(5)) await emit('mất mạng', number * 2 - 1, number * 2);
    await wait(500);
    expect(await waiting()).toBe(10);
    await house.server.restart();
    await eventually(async () => expect(await waiting()).toBe(0), 30_000);
    // The spec's own connection may come back after the relay's.
    await eventually(async () => expect(await numbersOf('mất mạng')).toEqual(upTo(10)), 30_000);
  });

  it('says who did it, and carries the trace', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await database.transaction({ request: { traceparent } }, async (_, emitted) =>
      emitted(noted, 'vết', { subject: 'vết', number: 1 }),
    );
    await house
      .client(trial)
      .write({ subject: 'vết', text: 'x', delayMs: 0, crash: false }, caller);
    await eventually(async () => expect(await streamed('vết')).toHaveLength(2));
    const [first, second] = await streamed('vết');
    expect(first).toMatchObject({ traceparent, source: '/mail', specversion: '1.0' });
    expect(first).not.toHaveProperty('actor');
    expect(second).toMatchObject({ actor: caller.personId, type: noted.type });
  });

  it('is emptied by one replica at a time, and by the next when that one ends', async () => {
    const second = await house.start(trialService, TrialModule);
    const leaders = async () => {
      const { rows } = await tables.superuser.query<{ pid: number }>(
        `select pid from pg_locks l join pg_database d on d.oid = l.database
         where locktype = 'advisory' and classid = 7240116 and granted
           and datname = current_database()`,
      );
      return rows.map(({ pid }) => pid);
    };
    const before = await leaders();
    expect(before).toHaveLength(1);
    const subject = 'hai bản sao';
    const one = (number: number) =>
      second.get(Database).transaction(caller, async (_, emitted) => {
        emitted(noted, subject, { subject, number });
        return {};
      });
    await Promise.all(upTo(20).map((number) => (number % 2 ? one(number) : emit(subject, number))));
    await eventually(async () => expect(await streamed(subject)).toHaveLength(20));
    await house.stop(first);
    await one(21);
    await eventually(async () => expect(await streamed(subject)).toHaveLength(21));
    const after = await leaders();
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    const ids = (await streamed(subject)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(21);
  });
});
