import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answers, freePort } from './ports.js';

/**
 * Whether the authority for development and tests is started. `SIGNING_AUTHORITY=external` says that
 * real ones are entered as rows, and then nothing of ours stands beside them.
 */
export const startsAuthority = (): boolean => process.env.SIGNING_AUTHORITY !== 'external';

/** The port of the authority: the same at every start, because its certificates name it. */
export async function keptPort(folder: string): Promise<number> {
  const file = join(folder, 'port');
  const kept = Number(await readFile(file, 'utf8').catch(() => 0));
  if (kept && !(await answers(kept))) return kept;
  const port = await freePort();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, `${port}\n`);
  return port;
}
