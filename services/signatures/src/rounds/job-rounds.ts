import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@eoffice/platform/log';

const pollMs = 1_000;

/** Does jobs that lie in rows, a few at once, for as long as there are any; then looks again soon. */
export class Rounds {
  private readonly loops: Promise<void>[] = [];
  private readonly stopped = new AbortController();

  /** @param next does the job that is due first; answers whether there was one. */
  constructor(
    private readonly next: () => Promise<boolean>,
    private readonly log: Log,
  ) {}

  start(atOnce: number) {
    for (let worker = 0; worker < atOnce; worker++) this.loops.push(this.work());
  }

  /** Takes no more jobs and waits for those begun. */
  async stop() {
    this.stopped.abort();
    await Promise.all(this.loops);
  }

  private async work() {
    while (!this.stopped.signal.aborted) {
      const found = await this.next().catch((error) => {
        this.log.warn({ err: error }, 'a round failed');
        return false;
      });
      if (!found) await wait(pollMs, undefined, this.stopped).catch(() => {});
    }
  }
}
