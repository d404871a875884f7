import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mustBeNats } from './given-servers.js';
import { startNats } from './nats.js';
import { freePort } from './ports.js';
import { passedOn, readStartSettings } from './start-settings.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'eoffice-settings-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('what npm start is given', () => {
  it('may be nothing at all, and is handed on when it is something', () => {
    expect(readStartSettings({ HTTP_PORT: '' })).toMatchObject({ httpPort: 8080 });
    const environment = { HTTP_PORT: '81', UPLOAD_LIMIT_MB: '5', CORS_ORIGINS: '', PATH: '/bin' };
    expect(readStartSettings(environment)).toMatchObject({ httpPort: 81, uploadLimitMb: 5 });
    expect(passedOn(environment)).toEqual({ UPLOAD_LIMIT_MB: '5' });
  });

  it('is refused before anything starts when it is wrong, all of it at once', async () => {
    const data = join(folder, 'data');
    const { PATH } = process.env;
    const wrong = { HTTP_PORT: 'abc', UPLOAD_LIMIT_MB: 'x', LOG_LEVEL: 'loud', NATS_URL: 'here' };
    const program = join(root, 'deploy/dist/local/stack.js');
    const env = { PATH, EOFFICE_DATA: data, ...wrong };
    const child = spawn(process.execPath, [program], { cwd: root, env });
    const said = String(Buffer.concat(await child.stdout.toArray()));
    const names = said
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(' ')[0]);
    expect(names.sort()).toEqual(Object.keys(wrong).sort());
    expect(await readdir(folder)).not.toContain('data');
  });

  it('names a NATS that is there, with JetStream', async () => {
    const url = `nats://u:secret@127.0.0.1:${await freePort()}`;
    const refused = mustBeNats(url);
    await expect(refused).rejects.toThrow(/^NATS_URL: 127\.0\.0\.1:\d+ is not there/);
    await expect(refused).rejects.not.toThrow('secret');
    const server = await startNats({ folder: join(folder, 'nats'), syncAlways: false });
    await mustBeNats(server.url);
    await server.stop();
  });
});
