import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Child, mustStart } from './child.js';
import { answers, freePort } from './ports.js';
import type { Server } from './server-keeper.js';

const run = promisify(execFile);

export interface NatsOptions {
  /** Where the configuration and the streams are kept. */
  folder: string;
  /** More lines of the server's configuration, such as its users. */
  config?: string;
  /** Whether an acknowledged event has reached the disk; specs do without. */
  syncAlways: boolean;
  port?: number;
}

export interface NatsServer extends Server {
  /** Address without a user. */
  url: string;
  port: number;
  /** Ends at once, as a power cut would. */
  kill(): Promise<void>;
}

/** Brings up a NATS server with JetStream of our own on the loopback. */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const binary = await findNats();
  const port = options.port ?? (await freePort());
  await mkdir(options.folder, { recursive: true });
  const file = join(options.folder, 'nats.conf');
  const flushes = options.syncAlways && (await canFlushAlways(binary));
  const configuration = natsConfiguration({
    listen: `127.0.0.1:${port}`,
    store: join(options.folder, 'store'),
    pidFile: join(options.folder, 'nats.pid'),
    flushes,
    more: options.config,
  });
  await writeFile(file, configuration, { mode: 0o600 });
  let child = await launchNats(binary, file, port);
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    pid: () => child.pid,
    ended: () => child.ended,
    stop: () => child.stop(),
    kill: () => child.stop('SIGKILL'),
    restart: async () => {
      await child.stop();
      child = await launchNats(binary, file, port);
    },
  };
}

/** `sync_interval` came with 2.10; an older server writes to the disk every two minutes. */
export async function canFlushAlways(binary: string): Promise<boolean> {
  const { stdout } = await run(binary, ['--version']);
  const [, major, minor] = /v(\d+)\.(\d+)/.exec(stdout) ?? [];
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 10);
}

/** What a NATS server of ours is told; `flushes` is `sync_interval: always`, a word of 2.10. */
export interface NatsConfiguration {
  listen: string;
  /** Address of the monitoring pages, if any. */
  monitor?: string;
  store: string;
  /** Where it writes its process number down, if anywhere. */
  pidFile?: string;
  flushes: boolean;
  /** More lines, such as the users. */
  more?: string;
}

/** The server's configuration: it flushes always, because the outbox forgets what was acknowledged. */
export function natsConfiguration(options: NatsConfiguration): string {
  const { listen, monitor, store, pidFile, flushes, more = '' } = options;
  return `listen: ${listen}
${monitor ? `http: ${monitor}` : ''}
${pidFile ? `pid_file: ${JSON.stringify(pidFile)}` : ''}
max_payload: 4MB
jetstream {
  store_dir: ${JSON.stringify(store)}
  ${flushes ? 'sync_interval: always' : ''}
}
${more}
`;
}

/** Starts the server with a configuration file. Throws its last words when it does not start. */
export async function launchNats(binary: string, file: string, port: number): Promise<Child> {
  return mustStart(Child.start('NATS', binary, ['-c', file]), () => answers(port));
}

const cache = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'eoffice',
  `nats-server-${process.arch}`,
);

/** No npm package ships the server, so it is looked for, else fetched once and kept. */
export async function findNats(): Promise<string> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  for (const path of [...folders.map((folder) => join(folder, 'nats-server')), cache]) {
    if (await isProgram(path)) return path;
  }
  const fetched = await fetchPackage().catch(() => undefined);
  if (fetched) return fetched;
  throw new Error(
    'No NATS server was found. Install the package "nats-server" of your system, ' +
      'put the program nats-server (2.9 or newer) on PATH, or set NATS_URL.',
  );
}

const isProgram = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Debian's package, unpacked without being installed: no root needed. */
async function fetchPackage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'eoffice-nats-'));
  try {
    const download = () => run('apt-get', ['download', 'nats-server'], { cwd: folder });
    await download().catch(async () => {
      await run('apt-get', ['update', '-qq'], { timeout: 120_000 });
      await download();
    });
    const [file] = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
    await run('dpkg', ['-x', file!, 'unpacked'], { cwd: folder });
    return await keep(join(folder, 'unpacked', 'usr', 'sbin', 'nats-server'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function keep(program: string): Promise<string> {
  await mkdir(join(cache, '..'), { recursive: true });
  await copyFile(program, cache);
  await chmod(cache, 0o755);
  return cache;
}
