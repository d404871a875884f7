import type { DiscoveryService } from '@nestjs/core';
import type { Log } from './log.js';

const hourMs = 3_600_000;
const marked = new WeakMap<object, Set<string>>();

/** Marks a method that runs when the service starts and every hour from then on: `@Hourly() raise()`. */
export const Hourly =
  () =>
  <R>(prototype: object, name: string, _: TypedPropertyDescriptor<() => Promise<R>>) => {
    if (!marked.has(prototype)) marked.set(prototype, new Set());
    marked.get(prototype)!.add(name);
  };

/** Calls what is marked `@Hourly`, each alone with itself; a failure is logged and waits for the next hour. */
export class Clock {
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly running = new Map<string, Promise<unknown>>();

  constructor(private readonly log: Log) {}

  start(discovery: DiscoveryService, everyMs = hourMs) {
    for (const { instance } of discovery.getProviders()) {
      const prototype = instance && (Object.getPrototypeOf(instance) as object | null);
      for (const method of (prototype && marked.get(prototype)) ?? []) {
        const name = `${prototype.constructor.name}.${method}`;
        const strike = () => this.strike(name, () => instance[method]() as Promise<unknown>);
        this.timers.push(setInterval(strike, everyMs).unref());
        strike();
      }
    }
  }

  /** Calls nothing more and waits for what runs. */
  async stop() {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.running.values());
  }

  private strike(name: string, call: () => Promise<unknown>) {
    if (this.running.has(name)) return;
    const run = call()
      .catch((error) => this.log.warn({ err: error, name }, 'an hourly task failed'))
      .finally(() => this.running.delete(name));
    this.running.set(name, run);
  }
}
