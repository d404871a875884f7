import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file that only its owner reads: aside, flushed, then renamed. Whoever reads finds the old
 * one or the new one, never half of it; once this returns, not even a power cut takes it back.
 */
export async function replaceFile(file: string, content: string) {
  const folder = dirname(file);
  const aside = join(folder, `.${basename(file)}.${process.pid}`);
  await mkdir(folder, { recursive: true });
  await writeFile(aside, content, { mode: 0o600, flush: true });
  await rename(aside, file);
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
}
