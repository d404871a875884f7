import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serviceNames } from '@eoffice/contracts';
import { startPostgres } from '@eoffice/deploy/local/postgres';
import { databaseUrl, prepareDatabase } from '@eoffice/deploy/local/roles';
import { migrate } from '@eoffice/platform/migrations';
import { serverVariable, template } from './servers.js';

/** What this run started, for `global-teardown`. */
export const running: { stop?: () => Promise<void> } = {};

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Brings up PostgreSQL once for all specs, with a template database in which every service's
 * migrations have run: Testcontainers where Docker answers, the embedded server otherwise.
 */
export default async function setUp() {
  const server = (await inContainer()) ?? (await embedded());
  running.stop = server.stop;
  process.env[serverVariable] = server.url;
  await prepareDatabase(server.url, template, (service) => service);
  for (const service of serviceNames) {
    await migrate(
      databaseUrl(server.url, template, { name: service, password: service }),
      join(root, 'services', service, 'migrations'),
    );
  }
}

interface Server {
  url: string;
  stop(): Promise<void>;
}

async function inContainer(): Promise<Server | undefined> {
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return undefined;
  }
  const container = await new GenericContainer('postgres:18')
    .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: 'trust' })
    .withCommand(['-c', 'fsync=off', '-c', 'max_connections=200'])
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forLogMessage('ready to accept connections', 2))
    .start();
  return {
    url: `postgres://postgres@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    stop: async () => void (await container.stop()),
  };
}

async function embedded(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'eoffice-spec-'));
  const server = await startPostgres({ folder: join(folder, 'data'), durable: false });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
