import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A server process of ours: its last words are kept for the error message. */
export class Child {
  private words = '';
  private readonly ended: Promise<unknown>;

  private constructor(
    readonly process: ChildProcess,
    private readonly name: string,
  ) {
    const hear = (chunk: Buffer) => (this.words = (this.words + chunk.toString()).slice(-4_000));
    process.stdout?.on('data', hear);
    process.stderr?.on('data', hear);
    this.ended = once(process, 'exit');
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

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  lastWords(): string {
    return `${this.name} did not start:\n${this.words}`;
  }

  /** Asks the process to end and waits; kills it when it does not within ten seconds. */
  async stop(signal: NodeJS.Signals = 'SIGTERM') {
    if (!this.running || this.process.pid === undefined) return;
    this.process.kill(signal);
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(timer);
  }
}
