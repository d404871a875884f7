import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { until } from './ports.js';

const run = promisify(execFile);

/** The command line of a process, whoever started it; empty when there is none. */
export async function commandOf(pid: number): Promise<string> {
  if (!Number.isSafeInteger(pid) || pid < 1) return '';
  if (process.platform === 'linux') {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return words.replaceAll('\0', ' ').trim();
  }
  return run('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
}

/** The process that a file names in its first line, if its command holds the given words; else 0. */
export async function processIn(file: string, words: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return (await commandOf(pid)).includes(words) ? pid : 0;
}

/** Ends a process that is no child of ours: asks, and kills it when it has not gone in ten seconds. */
export async function endProcess(pid: number, signal: NodeJS.Signals) {
  const gone = async () => (await commandOf(pid)) === '';
  const send = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name);
    } catch {
      // It has gone by itself.
    }
  };
  send(signal);
  await until(gone, () => `Process ${pid} does not end`, 10_000).catch(() => send('SIGKILL'));
  await until(gone, () => `Process ${pid} cannot be ended`, 5_000);
}
