import { serviceNames } from '@eoffice/contracts';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** The database of the product. */
export const productDatabase = 'eoffice';

/** The extensions services may use; they live in a schema of their own that all may read. */
export const extensions = ['pg_trgm', 'btree_gist', 'btree_gin'];

/** Owns the audit journals and the schemas they lie in; nobody signs in as it (see `sealJournal`). */
const keeper = 'journal_keeper';

/**
 * Lets a service's migration hand its audit journal over for good: from then on its role may read the
 * journal and append through one function, and not even a stolen password of it changes an entry.
 * Whoever is superuser still can; that `verify` finds.
 */
const sealJournal = `
do $$ begin
  if not exists (select from pg_roles where rolname = '${keeper}') then create role ${keeper}; end if;
end $$;
create or replace function extensions.seal_journal() returns void language plpgsql security definer
set search_path = pg_catalog as $$
declare
  part text;
begin
  foreach part in array array['table %1$I.audit', 'table %1$I.audit_stream',
      'function %1$I.append_audit(jsonb)', 'function %1$I.refuse_change()',
      'function %1$I.audit_text(text, bigint, timestamp, text, uuid, uuid, jsonb, text)'] loop
    execute format('alter ' || part || ' owner to ${keeper}', session_user);
  end loop;
  execute format('grant select on %1$I.audit, %1$I.audit_stream to %1$I;
    revoke execute on function %1$I.append_audit(jsonb) from public;
    grant execute on function %1$I.append_audit(jsonb) to %1$I', session_user);
end $$;`;

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
create schema if not exists ${name} authorization ${keeper};
alter schema ${name} owner to ${keeper};
grant usage, create on schema ${name} to ${name};
alter role ${name} in database ${escapeIdentifier(database)} set search_path = ${name}, extensions;
grant connect on database ${escapeIdentifier(database)} to ${name};`;
  });
  return `create schema if not exists extensions;
${extensions.map((name) => `create extension if not exists ${name} schema extensions;`).join('\n')}
revoke all on schema public from public;
revoke all on database ${escapeIdentifier(database)} from public;
grant usage on schema extensions to public;
${sealJournal}
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
