import { serviceNames } from '@eoffice/contracts';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** The database of the product. */
export const productDatabase = 'eoffice';

/** The extensions services may use; they live in a schema of their own that all may read. */
export const extensions = ['pg_trgm', 'btree_gist', 'btree_gin'];

/**
 * The SQL that gives every service a role and a schema of the same name, which it alone may see.
 * Runs as the superuser inside the product's database; safe to run again.
 * @param passwordOf the password of a service's role
 */
export function rolesSql(database: string, passwordOf: (service: string) => string): string {
  const roles = serviceNames.map((service) => {
    const name = escapeIdentifier(service);
    return `
do $$ begin
  if not exists (select from pg_roles where rolname = ${escapeLiteral(service)}) then
    create role ${name} login;
  end if;
end $$;
alter role ${name} password ${escapeLiteral(passwordOf(service))};
create schema if not exists ${name} authorization ${name};
alter role ${name} in database ${escapeIdentifier(database)} set search_path = ${name}, extensions;
grant connect on database ${escapeIdentifier(database)} to ${name};`;
  });
  return `create schema if not exists extensions;
${extensions.map((name) => `create extension if not exists ${name} schema extensions;`).join('\n')}
revoke all on schema public from public;
revoke all on database ${escapeIdentifier(database)} from public;
grant usage on schema extensions to public;
${roles.join('\n')}
`;
}

/** Makes the database if it is not there, then its roles and schemas. */
export async function prepareDatabase(
  superuserUrl: string,
  database: string,
  passwordOf: (service: string) => string,
) {
  await as(superuserUrl, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      database,
    ]);
    if (rowCount === 0) await client.query(`create database ${escapeIdentifier(database)}`);
  });
  await as(databaseUrl(superuserUrl, database), (client) =>
    client.query(rolesSql(database, passwordOf)),
  );
}

/** The same server, another database, and another role if one is named. */
export function databaseUrl(
  superuserUrl: string,
  database: string,
  role?: { name: string; password: string },
): string {
  const url = new URL(superuserUrl);
  url.pathname = `/${database}`;
  if (role) {
    url.username = role.name;
    url.password = role.password;
  }
  return url.href;
}

async function as<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
