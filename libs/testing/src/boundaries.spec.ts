import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const linter = new ESLint({ cwd: root, overrideConfigFile: `${root}/.eslint.config.mjs` });

async function faultsOf(code: string, filePath: string): Promise<string[]> {
  const [result] = await linter.lintText(`${code}\n`, { filePath: `${root}/${filePath}` });
  return result!.messages
    .filter(({ ruleId }) => ruleId === 'no-restricted-imports')
    .map(({ message }) => message);
}

// A rule nobody has seen fail is not a rule: each line below is an import that must be refused.
const refused: [what: string, file: string, code: string][] = [
  ['a service by its name', 'services/mail/src/x/x.ts', `export * from '@eoffice/documents';`],
  [
    'a service by its path',
    'services/mail/src/x/x.ts',
    `export * from '../../../../services/documents/src/main.js';`,
  ],
  ['testing outside specs', 'services/mail/src/x/x.ts', `export * from '@eoffice/testing/house';`],
  [
    'a sibling that serves a contract',
    'services/mail/src/x/x.ts',
    `export * from '../mailboxes/mailboxes.js';`,
  ],
  [
    'contracts inside the platform',
    'libs/platform/src/x.ts',
    `export * from '@eoffice/contracts';`,
  ],
  [
    'the platform inside contracts',
    'libs/contracts/src/x.ts',
    `export * from '@eoffice/platform/database';`,
  ],
  [
    'the platform inside a protocol',
    'libs/signing/src/x.ts',
    `export * from '@eoffice/platform/database';`,
  ],
  [
    'the testing of services inside a protocol',
    'libs/mime/src/x.ts',
    `export * from '@eoffice/testing/house';`,
  ],
  ['a service inside a library', 'libs/platform/src/x.ts', `export * from '@eoffice/mail';`],
  ['a service in a spec', 'services/mail/src/x/x.spec.ts', `export * from '@eoffice/documents';`],
];

const allowed: [what: string, file: string, code: string][] = [
  [
    'the entity of a sibling',
    'services/mail/src/x/x.ts',
    `export * from '../mailboxes/mailbox.js';`,
  ],
  ['contracts in a service', 'services/mail/src/x/x.ts', `export * from '@eoffice/contracts';`],
  [
    'the language in the platform',
    'libs/platform/src/x.ts',
    `export * from '@eoffice/contracts/language/problem';`,
  ],
  ['testing in a spec', 'services/mail/src/x/x.spec.ts', `export * from '@eoffice/testing/house';`],
];

describe('who may import whom', () => {
  it.each(refused)('refuses %s', async (_, file, code) => {
    expect(await faultsOf(code, file)).toHaveLength(1);
  });

  it.each(allowed)('allows %s', async (_, file, code) => {
    expect(await faultsOf(code, file)).toEqual([]);
  });
});
