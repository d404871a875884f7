import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, NestFactory } from '@nestjs/core';
import { Clock, Hourly } from './hourly.js';
import { createLog } from './log.js';

class Rounds {
  begun = 0;
  ended = 0;
  failed = 0;

  @Hourly()
  async walk() {
    this.begun++;
    await wait(40);
    this.ended++;
  }

  @Hourly()
  async stumble() {
    this.failed++;
    throw new Error('stumbled');
  }
}

@Module({
  imports: [DiscoveryModule],
  providers: [{ provide: Rounds, useFactory: () => new Rounds() }],
})
class Watch {}

describe('what is done every hour', () => {
  it('is done at the start and again, never beside itself, and ends before the service does', async () => {
    const app = await NestFactory.createApplicationContext(Watch, { logger: false });
    const rounds = app.get(Rounds);
    const clock = new Clock(createLog('watch', 'silent'));
    clock.start(app.get(DiscoveryService), 10);
    expect([rounds.begun, rounds.failed]).toEqual([1, 1]);
    while (rounds.begun < 3) {
      expect(rounds.begun - rounds.ended).toBeLessThanOrEqual(1);
      await wait(5);
    }
    expect(rounds.failed).toBeGreaterThan(2);
    await clock.stop();
    const { begun, ended } = rounds;
    expect(ended).toBe(begun);
    await wait(30);
    expect(rounds.begun).toBe(begun);
    await app.close();
  });
});
