import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WrongSettings } from '@eoffice/platform/settings';
import { type Planted, seed } from '../seed/seed.js';
import { announce } from './announcement.js';
import { progress, say, tell } from './console.js';
import { FolderTaken, leaveFolder, takeFolder } from './data-folder.js';
import { mustBeNats, onGivenPostgres } from './given-servers.js';
import { startNats } from './nats.js';
import { usersConfig } from './nats-users.js';
import { answers, freePort } from './ports.js';
import { startPostgres } from './postgres.js';
import {
  authorityProgram,
  issuingToken,
  mailPorts,
  type Place,
  servicePrograms,
} from './programs.js';
import { replaceFile } from './replace-file.js';
import { prepareDatabase, productDatabase } from './roles.js';
import { keepSecrets, passwordOf, readSecrets, type Secrets } from './secrets.js';
import { type Server, ServerKeeper } from './server-keeper.js';
import { type Stack, StackFile } from './stack-file.js';
import { readStartSettings } from './start-settings.js';
import { Supervisor } from './supervisor.js';

// `npm start`: the whole house on one machine. PostgreSQL and NATS of our own unless the environment
// names others; everything it keeps lies in one folder that git does not see.

const root = process.cwd();
const data = resolve(process.env.EOFFICE_DATA ?? join(root, '.data'));
const places = {
  data,
  stack: join(data, 'stack.json'),
  secrets: join(data, 'secrets.json'),
  planted: join(data, 'planted.json'),
};
const stackFile = new StackFile(places.stack);
const { DATABASE_URL: givenPostgres, NATS_URL: givenNats } = process.env;

interface Running {
  stop(): Promise<void>;
}
/** PostgreSQL and NATS, also while they start, and the programs that need them. */
const servers: Running[] = [];
const programs: Supervisor[] = [];
/** Where the process of each is found. */
const kept = new Map<string, { pid?: number }>();
/** What is said of the stack once it stands, and kept right from then on. */
let standing: Stack | undefined;
let stopping = false;

/** Something has ended, or is back as another process. */
function changed(line: string) {
  tell(line);
  if (standing) void writeDown(standing);
}

function writeDown(stack: Stack): Promise<void> {
  stack.processes = Object.fromEntries(
    [...kept].flatMap(([name, { pid }]) => (pid === undefined ? [] : [[name, pid]])),
  );
  return stackFile.write(stack);
}

async function bringUp(httpPort: number): Promise<Stack> {
  const secrets = await readSecrets(places.secrets);
  const [postgres, nats] = await Promise.all([openPostgres(secrets), openNats(secrets)]);
  const port = await gatewayPort(httpPort);
  if (stopping) throw new Error('it was asked to end');
  const mail = await mailPorts(data);
  const authority = await startPrograms({ root, data, postgres, nats, port, mail, secrets });
  const testing = authority && { url: await authority.ready, token: issuingToken(secrets) };
  const url = `http://localhost:${port}`;
  return { pid: process.pid, url, postgres, nats, processes: {}, authority: testing, mail };
}

/** Starts the services, and the authority for tests beside them; returns that one. */
async function startPrograms(place: Place): Promise<Supervisor | undefined> {
  const services = servicePrograms(place);
  const authority = await authorityProgram(place);
  // The secrets that were made for them count as soon as they run.
  await keepSecrets(places.secrets, place.secrets);
  for (const program of [...services, ...authority]) {
    const supervisor = new Supervisor(program, changed);
    programs.push(supervisor);
    kept.set(program.name, supervisor);
    supervisor.start();
  }
  await Promise.all(
    programs.map(async ({ ready, program }) => {
      await ready;
      progress(`${program.name} is ready`);
    }),
  );
  return programs[services.length];
}

async function openPostgres(secrets: Secrets): Promise<string> {
  const passwords = (service: string) => passwordOf(secrets, 'postgres', service);
  if (givenPostgres) {
    await onGivenPostgres(givenPostgres, () =>
      prepareDatabase(givenPostgres, productDatabase, passwords),
    );
    return givenPostgres;
  }
  const options = { folder: join(data, 'postgres'), durable: true };
  const { url, port } = await open('postgres', 'PostgreSQL', startPostgres(options));
  await prepareDatabase(url, productDatabase, passwords);
  progress(`PostgreSQL is ready on port ${port}`);
  return url;
}

async function openNats(secrets: Secrets): Promise<string> {
  if (givenNats) {
    await mustBeNats(givenNats);
    return givenNats;
  }
  const config = usersConfig((service) => passwordOf(secrets, 'nats', service));
  const options = { folder: join(data, 'nats'), config, syncAlways: true };
  const { url, port } = await open('nats', 'NATS', startNats(options));
  progress(`NATS is ready on port ${port}`);
  return url;
}

/** Remembers a server while it starts, so that whatever ends the start ends the server too. */
async function open<Kind extends Server>(name: string, title: string, starting: Promise<Kind>) {
  const keeping = starting.then((server) => new ServerKeeper(title, server, changed));
  const ignored = () => {};
  servers.push({ stop: () => keeping.then((keeper) => keeper.stop(), ignored) });
  kept.set(name, await keeping);
  return starting;
}

/** The port that was asked for, or the next that is free; 0 takes any. */
async function gatewayPort(asked: number): Promise<number> {
  let port = asked || (await freePort());
  while (await answers(port)) port++;
  return port;
}

async function plant(stack: Stack): Promise<Planted> {
  if (!existsSync(places.planted)) {
    progress('Seeding a province: organisations, people, posts and accounts …');
    const secrets = await readSecrets(places.secrets);
    const planted = await seed({
      url: stack.url,
      adminPassword: secrets.adminPassword,
      kept: secrets,
      keep: (made) => keepSecrets(places.secrets, Object.assign(secrets, made)),
      report: progress,
      trialAuthority: stack.authority?.url,
    });
    await replaceFile(places.planted, JSON.stringify(planted, null, 2));
  }
  return JSON.parse(await readFile(places.planted, 'utf8')) as Planted;
}

async function stopAll(code: number) {
  if (stopping) return;
  stopping = true;
  say('\nStopping: requests in hand are finished, then NATS and PostgreSQL end …');
  const together = {
    stop: async () => void (await Promise.all(programs.map((each) => each.stop()))),
  };
  for (const each of [together, ...servers.reverse()]) {
    await each.stop().catch((error: Error) => say(`It did not end well: ${error.message}`));
  }
  await stackFile.remove();
  await leaveFolder(data);
  say('Stopped.');
  process.exit(code);
}

/** Reads the settings and takes the folder. Nothing is to be stopped if that fails. */
async function prepare(): Promise<number> {
  try {
    const { httpPort } = readStartSettings(process.env);
    const ended = await takeFolder(data);
    if (ended.length > 0) progress(`Ended what was left of the last time: ${ended.join(', ')}`);
    return httpPort;
  } catch (error) {
    if (!(error instanceof FolderTaken || error instanceof WrongSettings)) throw error;
    say(error.message);
    process.exit(1);
  }
}

const httpPort = await prepare();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stopAll(0));
try {
  standing = await bringUp(httpPort);
  await writeDown(standing);
  announce(standing, await plant(standing), places);
} catch (error) {
  if (!stopping) say(`\nIt did not start: ${(error as Error).message}`);
  await stopAll(1);
}
