import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '@eoffice/deploy/local/nats';
import { Client } from 'pg';

/** Where the PostgreSQL of this run is, and the migrated database that specs clone. */
export const serverVariable = 'EOFFICE_SPEC_POSTGRES';
export const template = 'eoffice_template';

async function asOwner<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: process.env[serverVariable] });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface Clone {
  /** The address as a given role. */
  urlAs(role: string): string;
  drop(): Promise<void>;
}

/** A database of its own for a spec: all schemas migrated, all tables empty. */
export async function cloneDatabase(): Promise<Clone> {
  const name = `spec_${randomUUID().replaceAll('-', '')}`;
  await asOwner((client) => client.query(`create database ${name} template ${template}`));
  return {
    urlAs: (role) => {
      const url = new URL(process.env[serverVariable]!);
      url.username = role;
      url.password = role;
      url.pathname = `/${name}`;
      return url.href;
    },
    drop: () =>
      asOwner(async (client) => void (await client.query(`drop database ${name} with (force)`))),
  };
}

/** A NATS server of its own for a spec: nothing said in one is heard in another. */
export async function ownNats() {
  const folder = await mkdtemp(join(tmpdir(), 'eoffice-nats-'));
  const server = await startNats({ folder, syncAlways: false });
  return {
    ...server,
    /** Loses all that was ever said, as with a disk that was replaced. */
    forget: () => rm(join(folder, 'store'), { recursive: true, force: true }),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
