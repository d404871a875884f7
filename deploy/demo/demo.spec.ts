import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { extractText, getDocumentProxy } from 'unpdf';
import { serviceNames } from '@eoffice/contracts';
import { freePort, until } from '../local/ports.js';
import type { Stack } from '../local/stack.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the two commands', () => {
  let data: string;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'eoffice-demo-'));
    const { NODE_OPTIONS: _, ...own } = process.env;
    environment = { ...own, EOFFICE_DATA: data, HTTP_PORT: String(await freePort()) };
  });
  afterAll(() => rm(data, { recursive: true, force: true }));

  const run = (program: string) => {
    const child = spawn(process.execPath, [join(root, 'deploy/dist', program)], {
      ...{ cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
    });
    const said = { text: '' };
    const hear = (chunk: Buffer) => (said.text += chunk.toString());
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    return { child, said };
  };
  const endOf = async (child: ChildProcess) => (await once(child, 'exit'))[0] as number;

  it('play the main job from a letter to a visit on a stack that starts for it', async () => {
    const { child, said } = run('demo/demo.js');
    expect([await endOf(child), said.text]).toEqual([0, expect.stringContaining('That was it')]);
    expect(said.text).toContain('issues it: 01/BC-UBND');
    expect(said.text).toContain('499 registered');
    expect(said.text).toMatch(
      /reports \d+ figures, measured by documents, mail, signatures, portals/,
    );
    expect(said.text).toMatch(/Stopped\.\s*$/);
    const read = (name: string) => readFile(join(data, 'demo', name));
    const issued = await getDocumentProxy(new Uint8Array(await read('van-ban-di.pdf')));
    const { text } = await extractText(issued, { mergePages: true });
    expect(text.normalize('NFC')).toContain('đạt 92 phần trăm');
    expect((await read('bao-cao-doan-cong-tac.html')).toString()).toContain('Số liệu đo lúc');
  }, 240_000);

  it('start again with what was there, and stop at Ctrl-C', async () => {
    const { child, said } = run('local/stack.js');
    const ended = endOf(child);
    await until(
      () => said.text.includes('Ready after') || child.exitCode !== null,
      () => said.text,
      100_000,
    );
    const { processes } = JSON.parse(await readFile(join(data, 'stack.json'), 'utf8')) as Stack;
    expect(Object.keys(processes)).toHaveLength(serviceNames.length);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(said.text).not.toContain('Seeding');
    for (const pid of Object.values(processes)) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  }, 120_000);
});
