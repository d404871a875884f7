import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LocalFileStore } from './files.js';

let folder: string;
let files: LocalFileStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eoffice-files-'));
  files = new LocalFileStore(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const limit = { maxBytes: 1_000 };
const waiting = () => readdir(join(folder, 'incoming'));

describe('the local file store', () => {
  it('keeps content once, under its SHA-256', async () => {
    const kept = await files.put(Readable.from(['công ', 'văn']), limit);
    expect(kept.size).toBe(Buffer.byteLength('công văn'));
    expect(await text(await files.open(kept.sha256))).toBe('công văn');
    expect(await files.put(Readable.from(['công văn']), limit)).toEqual(kept);
    expect(await text(await files.open(kept.sha256, { start: 0, end: 0 }))).toBe('c');
  });

  it('keeps nothing of what is too large or breaks off', async () => {
    await expect(files.put(Readable.from(['x'.repeat(1_001)]), limit)).rejects.toThrow(/too large/);
    const broken = Readable.from(
      (function* () {
        yield 'half';
        throw new Error('gone');
      })(),
    );
    await expect(files.put(broken, limit)).rejects.toThrow('gone');
    expect(await waiting()).toEqual([]);
  });

  it('lets what lies aside be kept or discarded, and sweeps what was forgotten there', async () => {
    const [one, other] = await Promise.all(
      ['một', 'hai'].map((word) => files.stage(Readable.from([word]), limit)),
    );
    expect(await files.has(one!.sha256)).toBe(false);
    await one!.keep();
    await one!.discard();
    expect(await text(await files.open(one!.sha256))).toBe('một');
    await files.sweep();
    const [left] = await waiting();
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    await utimes(join(folder, 'incoming', left!), yesterday, yesterday);
    await files.sweep();
    expect([await waiting(), await files.has(other!.sha256)]).toEqual([[], false]);
  });

  it('opens only hashes, and only what it has', async () => {
    await expect(files.open('../../etc/passwd')).rejects.toMatchObject({ type: 'not-found' });
    await expect(files.open('0'.repeat(64))).rejects.toMatchObject({ type: 'not-found' });
    expect(await files.has('0'.repeat(64))).toBe(false);
  });
});
