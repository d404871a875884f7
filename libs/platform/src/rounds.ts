import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from './log.js';

const pollMs = 1_000;

/** Does jobs that lie in rows, a few at once, for as long as there are any; then looks again soon. */
export class Rounds {
  private readonly loops: Promise<void>[] = [];
  private readonly stopped = new AbortController();
  private readonly woken = new EventTarget();

  /** @param next does the job that is due first; answers whether there was one. */
  constructor(
    private readonly next: () => Promise<boolean>,
    private readonly log: Log,
  ) {}

  start(atOnce: number) {
    for (let worker = 0; worker < atOnce; worker++) this.loops.push(this.work());
  }

  /** Looks now: a job has been laid down. */
  wake() {
    this.woken.dispatchEvent(new Event('wake'));
  }

  /** Takes no more jobs and waits for those begun. */
  async stop() {
    this.stopped.abort();
    await Promise.all(this.loops);
  }

  private async work() {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      // Listened to before looking: what is laid down meanwhile is not waited for.
      const rest = new AbortController();
      const either = AbortSignal.any([signal, rest.signal]);
      const woken = once(this.woken, 'wake', { signal: either }).catch(() => {});
      const found = await this.next().catch((error) => {
        this.log.warn({ err: error }, 'a round failed');
        return false;
      });
      if (!found)
        await Promise.race([woken, wait(pollMs, undefined, { signal: either }).catch(() => {})]);
      rest.abort();
    }
  }
}
