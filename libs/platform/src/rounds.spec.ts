import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createLog } from './log.js';
import { Rounds } from './rounds.js';

describe('rounds', () => {
  const log = createLog('rounds', 'silent');

  it('do every job, go on after one that failed, and look at once when woken', async () => {
    const jobs = ['first', 'broken', 'second'];
    const done: string[] = [];
    const rounds = new Rounds(async () => {
      const job = jobs.shift();
      if (job === 'broken') throw new Error('broken');
      if (job) done.push(job);
      return !!job;
    }, log);
    rounds.start(1);
    while (done.length < 2) await wait(5);
    const began = performance.now();
    jobs.push('third');
    rounds.wake();
    while (done.length < 3) await wait(5);
    expect(performance.now() - began).toBeLessThan(500);
    await rounds.stop();
    expect(done).toEqual(['first', 'second', 'third']);
  });

  it('finish the job they began before they stop', async () => {
    let finished = false;
    const begun = Promise.withResolvers<void>();
    const rounds = new Rounds(async () => {
      begun.resolve();
      await wait(50);
      finished = true;
      return true;
    }, log);
    rounds.start(1);
    await begun.promise;
    await rounds.stop();
    expect(finished).toBe(true);
  });
});
