import { readdir, readFile } from 'node:fs/promises';

// What the kernel says of processes (proc(5)). CPU time is counted in ticks of 10 ms, so it is only
// worth reading over seconds.

const tickMs = 10;

/** CPU time a process has used, in milliseconds; with its children, running and ended, if asked. */
export async function cpuMsOf(pid: number, withChildren = false): Promise<number> {
  const stat = await fieldsOf(pid);
  if (!stat) return 0;
  const own = (stat.user + stat.system) * tickMs;
  if (!withChildren) return own;
  const children = await Promise.all((await childrenOf(pid)).map((child) => cpuMsOf(child)));
  return children.reduce((sum, ms) => sum + ms, own + stat.endedChildren * tickMs);
}

/** The running processes that a process has started itself. */
async function childrenOf(pid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map(fieldsOf));
  return pids.filter((_, index) => stats[index]?.parent === pid);
}

/** Memory in MiB: resident, and the share of it that is proportional (PSS). */
export async function memoryOf(pid: number): Promise<{ rss: number; pss: number }> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)![1]);
  return { rss: kib('Rss') / 1024, pss: kib('Pss') / 1024 };
}

/** Fields of `stat` after the name, which may itself hold spaces and parentheses. */
async function fieldsOf(pid: number) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (!fields) return undefined;
  return {
    parent: Number(fields[1]),
    user: Number(fields[11]),
    system: Number(fields[12]),
    endedChildren: Number(fields[13]) + Number(fields[14]),
  };
}
