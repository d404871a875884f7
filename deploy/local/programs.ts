import { join } from 'node:path';
import { serviceNames } from '@eoffice/contracts';
import { startsAuthority } from './authority.js';
import { keptPort } from './ports.js';
import { databaseUrl, productDatabase } from './roles.js';
import { passwordOf, type Secrets } from './secrets.js';
import { passedOn } from './start-settings.js';
import type { Program } from './supervisor.js';

/** Where the programs of a stack find what they need. */
export interface Place {
  /** The folder of the checkout, and that of what the stack keeps. */
  root: string;
  data: string;
  postgres: string;
  nats: string;
  /** The gateway's. */
  port: number;
  /** Where mail comes in, by the variable of each port. */
  mail: MailPorts;
  secrets: Secrets;
}

/** The ports of mail: for other servers, and for our own people by STARTTLS and by TLS, and JMAP. */
export type MailPorts = Record<(typeof mailPortNames)[number], string>;

const mailPortNames = ['SMTP_PORT', 'SUBMISSION_PORT', 'SUBMISSION_TLS_PORT', 'JMAP_PORT'] as const;

/** The ports of mail that are asked for, and others that stay the same at every start. */
export async function mailPorts(data: string): Promise<MailPorts> {
  const ports = {} as MailPorts;
  for (const name of mailPortNames)
    ports[name] = process.env[name] || String(await keptPort(join(data, 'mail'), name));
  return ports;
}

/** The token by which the authority for development and tests issues. */
export const issuingToken = (secrets: Secrets) => passwordOf(secrets, 'authority', 'issuing');

/** What each service runs, and with which environment. */
export function servicePrograms(place: Place): Program[] {
  const { root, data } = place;
  return serviceNames.map((name) => ({
    name,
    file: join(root, 'services', name, 'dist', 'src', 'main.js'),
    environment: { ...commonOf(name, place), ...ownOf(name, place) },
    log: join(data, 'logs', `${name}.log`),
  }));
}

/** What stands in for the official authorities, which no development machine reaches; unless it shall not. */
export async function authorityProgram({ root, data, secrets }: Place): Promise<Program[]> {
  if (!startsAuthority()) return [];
  const folder = join(data, 'authority');
  const environment = {
    ...{ AUTHORITY_FOLDER: folder, AUTHORITY_TOKEN: issuingToken(secrets) },
    AUTHORITY_PORT: String(await keptPort(folder)),
  };
  const file = join(root, 'deploy', 'dist', 'authority', 'main.js');
  return [{ name: 'authority', file, environment, log: join(data, 'logs', 'authority.log') }];
}

function commonOf(service: string, { data, postgres, nats, secrets }: Place) {
  const password = passwordOf(secrets, 'postgres', service);
  const natsUrl = new URL(nats);
  if (!process.env.NATS_URL) {
    natsUrl.username = service;
    natsUrl.password = passwordOf(secrets, 'nats', service);
  }
  const { LOG_LEVEL } = process.env;
  return {
    DATABASE_URL: databaseUrl(postgres, productDatabase, { name: service, password }),
    NATS_URL: natsUrl.href,
    FILES_FOLDER: join(data, 'files'),
    NODE_COMPILE_CACHE: join(data, 'compiled'),
    ...(LOG_LEVEL ? { LOG_LEVEL } : {}),
  };
}

function ownOf(service: string, { port, mail, secrets }: Place): Record<string, string> {
  if (service === 'signatures') {
    return { ...pkcs11(), SIGNING_SECRET: passwordOf(secrets, 'signing', 'keys') };
  }
  if (service === 'mail') {
    const MAIL_SECRET = passwordOf(secrets, 'mail', 'keys');
    return { ...given(...mailSettings), ...mail, MAIL_SECRET };
  }
  if (service !== 'gateway') return {};
  return {
    PUBLIC_URL: `http://localhost:${port}`,
    MAIL_JMAP_URL: `http://127.0.0.1:${mail.JMAP_PORT}`,
    ...passedOn(process.env),
    HTTP_PORT: String(port),
    GATEWAY_SECRET: secrets.gatewaySecret,
    INITIAL_ADMIN_PASSWORD: secrets.adminPassword,
  };
}

/** Where the tokens and HSMs of this machine are, if it has any. */
const pkcs11 = () => given('PKCS11_MODULE', 'PKCS11_PIN', 'PKCS11_TIMEOUT_MS', 'SOFTHSM2_CONF');

/** What the mail service is told as it was given. */
const mailSettings = [
  ...Object.keys(process.env).filter((name) => name.startsWith('MAIL_')),
  'SMTP_HOST',
  'SMTP_PEER_CONNECTIONS',
  'SMTP_PEER_PER_MINUTE',
];

/** What of our own environment is handed on as it is. */
const given = (...names: string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value ? [[name, value]] : [];
    }),
  );
