import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '@eoffice/contracts/language/caller';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { jetstreamManager } from '@nats-io/jetstream';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { noted, trial, TrialModule, trialService, TrialTables } from '@eoffice/testing/trial';
import { ConnectionLost, isConnected, whileConnected } from './nats.js';
import { eventStream } from './outbox.js';

describe('a NATS that goes away', () => {
  let house: House;
  let tables: TrialTables;
  let writer: Caller;
  let app: NestFastifyApplication;

  beforeAll(async () => {
    house = await House.open();
    tables = await TrialTables.make(house);
    app = await house.start(trialService, TrialModule);
    writer = await house.as({ permissions: ['mail.manage'] });
  });
  afterAll(async () => {
    await tables.close();
    await house.close();
  });

  const write = (subject: string) =>
    house
      .client(trial)
      .write({ subject, text: `Ghi chú ${subject}`, delayMs: 0, crash: false }, writer);
  const heard = async (subject: string) =>
    (await tables.rows('select 1 from heard where subject = $1', [subject])).length;

  it('lets nobody wait for a reply that cannot come any more', async () => {
    house.nats.subscribe('mail.silence', { callback: () => {} });
    const asked = performance.now();
    const reply = whileConnected(house.nats, () =>
      house.nats.request('mail.silence', '', { timeout: 10_000 }),
    );
    const told = expect(reply).rejects.toBeInstanceOf(ConnectionLost);
    await house.nats.flush();
    await house.server.kill();
    await told;
    expect(isConnected(house.nats)).toBe(false);
    expect(await problemOf(write('khi mất'))).toBe('unavailable');
    expect(performance.now() - asked).toBeLessThan(2_000);
  });

  it('finds everybody at work again when it comes back', async () => {
    await house.server.restart();
    await eventually(() => expect(isConnected(house.nats)).toBe(true));
    await eventually(() => write('trở lại'));
    await eventually(async () => expect(await heard('trở lại')).toBe(1));
  });

  it('is told again what to keep when it comes back without its disk', async () => {
    await house.server.kill();
    await house.server.forget();
    await house.server.restart();
    await eventually(() => write('đĩa mới'));
    await eventually(async () => expect(await heard('đĩa mới')).toBe(1));
  });

  it('gives the next process at once what this one had not begun when it was asked to end', async () => {
    const announced = 200;
    const announce = (number: number) =>
      house.announce(noted, 'bàn giao', { subject: 'bàn giao', number });
    await Promise.all(Array.from({ length: announced }, (_, number) => announce(number)));
    await eventually(async () => expect(await heard('bàn giao')).toBeGreaterThan(0));
    await house.stop(app);
    const left = announced - (await heard('bàn giao'));
    expect(left).toBeGreaterThan(0);
    const { consumers } = await jetstreamManager(house.nats);
    const held = await consumers.info(eventStream, `${trialService}-TrialReactions-hear`);
    expect(held.num_ack_pending).toBe(0);
    await house.start(trialService, TrialModule);
    await eventually(async () => expect(await heard('bàn giao')).toBe(announced));
  });
});
