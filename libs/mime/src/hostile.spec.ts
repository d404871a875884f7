import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { hostileMessages } from './testing/hostile.js';
import type { Measured } from './testing/measured.js';

const program = fileURLToPath(new URL('../dist/src/testing/measured.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'eoffice-hostile-'));
const path = join(folder, 'message.eml');
const smallHeap = ['--max-old-space-size=160', '--max-semi-space-size=8'];
const megabyte = 1024 * 1024;

/** What a message costs in a process of its own, whose heap is small: garbage is no use of memory. */
function measure(text: string): Measured {
  writeFileSync(path, text);
  const { stdout, stderr } = spawnSync(process.execPath, [...smallHeap, program, path], {
    encoding: 'utf8',
  });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as Measured;
}

// The promise is one second and 256 MB. Time is processor time, which other load does not lengthen.
describe('A message made to keep a reader busy', () => {
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(Object.keys(hostileMessages))('is read at once: %s', (name) => {
    const { parseMs, readMs, peakBytes } = measure(hostileMessages[name]!());
    expect(Math.max(parseMs, readMs)).toBeLessThan(1000);
    expect(peakBytes).toBeLessThan(256 * megabyte);
  });
});
