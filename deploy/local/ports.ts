import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A TCP port on the loopback that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().unref();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** Whether somebody listens on the port. */
export function answers(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false)).setTimeout(1_000, () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}

/** Waits until `check` says yes. Throws `problem()` when it takes longer than `withinMs`. */
export async function until(
  check: () => Promise<boolean> | boolean,
  problem: () => string,
  withinMs = 30_000,
) {
  const end = Date.now() + withinMs;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(problem());
    await wait(25);
  }
}
