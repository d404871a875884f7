import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

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
  restarts = 0;

  /** Where it listens, once it has said that it is ready for the first time. */
  readonly ready: Promise<string>;

  constructor(readonly program: Program) {
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
      const started = Date.now();
      await this.once();
      if (signal.aborted) return;
      this.restarts++;
      if (this.restarts === maxStarts) {
        this.announceFailure(new Error(`${this.program.name} does not start:\n${this.lastWords}`));
      }
      if (Date.now() - started > calmMs) pauseMs = firstPauseMs;
      await wait(pauseMs, undefined, { signal }).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  private async once() {
    const { file, environment } = this.program;
    const child = spawn(process.execPath, ['--import', '@eoffice/platform/source-maps', file], {
      env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
      // The channel closes when we end, however we end, and the program ends itself then.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.child = child;
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => this.hear(line));
    }
    await new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  }

  private hear(line: string) {
    this.log.write(`${line}\n`);
    this.lastWords = `${this.lastWords}\n${line}`.slice(-2_000);
    if (!line.includes('"msg":"ready"')) return;
    this.announceReady((JSON.parse(line) as { url: string }).url);
  }
}
