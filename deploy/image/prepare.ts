import { join } from 'node:path';
import { serviceNames } from '@eoffice/contracts';
import { Text } from '@eoffice/contracts/language/fields';
import { createLog } from '@eoffice/platform/log';
import { Address, readSettings } from '@eoffice/platform/settings';
import { natsConfiguration } from '../local/nats.js';
import { usersConfig } from '../local/nats-users.js';
import { replaceFile } from '../local/replace-file.js';
import { prepareDatabase, productDatabase } from '../local/roles.js';

// Runs once before the servers and services of docker-compose.yml, at every `up`: gives PostgreSQL
// its roles and schemas, and NATS its configuration. Both come from where `npm start` has them, so
// that nothing has to be kept in step; a changed password counts from the next `up` on.

/** What the preparation reads, beside `<service>Password` for every service. */
export class PreparationSettings {
  @Address(['postgres:', 'postgresql:'], {
    ...{ max: 500, secret: true, example: 'postgres://postgres:PASSWORD@postgres:5432/postgres' },
    description: 'PostgreSQL, as the superuser',
  })
  databaseUrl: string;
  @Text({
    ...{ max: 1_000, example: '/nats' },
    description: 'Folder of NATS: its configuration and its streams',
  })
  natsFolder: string;
}

/** The setting with a service's password, the same in PostgreSQL and in NATS. */
export const passwordSetting = (service: string) => `${service}Password` as const;

// They stand in addresses, so only what needs no escaping there.
const password = Text({
  ...{ min: 24, max: 200, pattern: /^[\w.~-]+$/, secret: true },
  example: '$(openssl rand -hex 24)',
});
for (const service of serviceNames)
  password(PreparationSettings.prototype, passwordSetting(service));

/** Where the NATS server of the compose stack listens; the pages for monitoring only to itself. */
export const natsAddresses = { listen: '0.0.0.0:4222', monitor: '127.0.0.1:8222' };

/** Gives PostgreSQL and NATS what the settings say. Safe to run again. */
export async function prepare(environment: NodeJS.ProcessEnv) {
  const settings = readSettings(PreparationSettings, environment);
  const passwordOf = (service: string) =>
    (settings as unknown as Record<string, string>)[passwordSetting(service)]!;
  await prepareDatabase(settings.databaseUrl, productDatabase, passwordOf);
  const configuration = natsConfiguration({
    ...natsAddresses,
    store: join(settings.natsFolder, 'store'),
    flushes: true,
    more: usersConfig(passwordOf),
  });
  await replaceFile(join(settings.natsFolder, 'nats.conf'), configuration);
}

if (process.argv[1] === import.meta.filename) {
  const log = createLog('prepare', 'info');
  try {
    await prepare(process.env);
    log.info('PostgreSQL and NATS are prepared');
  } catch (error) {
    log.fatal({ err: error }, 'PostgreSQL and NATS could not be prepared');
    process.exitCode = 1;
  }
}
