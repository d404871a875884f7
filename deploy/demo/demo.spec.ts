import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { extractText, getDocumentProxy } from 'unpdf';
import { serviceNames } from '@eoffice/contracts';
import { eventually } from '@eoffice/testing/house';
import { freePort, until } from '../local/ports.js';
import type { Stack } from '../local/stack-file.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the two commands', () => {
  let data: string;
  let environment: NodeJS.ProcessEnv;
  /** The command by which the demonstration says its report is read again. */
  let again: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'eoffice-demo-'));
    const { NODE_OPTIONS: _, ...own } = process.env;
    environment = { ...own, EOFFICE_DATA: data, HTTP_PORT: String(await freePort()) };
  });
  afterAll(async () => {
    for (const child of children.filter(({ exitCode }) => exitCode === null)) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(data, { recursive: true, force: true });
  });

  const run = (program: string) => {
    const child = spawn(process.execPath, [join(root, 'deploy/dist', program)], {
      ...{ cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
    });
    children.push(child);
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
    const [, organisations] = /organisations: (\d+) new/.exec(said.text)!;
    const [, people] = /accounts: (\d+)/.exec(said.text)!;
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    expect(readme).toContain(`${organisations} organisations and ${people} people`);
    const page = await readFile(join(root, 'deploy/README.md'), 'utf8');
    expect(/\(\d+ organisations, .*?\)/.exec(page)?.[0]).toBe(
      `(${organisations} organisations, ${people} accounts)`,
    );
    [again] = /curl -s \S+visit-reports.*/.exec(said.text)!;
    expect(said.text).toContain('issues it: 01/BC-UBND');
    expect(said.text).toContain('499 registered');
    expect(said.text).toMatch(/closes the campaign: \d+ delivered, 1 rejected/);
    for (const told of [
      /writes to .*<vanthu\.baoloc@gmail\.com>: 550 5\.7\.1 Official mail.*34\/2008\/CT-TTg/,
      /writes a secret: 550 5\.7\.1 Secrets are not sent by mail/,
      /writes to a colleague: 250[\s\S]*reads “Lịch làm việc với đoàn công tác”/,
      /Thư công vụ trao đổi với hộp thư riêng: 0 of [1-9]/,
      /would seal 01\/BC-UBND before it is signed: 409/,
      /signs 01\/BC-UBND: PAdES B-T, time stamp 20[\s\S]*signs 01\/BC-UBND: PAdES B-T/,
      /Signature #1[\s\S]*Signature is Valid\.[\s\S]*Signature #2[\s\S]*Signature is Valid\./,
      /signer: CMS Verification successful[\s\S]*agency: CMS Verification successful/,
      /the signed file: TOTAL_PASSED/,
      /one octet changed: TOTAL_FAILED/,
      /page was replaced: TOTAL_FAILED/,
      /mails “V\/v báo cáo hiện trạng .*”.*: 250 /,
      /registers “Công văn 1042\.pdf” in one call: số đến \d+\n.*the same document/,
      /SHA-256 [0-9a-f]{16}…, ESMTPS from 127\.0\.0\.1\n.*spf=pass/,
      /would send 01\/BC-UBND to so\.khcn@gmail\.com: 422/,
      /DKIM pass \(d=lamdong\.gov\.vn\)\n.*one octet changed: DKIM (?!pass)/,
      /vanthu@so-khcn\.example: sent/,
    ]) {
      expect(said.text).toMatch(told);
    }
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
    const stack = async () => JSON.parse(await readFile(join(data, 'stack.json'), 'utf8')) as Stack;
    const { processes: first } = await stack();
    const names = [...serviceNames, 'authority', 'nats', 'postgres'];
    expect(Object.keys(first).sort()).toEqual(names.sort());
    for (const [name, pid] of Object.entries(first))
      expect(said.text).toMatch(new RegExp(`^ +${name} +${pid}$`, 'm'));
    const killed = ['postgres', 'nats', 'mail'];
    for (const name of killed) process.kill(first[name]!, 'SIGKILL');
    await until(
      () => said.text.match(/is ready again/g)?.length === killed.length,
      () => said.text,
    );
    const { processes } = await eventually(async () => {
      const now = await stack();
      for (const name of killed) {
        expect(now.processes[name]).not.toBe(first[name]);
        expect(() => process.kill(now.processes[name]!, 0)).not.toThrow();
      }
      return now;
    });
    const tour = await walk(await readTour(), data);
    expect(tour).toContain('is not right');
    expect(tour).toMatch(/"number":\d+/);
    expect(tour).toContain("documentId: '");
    expect(tour).toContain('"pointer":"/abstract"');
    expect(tour).toMatch(/^presented\nVề việc báo cáo nhân sự\n[1-9]\d*\n/m);
    expect(tour).toMatch(/^event: documents\..*\n(.*\n)*?data: \{"id"/m);
    expect(tour).toMatch(/^\{.*"username":"admin"/m);
    const report = join(data, 'again.html');
    await walk(again.replace('report.html', report), data);
    expect(await readFile(report, 'utf8')).toContain('Số liệu đo lúc');
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(said.text).not.toContain('Seeding');
    for (const pid of Object.values(processes)) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  }, 120_000);
});

/** The commands of the README's tour, as somebody would paste them. */
async function readTour(): Promise<string> {
  const text = await readFile(join(root, 'README.md'), 'utf8');
  const [, tour] = /## A five-minute tour\n([\s\S]*?)\n## /.exec(text)!;
  const blocks = [...tour!.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, block]) => block);
  return blocks.join('\n');
}

async function walk(commands: string, data: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], {
    ...{ cwd: root, env: { ...process.env, EOFFICE_DATA: data } },
  });
  return stdout;
}
