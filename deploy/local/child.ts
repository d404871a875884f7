import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './ports.js';

/** Says how a process ended: the signal that ended it, or else its exit code. */
export const endingOf = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal ? `was ended by ${signal}` : `ended with code ${code}`;

/** A server process of ours: its last words are kept for the error message. */
export class Child {
  private words = '';
  /** Resolves once the process is gone, with how it ended. */
  readonly ended: Promise<string>;

  private constructor(
    readonly process: ChildProcess,
    private readonly name: string,
  ) {
    const hear = (chunk: Buffer | string) =>
      (this.words = (this.words + chunk.toString()).slice(-4_000));
    process.stdout?.on('data', hear);
    process.stderr?.on('data', hear);
    this.ended = once(process, 'exit').then(
      ([code, signal]) => endingOf(code as number | null, signal as NodeJS.Signals | null),
      (error: Error) => {
        hear(error.message);
        return `could not be started (${error.message})`;
      },
    );
  }

  /** Starts a program in a group of its own, so that Ctrl-C reaches us and not the servers. */
  static start(name: string, program: string, parameters: string[]): Child {
    const child = spawn(program, parameters, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    child.on('error', () => {});
    return new Child(child, name);
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  get running(): boolean {
    const { pid, exitCode, signalCode } = this.process;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  lastWords(): string {
    return `${this.name} did not start:\n${this.words}`;
  }

  /** Asks the process to end and waits; kills it when it does not within ten seconds. */
  async stop(signal: NodeJS.Signals = 'SIGTERM') {
    if (!this.running) return;
    this.process.kill(signal);
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(timer);
  }
}

/** Waits until a server does what it is for. Throws its last words, and leaves nothing, when it does not. */
export async function mustStart(
  child: Child,
  works: () => Promise<boolean>,
  withinMs = 30_000,
): Promise<Child> {
  try {
    await until(
      async () => !child.running || (await works()),
      () => child.lastWords(),
      withinMs,
    );
    if (!child.running) throw new Error(child.lastWords());
    return child;
  } catch (error) {
    await child.stop('SIGKILL');
    throw error;
  }
}
