import { connect, createServer } from 'node:net';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Those this process was given: until it listens there, the system would give one again. */
const given = new Set<number>();

/** A TCP port on the loopback that nobody listens on now, and that nobody here was given before. */
export async function freePort(): Promise<number> {
  const port = await new Promise<number>((resolve, reject) => {
    const probe = createServer().unref();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
  if (given.has(port)) return freePort();
  given.add(port);
  return port;
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

/** A port for something that is found there again at every start; its number lies in the folder. */
export async function keptPort(folder: string, name = 'port'): Promise<number> {
  const file = join(folder, name);
  const kept = Number(await readFile(file, 'utf8').catch(() => 0));
  if (kept && !(await answers(kept))) return kept;
  const port = await freePort();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, `${port}\n`);
  return port;
}
