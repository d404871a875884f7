import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Says words to the door of all scripts. Returns the exit code and what it says. */
function start(...words: string[]): Promise<{ code: number; said: string }> {
  const program = join(root, 'deploy/local/start.mjs');
  const options = { cwd: root, env: { PATH: process.env.PATH }, timeout: 20_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...words], options, (error, out, problems) =>
      resolve({ code: Number(error?.code ?? 0), said: out + problems }),
    );
  });
}

describe('the door to every script', () => {
  it('lists the words that there are to who asks, or says another', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      scripts: object;
    };
    const asked = await Promise.all([start('--help'), start('start', '--help'), start('help')]);
    const wrong = await Promise.all([start('begin'), start('start', 'all'), start('toString')]);
    expect(asked.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2]);
    for (const { said } of [...asked, ...wrong]) {
      const words = [...said.matchAll(/^ {2}npm (?:run )?(\w+)/gm)].map(([, word]) => word);
      expect(words.sort()).toEqual(Object.keys(scripts).sort());
    }
    expect(wrong[0]!.said).toContain('Unknown word "begin"');
  });

  it('builds no project that is not there', async () => {
    const { code, said } = await start('build', 'services/nothing');
    expect([code, said]).toEqual([2, expect.stringContaining('No project services/nothing')]);
    expect(said).toContain('services/mail');
  });
});
