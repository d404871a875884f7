import autocannon from 'autocannon';
import { quantile } from './figures.js';

/** What a load came to: requests a second, and times in milliseconds. */
export interface Load {
  count: number;
  perSecond: number;
  p50: number;
  p99: number;
}

/** A request as a connection sends it; each connection may be somebody else. */
export interface Sent {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/**
 * Sends requests over so many connections, each sending its next when its last was answered
 * (autocannon, in this process: about 30 µs a request). Throws when one is not answered with 2xx.
 * @param next the next request of a connection, by the connection's number
 */
export async function loadOverHttp(
  url: string,
  connections: number,
  seconds: number,
  next: (connection: number) => Sent,
): Promise<Load> {
  let opened = 0;
  const times: number[] = [];
  const refused = new Map<number, number>();
  const started = performance.now();
  const run = autocannon({
    ...{ url, connections, duration: seconds, timeout: 30, sampleInt: 250 },
    setupClient: (client) => {
      const connection = opened++;
      client.setRequests([{ setupRequest: () => next(connection) }]);
    },
  });
  let ended = started;
  run.on('response', (_: unknown, status: number, __: number, ms: number) => {
    if (status >= 300) refused.set(status, (refused.get(status) ?? 0) + 1);
    times.push(ms);
    ended = performance.now();
  });
  const { errors } = await run;
  if (errors > 0 || refused.size > 0) {
    const statuses = [...refused].map(([status, count]) => `${count} × ${status}`).join(', ');
    throw new Error(`${url}: ${errors} requests were lost, refused: ${statuses || 'none'}`);
  }
  return loadOf(times, ended - started);
}

function loadOf(times: number[], withinMs: number): Load {
  return {
    count: times.length,
    perSecond: times.length / (withinMs / 1000),
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  };
}

/** Runs `work` again and again in so many loops at once, by the loop's number. */
export async function loadByCalls(
  loops: number,
  seconds: number,
  work: (loop: number) => Promise<unknown>,
): Promise<Load> {
  const times: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  await Promise.all(
    Array.from({ length: loops }, async (_, loop) => {
      while (performance.now() < end) {
        const begun = performance.now();
        await work(loop);
        times.push(performance.now() - begun);
      }
    }),
  );
  return loadOf(times, performance.now() - started);
}
