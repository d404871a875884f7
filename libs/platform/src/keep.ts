import type { Class } from '@eoffice/contracts/language/contract';
import { planOf } from '@eoffice/contracts/language/fields';
import type { EntityManager } from 'typeorm';

/**
 * Keeps what an event says of a thing that lives elsewhere: one row by its key, the newest word
 * wins. Columns are the event's fields in snake case; the table must have them, and only those.
 */
export async function keep(
  manager: EntityManager,
  table: string,
  key: string[],
  type: Class,
  data: object,
): Promise<void> {
  const names = [...planOf(type).keys()];
  const columns = names.map(snake);
  const values = names.map((name) => (data as Record<string, unknown>)[name] ?? null);
  const rest = columns.filter((column) => !key.map(snake).includes(column));
  await manager.query(
    `insert into ${table} (${columns.join(', ')}) values (${columns.map((_, i) => `$${i + 1}`).join(', ')})
     on conflict (${key.map(snake).join(', ')}) do update
     set ${rest.map((column) => `${column} = excluded.${column}`).join(', ')}`,
    values,
  );
}

/** Forgets a row that `keep` wrote, by its key. */
export async function forget(manager: EntityManager, table: string, key: string[], data: object) {
  const where = key.map((name, index) => `${snake(name)} = $${index + 1}`).join(' and ');
  const values = key.map((name) => (data as Record<string, unknown>)[name]);
  await manager.query(`delete from ${table} where ${where}`, values);
}

/** A row without the columns that say nothing: events leave absent what is absent. */
export function present<T extends object>(row: T): T {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== null && value !== undefined),
  ) as T;
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The columns of a class's fields for a select list: `full_name as "fullName", …`. */
export function columnsOf(type: Class, alias = ''): string {
  const prefix = alias && `${alias}.`;
  return [...planOf(type).keys()].map((name) => `${prefix}${snake(name)} as "${name}"`).join(', ');
}
