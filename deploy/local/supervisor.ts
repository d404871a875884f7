import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { endingOf } from './child.js';

export interface Program {
  name: string;
  /** The JavaScript file to run. */
  file: string;
  environment: Record<string, string>;
  /** Where what it says is kept. */
  log: string;
}

const firstPauseMs = 50;
const longestPauseMs = 15_000;
/** Whoever ran this long is started again at once. */
const calmMs = 10_000;
/** A program that has never been ready is given up on after so many starts. */
const maxStarts = 5;

/** Keeps one program running: what ends without being asked is started again, ever more slowly. */
export class Supervisor {
  private child?: ChildProcess;
  private readonly log: WriteStream;
  private readonly stopping = new AbortController();
  private loop?: Promise<void>;
  private announceReady!: (url: string) => void;
  private announceFailure!: (error: Error) => void;
  private lastWords = '';
  private startedAt = 0;
  /** Whether it has ended before, and is waited for. */
  private awaited = false;
  restarts = 0;

  /** Where it listens, once it has said that it is ready for the first time. */
  readonly ready: Promise<string>;

  /** @param tell is told in a line of every end that nobody asked for and of every return. */
  constructor(
    readonly program: Program,
    private readonly tell: (line: string) => void = () => {},
  ) {
    this.log = createWriteStream(program.log, { flags: 'a' });
    this.ready = new Promise((resolve, reject) => {
      this.announceReady = resolve;
      this.announceFailure = reject;
    });
    this.ready.catch(() => {});
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start() {
    this.loop = this.run();
  }

  async stop() {
    this.stopping.abort();
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await once(child, 'exit').catch(() => {});
      clearTimeout(timer);
    }
    await this.loop;
    this.log.end();
  }

  private async run() {
    const { signal } = this.stopping;
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      this.startedAt = performance.now();
      const how = await this.once();
      if (signal.aborted) return;
      this.restarts++;
      this.tellEnd(how);
      if (this.restarts === maxStarts) {
        this.announceFailure(new Error(`${this.program.name} does not start:${this.lastWords}`));
      }
      if (performance.now() - this.startedAt > calmMs) pauseMs = firstPauseMs;
      await wait(pauseMs, undefined, { signal }).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  /** Runs the program once. Returns how it ended. */
  private async once(): Promise<string> {
    const { file, environment } = this.program;
    const child = spawn(process.execPath, ['--import', '@eoffice/platform/source-maps', file], {
      env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
      // The channel closes when we end, however we end, and the program ends itself then.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.child = child;
    this.lastWords = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => this.hear(line));
    }
    return once(child, 'exit').then(
      ([code, signal]) => endingOf(code as number | null, signal as NodeJS.Signals | null),
      (error: Error) => `could not be started (${error.message})`,
    );
  }

  private tellEnd(how: string) {
    const { name, log } = this.program;
    this.awaited = true;
    this.tell(`${name} (process ${this.pid}) ${how}; starting it again … (its log: ${log})`);
  }

  private hear(line: string) {
    this.log.write(`${line}\n`);
    this.lastWords = `${this.lastWords}\n${line}`.slice(-4_000);
    if (!line.includes('"msg":"ready"')) return;
    this.announceReady((JSON.parse(line) as { url: string }).url);
    if (!this.awaited) return;
    this.awaited = false;
    const seconds = ((performance.now() - this.startedAt) / 1000).toFixed(1);
    this.tell(`${this.program.name} is ready again after ${seconds} s (process ${this.pid})`);
  }
}
