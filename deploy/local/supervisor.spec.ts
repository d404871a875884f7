import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from './ports.js';
import { commandOf } from './processes.js';
import { Supervisor } from './supervisor.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'eoffice-supervisor-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const ready = `console.log(JSON.stringify({ msg: 'ready', url: 'http://here' }));`;
async function supervise(name: string, code: string, tell?: (line: string) => void) {
  const file = join(folder, `${name}.mjs`);
  await writeFile(file, code);
  return new Supervisor({ name, file, environment: {}, log: join(folder, `${name}.log`) }, tell);
}

describe('the supervisor', () => {
  it('starts again at once what is killed, says so, and ends it when asked', async () => {
    const said: string[] = [];
    const code = `${ready} setInterval(() => {}, 1000);`;
    const program = await supervise('steady', code, (line) => said.push(line));
    program.start();
    expect(await program.ready).toBe('http://here');
    const before = program.pid!;
    process.kill(before, 'SIGKILL');
    await until(
      () => program.pid !== before,
      () => 'not started again',
      1_000,
    );
    await until(
      () => said.length > 1,
      () => said.join('\n'),
    );
    expect(said).toEqual([
      expect.stringContaining(`steady (process ${before}) was ended by SIGKILL`),
      expect.stringMatching(`steady is ready again after .* \\(process ${program.pid}\\)`),
    ]);
    await program.stop();
    expect(said).toHaveLength(2);
    expect(await commandOf(program.pid!)).toBe('');
  });

  it('gives up on what has never been ready, with its last words', async () => {
    const code = `console.error('no such thing'); process.exit(1);`;
    const said: string[] = [];
    const program = await supervise('broken', code, (line) => said.push(line));
    program.start();
    await expect(program.ready).rejects.toThrow(/^broken does not start:\s+no such thing$/);
    expect(said.every((line) => line.includes('ended with code 1'))).toBe(true);
    const asked = performance.now();
    await program.stop();
    expect(performance.now() - asked).toBeLessThan(1_000);
  });

  it('takes its programs with it when it is killed', async () => {
    const program = `${ready} process.once('disconnect', () => process.exit());`;
    await writeFile(join(folder, 'child.mjs'), `${program} setInterval(() => {}, 1000);`);
    const url = new URL('../dist/local/supervisor.js', import.meta.url).href;
    const parent = `
      import { Supervisor } from ${JSON.stringify(url)};
      const folder = ${JSON.stringify(folder)};
      const [file, log] = ['child.mjs', 'child.log'].map((name) => folder + '/' + name);
      const program = new Supervisor({ name: 'child', file, environment: {}, log });
      program.start();
      await program.ready;
      console.log(program.pid);`;
    await writeFile(join(folder, 'parent.mjs'), parent);
    const supervisor = spawn(process.execPath, [join(folder, 'parent.mjs')]);
    const [line] = (await supervisor.stdout.take(1).toArray()) as Buffer[];
    const child = Number(String(line));
    expect(await commandOf(child)).toContain('child.mjs');
    supervisor.kill('SIGKILL');
    await until(
      async () => (await commandOf(child)) === '',
      () => 'the program lives on',
      5_000,
    );
    expect(await readFile(join(folder, 'child.log'), 'utf8')).toContain('ready');
  });
});
