import { isIP } from 'node:net';
import {
  Choice,
  type Common,
  Count,
  type Field,
  field,
  planOf,
  Text,
} from '@eoffice/contracts/language/fields';
import type { Class } from '@eoffice/contracts/language/contract';
import { Invalid } from '@eoffice/contracts/language/problem';
import { parse } from '@eoffice/contracts/language/reading';

/** The address of a server or a page, by one of the protocols named. */
export const Address = (protocols: string[], common: Common & { max: number }) =>
  checked(
    common,
    `must be an address that begins with ${protocols.map((each) => `${each}//`).join(' or ')}`,
    (value) => {
      if (!URL.canParse(value)) return false;
      const { protocol, host, searchParams } = new URL(value);
      return protocols.includes(protocol) && !!(host || searchParams.get('host'));
    },
  );

/** Proxies: addresses, networks, or names of kinds of them, separated by commas. */
const Proxies = (common: Common & { max: number }) =>
  checked(common, 'must be addresses, networks, or loopback, linklocal, uniquelocal', (value) =>
    value.split(',').every((each) => isProxy(each.trim())),
  );

function isProxy(value: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(value)) return true;
  const [address = '', bits, ...more] = value.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)]!;
  if (bits === undefined) return most > 0;
  return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) > 0 && Number(bits) <= most;
}

/** Text of up to `max` characters with a check of its own. */
function checked(
  { max, ...common }: Common & { max: number },
  wrong: string,
  right: (value: string) => boolean,
): PropertyDecorator {
  const check: Field['check'] = (value, pointer, reading) => {
    const text = typeof value === 'string' ? value.trim() : '';
    if (text.length <= max && right(text)) return text;
    reading.wrong(pointer, { vi: wrong, en: wrong });
  };
  return field({ ...common, schema: { type: 'string', maxLength: max }, check });
}

/** What every service reads from its environment. A setting's variable is its name in capitals. */
export class ServiceSettings {
  @Address(['postgres:', 'postgresql:'], {
    ...{ max: 500, secret: true, example: 'postgres://SERVICE:PASSWORD@127.0.0.1:5432/eoffice' },
    description: 'PostgreSQL, as the role that owns the schema',
  })
  databaseUrl: string;
  @Address(['nats:'], {
    ...{ max: 500, secret: true, example: 'nats://SERVICE:PASSWORD@127.0.0.1:4222' },
    description: 'NATS with JetStream, as the user of this service',
  })
  natsUrl: string;
  @Text({ max: 200, description: 'Address to listen on; 0.0.0.0 in a container' })
  httpHost: string = '127.0.0.1';
  @Count({ max: 65_535, description: 'Port of health and metrics; 0 takes any free one' })
  httpPort: number = 0;
  @Proxies({
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

/** The environment is not what it must be: the message says all of it, and what to do. */
export class WrongSettings extends Error {}

/**
 * Reads and checks the settings of a service. Throws WrongSettings: every wrong variable in a line of
 * its own, with what is wrong, what was given unless it is secret, and an example.
 */
export function readSettings<S extends object>(type: Class<S>, environment: Environment): S {
  const fields = planOf(type);
  const given: Record<string, string> = {};
  for (const name of fields.keys()) {
    const value = environment[variableOf(name)];
    if (value !== undefined && value !== '') given[name] = value;
  }
  try {
    return parse(type, given, { textual: true });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const usual = new type() as Record<string, unknown>;
    const faults = error.errors!.map(({ pointer, detail }) => {
      const name = pointer.slice(1);
      const { secret, example = usual[name] } = fields.get(name)!;
      const variable = variableOf(name);
      const is = name in given && !secret ? `, and is "${given[name]!.slice(0, 100)}"` : '';
      const hint = example === undefined ? '' : `; for example ${variable}=${example}`;
      return `  ${variable} ${detail.en}${is}${hint}`;
    });
    throw new WrongSettings(`Wrong settings:\n${faults.join('\n')}`);
  }
}

/** What to say when a server does not let us in: the variable that names it, and never its password. */
export function notReached(setting: string, url: string, error: unknown): WrongSettings {
  const { message, code } = error as { message?: string; code?: string };
  return new WrongSettings(
    `${variableOf(setting)}: ${new URL(url).host} is not there or lets nobody in (${message || code})`,
    { cause: error },
  );
}
