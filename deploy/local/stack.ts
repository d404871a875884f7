import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { serviceNames } from '@eoffice/contracts';
import { type DemoAccount, type Planted, seed } from '../seed/seed.js';
import { keptPort, startsAuthority } from './authority.js';
import { FolderTaken, leaveFolder, takeFolder } from './data-folder.js';
import { startNats } from './nats.js';
import { usersConfig } from './nats-users.js';
import { answers } from './ports.js';
import { startPostgres } from './postgres.js';
import { replaceFile } from './replace-file.js';
import { databaseUrl, prepareDatabase, productDatabase } from './roles.js';
import { keepSecrets, passwordOf, readSecrets, type Secrets } from './secrets.js';
import { Supervisor } from './supervisor.js';

// `npm start`: the whole house on one machine. PostgreSQL and NATS of our own unless the environment
// names others; everything it keeps lies in one folder that git does not see.

const root = process.cwd();
const data = resolve(process.env.EOFFICE_DATA ?? join(root, '.data'));
const stackFile = join(data, 'stack.json');
const secretsFile = join(data, 'secrets.json');
const plantedFile = join(data, 'planted.json');

/** What `npm run demo` and `npm run bench` need to know of a running stack. */
export interface Stack {
  pid: number;
  url: string;
  postgres: string;
  nats: string;
  processes: Record<string, number>;
  /** The authority for development and tests, and the token by which it issues. */
  authority?: { url: string; token: string; pid: number };
}

const started = performance.now();
const elapsed = () => `${((performance.now() - started) / 1000).toFixed(1)} s`.padStart(7);
const say = (text: string) => process.stdout.write(`${text}\n`);
const progress = (text: string) => say(`${elapsed()}  ${text}`);

interface Running {
  stop(): Promise<void>;
}

async function bringUp(running: Running[]): Promise<Stack> {
  const secrets = await readSecrets(secretsFile);
  const [postgres, nats] = await Promise.all([
    openPostgres(running, secrets),
    openNats(running, secrets),
  ]);
  const token = passwordOf(secrets, 'authority', 'issuing');
  const signingSecret = passwordOf(secrets, 'signing', 'keys');
  await keepSecrets(secretsFile, secrets);
  const port = await gatewayPort();
  if (stopping) throw new Error('it was asked to end');
  const programs = serviceNames.map((name) => {
    const own = name === 'signatures' ? { ...pkcs11(), SIGNING_SECRET: signingSecret } : {};
    const environment = { ...environmentOf(name, { postgres, nats, port, secrets }), ...own };
    const file = join(root, 'services', name, 'dist', 'src', 'main.js');
    return new Supervisor({ name, file, environment, log: join(data, 'logs', `${name}.log`) });
  });
  const authority = startsAuthority() ? await authorityProgram(token) : undefined;
  const all = authority ? [...programs, authority] : programs;
  for (const program of all) program.start();
  running.push({ stop: async () => void (await Promise.all(all.map((each) => each.stop()))) });
  await Promise.all(
    all.map(async (each) => {
      await each.ready;
      progress(`${each.program.name} is ready`);
    }),
  );
  const processes = Object.fromEntries(programs.map((each) => [each.program.name, each.pid!]));
  const url = `http://localhost:${port}`;
  const testing = authority && { url: await authority.ready, token, pid: authority.pid! };
  return { pid: process.pid, url, postgres, nats, processes, authority: testing };
}

/** Where the tokens and HSMs of this machine are, if it has any. */
const pkcs11 = (): Record<string, string> =>
  Object.fromEntries(
    ['PKCS11_MODULE', 'PKCS11_PIN', 'PKCS11_TIMEOUT_MS', 'SOFTHSM2_CONF'].flatMap((name) => {
      const value = process.env[name];
      return value ? [[name, value]] : [];
    }),
  );

/** Stands in for the official authorities, which no development machine reaches. */
async function authorityProgram(token: string): Promise<Supervisor> {
  const folder = join(data, 'authority');
  const environment = {
    ...{ AUTHORITY_FOLDER: folder, AUTHORITY_TOKEN: token },
    AUTHORITY_PORT: String(await keptPort(folder)),
  };
  const file = join(root, 'deploy', 'dist', 'authority', 'main.js');
  const name = 'authority (thử nghiệm)';
  return new Supervisor({ name, file, environment, log: join(data, 'logs', 'authority.log') });
}

async function openPostgres(running: Running[], secrets: Secrets): Promise<string> {
  let { DATABASE_URL: url } = process.env;
  if (!url) {
    const options = { folder: join(data, 'postgres'), durable: true };
    ({ url } = await open(running, startPostgres(options)));
  }
  await prepareDatabase(url, productDatabase, (service) =>
    passwordOf(secrets, 'postgres', service),
  );
  progress(`PostgreSQL is ready on port ${new URL(url).port}`);
  return url;
}

async function openNats(running: Running[], secrets: Secrets): Promise<string> {
  if (process.env.NATS_URL) return process.env.NATS_URL;
  const config = usersConfig((service) => passwordOf(secrets, 'nats', service));
  const options = { folder: join(data, 'nats'), config, syncAlways: true };
  const server = await open(running, startNats(options));
  progress(`NATS is ready on port ${server.port}`);
  return server.url;
}

