import { Choice, Count, Text, planOf } from '@eoffice/contracts/language/fields';
import type { Class } from '@eoffice/contracts/language/contract';
import { Invalid } from '@eoffice/contracts/language/problem';
import { parse } from '@eoffice/contracts/language/reading';

/** What every service reads from its environment. A setting's variable is its name in capitals. */
export class ServiceSettings {
  @Text({ max: 500, secret: true, description: 'PostgreSQL, as the role that owns the schema' })
  databaseUrl: string;
  @Text({ max: 500, secret: true, description: 'NATS with JetStream, as the user of this service' })
  natsUrl: string;
  @Text({ max: 200, description: 'Address to listen on; 0.0.0.0 in a container' })
  httpHost: string = '127.0.0.1';
  @Count({ max: 65_535, description: 'Port of health and metrics; 0 takes any free one' })
  httpPort: number = 0;
  @Text({
    max: 1_000,
    description:
      'Proxies that may say whom they speak for: addresses, networks, or loopback, linklocal, uniquelocal',
  })
  trustedProxies: string = 'loopback,linklocal,uniquelocal';
  @Text({ max: 1_000, description: 'Folder of the content-addressed file store' })
  filesFolder: string = '.data/files';
  @Choice(['debug', 'info', 'warn', 'error', 'silent'], { description: 'Least severity logged' })
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent' = 'info';
  @Count({ min: 1, max: 100, description: 'Most connections to PostgreSQL' })
  databaseConnections: number = 10;
}

/** The environment a service reads its settings from; replaced in specs. */
export const Environment = Symbol('Environment');
export type Environment = Record<string, string | undefined>;

/** `databaseUrl` → `DATABASE_URL`. */
export function variableOf(setting: string): string {
  return setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** Reads and checks the settings of a service. Throws one error that names every wrong variable. */
export function readSettings<S extends object>(type: Class<S>, environment: Environment): S {
  const given: Record<string, string> = {};
  for (const name of planOf(type).keys()) {
    const value = environment[variableOf(name)];
    if (value !== undefined && value !== '') given[name] = value;
  }
  try {
    return parse(type, given, { textual: true });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const faults = error.errors!.map(
      ({ pointer, detail }) => `${variableOf(pointer.slice(1))} ${detail.en}`,
    );
    throw new Error(`Settings: ${faults.join('; ')}`);
  }
}
