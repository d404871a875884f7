import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FolderTaken, leaveFolder, takeFolder } from './data-folder.js';
import { startNats } from './nats.js';
import { answers } from './ports.js';
import { startPostgres } from './postgres.js';

let data: string;
let other: ChildProcess;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'eoffice-data-'));
  const program = join(data, 'stack.js');
  await writeFile(program, 'setInterval(() => {}, 1000)');
  other = spawn(process.execPath, [program]);
});
afterAll(async () => {
  other.kill('SIGKILL');
  await rm(data, { recursive: true, force: true });
});

describe('the data folder', () => {
  it('belongs to one stack at a time, and to the next when that was killed', async () => {
    await writeFile(join(data, 'stack.pid'), `${other.pid}\n`);
    await writeFile(join(data, 'stack.json'), '{"url":"http://localhost:8099"}');
    await expect(takeFolder(data)).rejects.toThrow(
      `eOffice already runs: http://localhost:8099 (process ${other.pid})`,
    );
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(await takeFolder(data)).toEqual([]);
    expect(await readFile(join(data, 'stack.pid'), 'utf8')).toBe(`${process.pid}\n`);
    await leaveFolder(data);
  });

  it('is freed of servers that a killed stack has left, and of no others', async () => {
    const [nats, postgres, elsewhere] = await Promise.all([
      startNats({ folder: join(data, 'nats'), syncAlways: false }),
      startPostgres({ folder: join(data, 'postgres'), durable: false }),
      startNats({ folder: join(data, 'elsewhere'), syncAlways: false }),
    ]);
    expect(await takeFolder(data)).toEqual(['NATS', 'PostgreSQL']);
    expect(await Promise.all([nats, postgres, elsewhere].map(({ port }) => answers(port)))).toEqual(
      [false, false, true],
    );
    await elsewhere.stop();
    await leaveFolder(data);
  });

  it('says what to do when nothing can be kept there', async () => {
    const taken = takeFolder(join(data, 'stack.js', 'data'));
    await expect(taken).rejects.toBeInstanceOf(FolderTaken);
    await expect(taken).rejects.toThrow(/EOFFICE_DATA/);
  });
});