/** Remembers a server while it starts, so that whatever ends the start ends the server too. */
function open<Server extends Running>(running: Running[], starting: Promise<Server>) {
  const ignored = () => {};
  running.push({ stop: () => starting.then((server) => server.stop(), ignored) });
  return starting;
}

async function gatewayPort(): Promise<number> {
  let port = Number(process.env.HTTP_PORT ?? 8080);
  while (await answers(port)) port++;
  return port;
}

function environmentOf(
  service: string,
  where: { postgres: string; nats: string; port: number; secrets: Secrets },
): Record<string, string> {
  const { postgres, nats, port, secrets } = where;
  const password = passwordOf(secrets, 'postgres', service);
  const natsUrl = new URL(nats);
  if (!process.env.NATS_URL) {
    natsUrl.username = service;
    natsUrl.password = passwordOf(secrets, 'nats', service);
  }
  const own =
    service !== 'gateway'
      ? {}
      : {
          HTTP_PORT: String(port),
          PUBLIC_URL: process.env.PUBLIC_URL ?? `http://localhost:${port}`,
          GATEWAY_SECRET: secrets.gatewaySecret,
          INITIAL_ADMIN_PASSWORD: secrets.adminPassword,
          ...passedOn(),
        };
  return {
    DATABASE_URL: databaseUrl(postgres, productDatabase, { name: service, password }),
    NATS_URL: natsUrl.href,
    FILES_FOLDER: join(data, 'files'),
    NODE_COMPILE_CACHE: join(data, 'compiled'),
    ...(process.env.LOG_LEVEL ? { LOG_LEVEL: process.env.LOG_LEVEL } : {}),
    ...own,
  };
}

const settingsPassedOn = [
  'HTTP_HOST',
  'CORS_ORIGINS',
  'RATE_LIMIT_PER_MINUTE',
  'UPLOAD_LIMIT_MB',
  'OIDC_ISSUER',
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'OIDC_SECOND_FACTOR_ACR',
  'TRUSTED_PROXIES',
];
const passedOn = () =>
  Object.fromEntries(
    settingsPassedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );

async function plant(stack: Stack): Promise<Planted> {
  if (!existsSync(plantedFile)) {
    progress('Seeding a province: organisations, people, posts and accounts …');
    const secrets = await readSecrets(secretsFile);
    const planted = await seed({
      url: stack.url,
      adminPassword: secrets.adminPassword,
      kept: secrets,
      keep: (made) => keepSecrets(secretsFile, Object.assign(secrets, made)),
      report: progress,
      trialAuthority: stack.authority?.url,
    });
    await replaceFile(plantedFile, JSON.stringify(planted, null, 2));
  }
  return JSON.parse(await readFile(plantedFile, 'utf8')) as Planted;
}

/** Enough people to play every role of the tour. */
const worthShowing = ({ unit, title }: DemoAccount) =>
  /(^|, )UBND phường 1 Bảo Lộc$/.test(unit) ||
  /Sở KH&CN$/.test(unit) ||
  /^Thanh tra viên/.test(title);

function table(stack: Stack, { accounts }: Planted) {
  say('');
  say(`  eOffice          ${stack.url}`);
  say(`  API reference    ${stack.url}/reference`);
  say(`  Events           ${stack.url}/v1/events`);
  if (stack.authority) say(`  Signing, tests   ${stack.authority.url} (thử nghiệm)`);
  say(`  Logs             ${join(data, 'logs')}`);
  say(`  Administrator    admin, password and TOTP secret in ${secretsFile}`);
  say('');
  say('  Demo accounts, all with the password of the first');
  for (const { username, title, unit, password } of accounts.filter(worthShowing)) {
    const first = username === accounts.find(worthShowing)!.username;
    say(`  ${username.padEnd(10)} ${`${title}, ${unit}`.padEnd(66)} ${first ? password : ''}`);
  }
  say(`  … all ${accounts.length}, and the API key of an integration, in ${plantedFile}`);
  say('');
  say(`  Ready after ${elapsed().trim()}. Ctrl-C stops everything; the data stays.`);
}

const running: Running[] = [];
let stopping = false;

async function stopAll(code: number) {
  if (stopping) return;
  stopping = true;
  say('\nStopping: requests in hand are finished, then NATS and PostgreSQL end …');
  for (const each of running.reverse()) {
    await each.stop().catch((error: Error) => say(`It did not end well: ${error.message}`));
  }
  await rm(stackFile, { force: true });
  await leaveFolder(data);
  say('Stopped.');
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stopAll(0));

try {
  const ended = await takeFolder(data);
  if (ended.length > 0) progress(`Ended what was left of the last time: ${ended.join(', ')}`);
  const stack = await bringUp(running);
  await writeFile(stackFile, JSON.stringify(stack, null, 2), { mode: 0o600 });
  table(stack, await plant(stack));
} catch (error) {
  const { message } = error as Error;
  if (error instanceof FolderTaken) {
    say(message);
    process.exit(1);
  }
  if (!stopping) say(`\nIt did not start: ${message}`);
  await stopAll(1);
}
