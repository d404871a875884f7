import { readFile } from 'node:fs/promises';
import type { FaultyHouse } from './stack.js';

/** How a service has fared since it was last looked at. */
export interface Vitals {
  /**
   * How long its event loop may have been blocked at once, in milliseconds: it was late by as much,
   * and its thread has worked as long. Late alone is also whoever waits for a busy machine.
   */
  blockedMs: number;
  lateMs: number;
  /** The most memory it ever had, in megabytes. */
  peakMb: number;
}

const tickMs = 10;

/** Looks after services from outside: by what they measure, and by what the system says of them. */
export class Watch {
  private readonly worked = new Map<string, number>();

  constructor(private readonly house: FaultyHouse) {}

  async look(service: string): Promise<Vitals> {
    const program = this.house.programs[service]!;
    const reply = await fetch(`${await program.ready}/metrics`);
    const [, lag] = /^nodejs_eventloop_lag_max_seconds\{.*\} (\S+)$/m.exec(await reply.text())!;
    const lateMs = Math.round(Number(lag) * 1000);
    const process = `/proc/${program.pid}`;
    const thread = (await readFile(`${process}/task/${program.pid}/stat`, 'utf8')).split(') ')[1]!;
    const [user, system] = thread.split(' ').slice(11, 13).map(Number) as [number, number];
    const workedMs = (user + system) * tickMs;
    const sinceMs = workedMs - (this.worked.get(service) ?? 0);
    this.worked.set(service, workedMs);
    const [, peak] = /VmHWM:\s+(\d+) kB/.exec(await readFile(`${process}/status`, 'utf8'))!;
    const peakMb = Math.round(Number(peak) / 1024);
    return { blockedMs: Math.min(lateMs, sinceMs), lateMs, peakMb };
  }
}
