import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNames } from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { environmentOf, readCompose } from '../compose.js';
import { productDatabase } from '../local/roles.js';
import { copyFiles } from './copy-files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFile(join(root, path), 'utf8');
const limits = { maxBytes: 1_000_000 };
let folder: string;

beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'eoffice-backup-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the pool of files', () => {
  it('takes what is new, leaves what it has, and reads the same on the way back', async () => {
    const [from, pool, back] = ['from', 'pool', 'back'].map((name) => join(folder, name));
    const store = new LocalFileStore(from!);
    const content = randomBytes(300_000);
    const first = await store.put(Readable.from([content]), limits);
    await writeFile(join(from!, 'incoming', 'half-an-upload'), 'x');
    expect(await copyFiles(from!, pool!)).toEqual({ copied: 1, present: 0, damaged: [] });

    await store.put(Readable.from(['later']), limits);
    expect(await copyFiles(from!, pool!)).toEqual({ copied: 1, present: 1, damaged: [] });

    expect(await copyFiles(pool!, back!)).toEqual({ copied: 2, present: 0, damaged: [] });
    const restored = await new LocalFileStore(back!).open(first.sha256);
    expect(await buffer(restored)).toEqual(content);
    expect(await readdir(join(pool!, 'incoming'))).toEqual([]);
  });

  it('names what is damaged, never under the name of what it was', async () => {
    const [from, pool] = [join(folder, 'rotten'), join(folder, 'clean')];
    const name = 'ab'.repeat(32);
    await mkdir(join(from, 'ab', 'ab'), { recursive: true });
    await writeFile(join(from, 'ab', 'ab', name), 'not what was kept');
    expect(await copyFiles(from, pool)).toEqual({ copied: 0, present: 0, damaged: [name] });
    expect(await new LocalFileStore(pool).has(name)).toBe(false);
  });
});

describe.each(['backup', 'restore'])('the script %s', (name) => {
  it('names the services, folders and programs that there are', async () => {
    const script = await read(`deploy/backup/${name}`);
    const compose = readCompose(
      await read('docker-compose.yml'),
      environmentOf(await read('.env.example')),
    );
    expect(/^services=\((.*)\)$/m.exec(script)![1]!.split(' ')).toEqual([...serviceNames]);
    const called = [...script.matchAll(/(?:exec|run)(?: -\S+(?: "[^"]*")?)* (\w+)/g)];
    expect(called.length).toBeGreaterThan(3);
    for (const [, container] of called) expect(Object.keys(compose.services)).toContain(container);

    const { tools, nats, gateway } = compose.services;
    expect(new Set(tools!.volumes)).toEqual(new Set([...gateway!.volumes!, ...nats!.volumes!]));
    const mounted = tools!.volumes!.map((volume) => volume.split(':')[1]!);
    for (const [path] of script.matchAll(/\/var\/lib\/eoffice\/\w+/g))
      expect(mounted).toContain(path);
    expect(script).toContain('node deploy/dist/backup/copy-files.js');
    expect(script.match(/eoffice\b(?!\/|_)/g)!.length).toBeGreaterThan(0);
    expect(script).toContain(productDatabase);
  });
});
