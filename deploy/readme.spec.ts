import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { planOf } from '@eoffice/contracts';
import { ServiceSettings, variableOf } from '@eoffice/platform/settings';
import { GatewaySettings } from '../services/gateway/src/config.js';
import { MailSettings } from '../services/mail/src/config.js';
import { SignaturesSettings } from '../services/signatures/src/config.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFile(join(root, path), 'utf8');
const pages = ['README.md', 'services/gateway/README.md'];

/** The rows of the table of settings as the README must show them. */
function settingsRows(): string[][] {
  const rowsOf = (type: new () => object, readBy: string) => {
    const usual = new type() as Record<string, unknown>;
    return [...planOf(type)].map(([name, { optional, description = '' }]) => {
      const value = usual[name] === undefined || usual[name] === '' ? '' : `\`${usual[name]}\``;
      const required = optional || usual[name] === '' ? '' : '**required**';
      return [`\`${variableOf(name)}\``, readBy, value || required, description];
    });
  };
  const common = rowsOf(ServiceSettings, 'every service').map((row) => row.join('|'));
  const own = (type: new () => object, readBy: string) =>
    rowsOf(type, readBy).filter(
      (row) => !common.includes(row.join('|').replace(`|${readBy}|`, '|every service|')),
    );
  return [
    ...rowsOf(ServiceSettings, 'every service'),
    ...own(GatewaySettings, 'gateway'),
    ...own(MailSettings, 'mail'),
    ...own(SignaturesSettings, 'signatures'),
  ];
}

describe('the README', () => {
  it('lists every setting that is read, as it is read', async () => {
    const text = await read('README.md');
    const [, table] = /<!-- settings:.*?-->\n([\s\S]*?)<!-- end of settings -->/.exec(text) ?? [];
    const [, , ...shown] = table!.trim().split('\n');
    const cells = shown.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    expect(cells).toEqual(settingsRows());
  });

  it.each(pages)('%s names only what is there: paths, links and scripts', async (page) => {
    const text = await read(page);
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) =>
      join(page, '..', path!),
    );
    const named = [...text.matchAll(/`((?:services|libs|deploy|bench)(?:\/[\w.-]+)*)`/g)];
    const missing = [...links, ...named.map(([, path]) => path!)].filter(
      (path) => !existsSync(join(root, path)),
    );
    expect(missing).toEqual([]);
    const { scripts } = JSON.parse(await read('package.json')) as { scripts: object };
    const words = [...text.matchAll(/npm (?:run )?(start|test|demo|bench|build|lint|generate)/g)];
    expect(words.filter(([, word]) => !(word! in scripts))).toEqual([]);
  });

  it('shows every project on its map', async () => {
    const text = await read('README.md');
    const { workspaces } = JSON.parse(await read('package.json')) as { workspaces: string[] };
    expect(workspaces).toEqual(['libs/*', 'services/*', 'deploy', 'bench']);
    for (const parent of ['libs', 'services']) {
      for (const name of await readdir(join(root, parent)))
        expect(text).toMatch(new RegExp(`^\\| \`${parent}/${name}\` +\\|`, 'm'));
    }
  });
});
