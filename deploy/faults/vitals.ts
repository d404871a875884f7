import { readFile } from 'node:fs/promises';
import type { FaultyHouse } from './stack.js';

/** How a service has fared since it was last asked. */
export interface Vitals {
  /** The longest time that its event loop was late, in milliseconds. */
  lagMs: number;
  /** The most memory it ever had, in megabytes. */
  peakMb: number;
}

/** Asks a service for its own measurements, and the system for the process's memory. */
export async function vitalsOf({ programs }: FaultyHouse, service: string): Promise<Vitals> {
  const program = programs[service]!;
  const reply = await fetch(`${await program.ready}/metrics`);
  const [, lag] = /^nodejs_eventloop_lag_max_seconds\{.*\} (\S+)$/m.exec(await reply.text())!;
  const status = await readFile(`/proc/${program.pid}/status`, 'utf8');
  const [, peak] = /VmHWM:\s+(\d+) kB/.exec(status)!;
  return { lagMs: Math.round(Number(lag) * 1000), peakMb: Math.round(Number(peak) / 1024) };
}
