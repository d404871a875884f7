import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';

// Migrations are plain SQL files, because those who run a province's database read SQL and because a
// file's hash proves the rule that an applied one is never edited.

const lock = 7_240_115;
const platformFolder = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Brings the schema of the connection's role up to date: the platform's migrations, then the
 * service's, each in a transaction, under a lock that lets one replica work while others wait.
 * @returns the names of those applied now. Throws if an applied file was edited or has vanished.
 */
export async function migrate(databaseUrl: string, folder: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [lock]);
    await client.query(`create table if not exists migration (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now())`);
    const files = [
      ...(await readMigrations('platform', platformFolder)),
      ...(await readMigrations('service', folder)),
    ];
    return await apply(client, files);
  } finally {
    await client.end();
  }
}

interface Migration {
  name: string;
  sql: string;
  sha256: string;
}

async function readMigrations(owner: string, folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), 'utf8');
      return {
        name: `${owner}/${name}`,
        sql,
        sha256: createHash('sha256').update(sql).digest('hex'),
      };
    }),
  );
}

async function apply(client: Client, files: Migration[]): Promise<string[]> {
  const { rows } = await client.query<Migration>('select name, sha256 from migration');
  const applied = new Map(rows.map(({ name, sha256 }) => [name, sha256]));
  const wanted = new Set(files.map(({ name }) => name));
  const gone = [...applied.keys()].filter((name) => !wanted.has(name));
  if (gone.length > 0) throw new Error(`Newer than this program: migrations ${gone.join(', ')}`);

  const fresh: string[] = [];
  for (const { name, sql, sha256 } of files) {
    const before = applied.get(name);
    if (before && before !== sha256) throw new Error(`Migration ${name} was edited after it ran`);
    if (before) continue;
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into migration (name, sha256) values ($1, $2)', [name, sha256]);
    await client.query('commit');
    fresh.push(name);
  }
  return fresh;
}
