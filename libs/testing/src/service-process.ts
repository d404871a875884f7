import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { House } from './house.js';

/** A service in a process of its own, as production has it: for specs that kill it. */
export class ServiceProcess {
  private child?: ChildProcess;

  constructor(
    private readonly house: House,
    private readonly service: string,
    private readonly settings: Record<string, string> = {},
  ) {}

  /** Starts it anew; that it serves is for the caller to see. */
  start() {
    const path = `../../../services/${this.service}/dist/src/main.js`;
    this.child = spawn(process.execPath, [fileURLToPath(new URL(path, import.meta.url))], {
      env: { ...this.house.environmentOf(this.service), ...this.settings },
      stdio: 'ignore',
    });
  }

  /** As a power cut ends it. */
  async kill() {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
