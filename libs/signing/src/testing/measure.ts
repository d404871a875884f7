import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measured, Task } from './measured.js';
import type { Party } from './authority.js';

const program = fileURLToPath(new URL('../../dist/src/testing/measured.js', import.meta.url));
const smallHeap = ['--max-old-space-size=160', '--max-semi-space-size=8'];

/** What a file costs in a process of its own, whose heap is small: garbage is no use of memory. */
export function measure(file: Buffer | string, ...tasks: Task[]): Measured {
  const folder = mkdtempSync(join(tmpdir(), 'eoffice-measured-'));
  try {
    const path = join(folder, 'file');
    writeFileSync(path, file);
    const parameters = [...smallHeap, program, path, ...tasks];
    const { stdout, stderr } = spawnSync(process.execPath, parameters, { encoding: 'utf8' });
    if (!stdout) throw new Error(stderr);
    return JSON.parse(stdout) as Measured;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Asked {
  target: Party;
  pool: readonly Party[];
  roots: readonly Party[];
  time: Date;
  crls?: readonly { bytes: Buffer }[];
  explicitPolicy?: boolean;
}

/** The same for a question about a path: the codes of its reasons, or `valid`, and what they cost. */
export function measurePath({ target, pool, roots, crls = [], ...rest }: Asked) {
  const text = (parties: readonly Party[]) =>
    parties.map(({ certificate }) => certificate.bytes.toString('base64'));
  const question = {
    ...rest,
    certificate: text([target])[0],
    certificates: text(pool),
    anchors: text(roots),
    crls: crls.map(({ bytes }) => bytes.toString('base64')),
  };
  const { runs, peakBytes } = measure(JSON.stringify(question), 'verify-path');
  return { ...runs[0]!, peakBytes };
}
