import { createReadStream } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalFileStore } from '@eoffice/platform/files';

/** What a copy found. */
export interface Copied {
  copied: number;
  present: number;
  /** Names of files whose content is no longer what their name says. */
  damaged: string[];
}

/**
 * Copies from one file store to another what is not there yet, in any number of runs: each file
 * appears whole or not at all, and is read against its name on the way.
 */
export async function copyFiles(from: string, to: string): Promise<Copied> {
  const target = new LocalFileStore(to);
  const result: Copied = { copied: 0, present: 0, damaged: [] };
  for await (const entry of await opendir(from, { recursive: true })) {
    const { name } = entry;
    if (!entry.isFile() || !/^[0-9a-f]{64}$/.test(name)) continue;
    if (await target.has(name)) {
      result.present++;
      continue;
    }
    const content = createReadStream(join(entry.parentPath, name));
    const { sha256 } = await target.put(content, { maxBytes: Number.MAX_SAFE_INTEGER });
    if (sha256 === name) result.copied++;
    else result.damaged.push(name);
  }
  return result;
}

if (process.argv[1] === import.meta.filename) {
  const [from, to] = process.argv.slice(2);
  if (!from || !to) throw new Error('Usage: copy-files FROM TO');
  const { copied, present, damaged } = await copyFiles(from, to);
  console.error(`files: ${copied} copied, ${present} already there, ${damaged.length} damaged`);
  for (const name of damaged) console.error(`damaged: ${name}`);
  if (damaged.length > 0) process.exitCode = 1;
}
