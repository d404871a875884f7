import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endProcess, processIn } from './processes.js';

// One stack at a time has the data folder. What it started dies with it when it ends, however it
// ends, except the servers: they are no programs of ours, and hold the data. So whoever comes next
// ends them first.

/** The folder cannot be used now; the message says why, and what to do. */
export class FolderTaken extends Error {}

const holderOf = (data: string) => join(data, 'stack.pid');

/**
 * Takes the folder for this process, and ends the servers that a stack which was killed has left.
 * @returns the names of those. Throws FolderTaken when another stack runs there, or nobody may write.
 */
export async function takeFolder(data: string): Promise<string[]> {
  await mkdir(join(data, 'logs'), { recursive: true }).catch((error: Error) => {
    throw new FolderTaken(
      `Nothing can be kept in ${data} (${error.message}). ` +
        'Make it writable, or name another folder: EOFFICE_DATA=/a/folder npm start',
    );
  });
  await hold(data);
  return endLeftovers(data);
}

/** Gives the folder back. */
export function leaveFolder(data: string): Promise<void> {
  return rm(holderOf(data), { force: true });
}

/** A link appears with what is in it, or not at all when there is one already. */
async function hold(data: string) {
  const file = holderOf(data);
  const own = `${file}.${process.pid}`;
  await writeFile(own, `${process.pid}\n`, { mode: 0o600 });
  try {
    for (;;) {
      const held = await link(own, file).then(
        () => true,
        () => false,
      );
      if (held) return;
      const pid = await processIn(file, 'stack.js');
      if (pid && pid !== process.pid) {
        const text = await readFile(join(data, 'stack.json'), 'utf8').catch(() => '{}');
        const { url = 'it is still starting' } = JSON.parse(text) as { url?: string };
        throw new FolderTaken(
          `eOffice already runs: ${url} (process ${pid}). Stop it with Ctrl-C there.`,
        );
      }
      await rm(file, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

async function endLeftovers(data: string): Promise<string[]> {
  const servers = [
    { name: 'NATS', folder: join(data, 'nats'), file: 'nats.pid', signal: 'SIGTERM' },
    {
      name: 'PostgreSQL',
      folder: join(data, 'postgres'),
      file: 'postmaster.pid',
      signal: 'SIGINT',
    },
  ] as const;
  const ended: string[] = [];
  for (const { name, folder, file, signal } of servers) {
    const pid = await processIn(join(folder, file), folder);
    if (!pid) continue;
    await endProcess(pid, signal);
    ended.push(name);
  }
  return ended;
}
