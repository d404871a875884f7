import { setTimeout as wait } from 'node:timers/promises';

/** A server of ours, as `startPostgres` and `startNats` bring it up. */
export interface Server {
  pid(): number | undefined;
  /** Resolves once the process that runs now is gone, with how it ended. */
  ended(): Promise<string>;
  /** Starts again on the same port and data. Throws its last words when it does not start. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const firstPauseMs = 50;
const longestPauseMs = 15_000;
/** A server that ran this long is started again at once. */
const calmMs = 10_000;

/** Keeps a server running: when it ends without being asked, it is started again where it was. */
export class ServerKeeper {
  private readonly stopping = new AbortController();
  private readonly loop: Promise<void>;

  /** @param tell is told in a line of every end and of every return. */
  constructor(
    readonly name: string,
    private readonly server: Server,
    private readonly tell: (line: string) => void,
  ) {
    this.loop = this.run();
  }

  /** The process that runs now. */
  get pid(): number | undefined {
    return this.server.pid();
  }

  async stop() {
    this.stopping.abort();
    await this.server.stop();
    await this.loop;
    // What was just being started again when we were asked.
    await this.server.stop();
  }

  private async run() {
    const { signal } = this.stopping;
    let pauseMs = firstPauseMs;
    let told: number | undefined;
    for (;;) {
      const began = performance.now();
      const how = await this.server.ended();
      if (signal.aborted) return;
      if (this.pid !== told) {
        this.tell(`${this.name} (process ${this.pid}) ${how}; starting it again …`);
      }
      told = this.pid;
      if (performance.now() - began > calmMs) pauseMs = firstPauseMs;
      await wait(pauseMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await this.startAgain();
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  private async startAgain() {
    const began = performance.now();
    try {
      await this.server.restart();
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      this.tell(`${this.name} is ready again after ${seconds} s (process ${this.pid})`);
    } catch (error) {
      this.tell(`${(error as Error).message.trimEnd()}\n  … trying again`);
    }
  }
}
