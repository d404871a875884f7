import type { Class } from './contract.js';
import { type Field, planOf, read } from './fields.js';
import { type FieldError, Invalid } from './problem.js';

const maxErrors = 50;

/** Reads an input by its class. Throws Invalid naming every wrong field (at most 50). */
export function parse<T extends object>(
  type: Class<T>,
  value: unknown,
  { textual = false }: { textual?: boolean } = {},
): T {
  const errors: FieldError[] = [];
  const result = read(type, value === undefined ? {} : value, {
    textual,
    wrong: (pointer, detail) => {
      if (errors.length < maxErrors) errors.push({ pointer, detail });
    },
  });
  if (errors.length > 0) throw new Invalid(errors);
  return result as T;
}

type Projection = (value: Record<string, unknown>) => Record<string, unknown>;
const projections = new WeakMap<Class, Projection>();

/** The declared fields of a value and no other: entity columns never leak into a reply. */
export function project<T extends object>(type: Class<T>, value: object): T {
  let projection = projections.get(type);
  if (!projection) projections.set(type, (projection = projectionOf(type)));
  return projection(value as Record<string, unknown>) as T;
}

function projectionOf(type: Class): Projection {
  const fields = [...planOf(type)].map(([name, field]) => [name, field] as const);
  return (value) => {
    const result: Record<string, unknown> = {};
    for (const [name, field] of fields) {
      const given = value[name];
      if (given !== undefined && given !== null) result[name] = shown(field, given);
    }
    return result;
  };
}

function shown({ nested, list }: Field, value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (!nested) return value;
  if (list) return (value as object[]).map((each) => project(nested(), each));
  return project(nested(), value as object);
}
