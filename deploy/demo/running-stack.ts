import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Stack } from '../local/stack-file.js';
import type { Planted } from '../seed/seed.js';
import { Neighbour } from './neighbour.js';

/** A stack to work on: its address, who lives there, and how to leave it as it was found. */
export interface RunningStack extends Planted {
  url: string;
  data: string;
  authority?: Stack['authority'];
  mail: Stack['mail'];
  /** Runs beside a stack that was started for the occasion. */
  neighbour?: Neighbour;
  leave(): Promise<void>;
}

/** The stack that runs, or one that is started for the occasion and stopped again. */
export async function findStack(): Promise<RunningStack> {
  const data = process.env.EOFFICE_DATA ?? join(process.cwd(), '.data');
  const running = await runningStack(data);
  if (running) return { ...(await planted(data)), ...running, data, leave: async () => {} };
  return startStack(data);
}

type Running = Pick<Stack, 'url' | 'authority' | 'mail'>;

async function runningStack(data: string): Promise<Running | undefined> {
  try {
    const { url, authority, mail } = JSON.parse(
      await readFile(join(data, 'stack.json'), 'utf8'),
    ) as Stack;
    const ready = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    return ready.ok ? { url, authority, mail } : undefined;
  } catch {
    return undefined;
  }
}

const planted = async (data: string) =>
  JSON.parse(await readFile(join(data, 'planted.json'), 'utf8')) as Planted;

async function startStack(data: string): Promise<RunningStack> {
  process.stdout.write('No stack is running: starting one for the demonstration …\n');
  const neighbour = goesElsewhere() ? undefined : await Neighbour.open();
  const program = fileURLToPath(new URL('../local/stack.js', import.meta.url));
  const child = spawn(process.execPath, ['--enable-source-maps', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...{ detached: true, env: { ...process.env, ...neighbour?.settings } },
  });
  const ended = once(child, 'exit');
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      process.stdout.write(`${line}\n`);
      if (line.includes('Ready after')) resolve();
    });
    child.once('exit', () => reject(new Error('The stack did not start')));
  });
  await ready;
  const running = (await runningStack(data))!;
  const leave = async () => {
    child.kill('SIGTERM');
    await ended;
    await neighbour?.close();
  };
  return { ...(await planted(data)), ...running, data, neighbour, leave };
}

/** Whether mail for other servers has been given a way already, which is not ours to change. */
const goesElsewhere = () =>
  ['MAIL_RELAY', 'MAIL_DNS_SERVERS', 'MAIL_PEER_PORT'].some((name) => process.env[name]);
