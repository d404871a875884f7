import { invalidProperties, MethodError, type SetError } from './errors.js';
import { isObject, type Json, type JsonObject } from './json.js';

// What arguments and records must look like. A shape reads a value and answers it with its type, or
// says what is wrong and where.

export type Shape<T> = (value: unknown, path: string) => T;
export type Shaped<S> = S extends Shape<infer T> ? T : never;
type Shapes = Record<string, Shape<unknown>>;
type Members<S extends Shapes> = { [Name in keyof S]: Shaped<S[Name]> };

/** A value is not what it must be. */
export class WrongShape extends Error {
  constructor(
    readonly path: string,
    readonly what: string,
  ) {
    super(`${path} ${what}`);
  }
}

const checked =
  <T>(what: string, right: (value: unknown) => boolean): Shape<T> =>
  (value, path) => {
    if (value === undefined) throw new WrongShape(path, 'is missing');
    if (!right(value)) throw new WrongShape(path, `must be ${what}`);
    return value as T;
  };

/** Whether a text may be an Id (RFC 8620, 1.2). */
export const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w-]{1,255}$/.test(value);

export const id = checked<string>('an Id', isId);
/** An Id, or `#` and a creation id that stands for one. */
export const idOrReference = checked<string>(
  'an Id',
  (value) => typeof value === 'string' && /^#?[\w-]{1,255}$/.test(value),
);
/** Text without NUL, which no column keeps. */
export const text = (max: number) =>
  checked<string>(
    `text of at most ${max} characters without NUL`,
    (value) => typeof value === 'string' && value.length <= max && !value.includes('\0'),
  );
export const flag = checked<boolean>('true or false', (value) => typeof value === 'boolean');
export const yes = checked<true>('true', (value) => value === true);
/** Int of RFC 8620, 1.3. */
export const int = checked<number>('a whole number', Number.isSafeInteger);
export const unsignedInt = checked<number>(
  'a whole number that is not negative',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
export const positiveInt = checked<number>(
  'a whole number above 0',
  (value) => Number.isSafeInteger(value) && (value as number) > 0,
);
/** Any value at all; what reads it further says what is wrong. */
export const anything: Shape<Json> = (value) => value as Json;
export const object = checked<JsonObject>('an object', isObject);

const fullDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const isMoment = (value: unknown, form: RegExp) =>
  typeof value === 'string' && form.test(value) && !Number.isNaN(Date.parse(value));
/** Date of RFC 8620, 1.4: with an offset from UTC. */
export const date = checked<string>('a date-time', (value) => isMoment(value, fullDate));
export const utcDate = checked<string>('a date-time in UTC that ends in Z', (value) =>
  isMoment(value, /Z$/) ? isMoment(value, fullDate) : false,
);

export const oneOf = <T extends string>(...values: T[]) =>
  checked<T>(`one of ${values.join(', ')}`, (value) => values.includes(value as T));

export const nullable =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value, path) =>
    value === null ? null : shape(value, path);

/** A member that may be absent, and what then stands for it. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined>;
export function optional<T, D>(shape: Shape<T>, otherwise: D): Shape<T | D>;
export function optional<T, D>(shape: Shape<T>, otherwise?: D): Shape<T | D | undefined> {
  return (value, path) => (value === undefined ? otherwise : shape(value, path));
}

export const list =
  <T>(shape: Shape<T>, max = 100_000): Shape<T[]> =>
  (value, path) => {
    const items = checked<unknown[]>('a list', Array.isArray)(value, path);
    if (items.length > max) throw new WrongShape(path, `may have ${max} items`);
    return items.map((item, at) => shape(item, `${path}/${at}`));
  };

/** An object whose names are data: ids, keywords, part ids. */
export const mapOf =
  <T>(shape: Shape<T>, name?: Shape<string>): Shape<{ [name: string]: T }> =>
  (value, path) => {
    const members = Object.entries(object(value, path));
    return Object.fromEntries(
      members.map(([each, member]) => {
        name?.(each, `${path}/${each}`);
        return [each, shape(member, `${path}/${each}`)];
      }),
    );
  };

/** An object with just these members. */
export const record =
  <S extends Shapes>(shapes: S): Shape<Members<S>> =>
  (value, path) => {
    const [wrong] = wrongMembers(shapes, object(value, path), path);
    if (wrong) throw wrong;
    return read(shapes, value as JsonObject, path);
  };

function read<S extends Shapes>(shapes: S, value: JsonObject, path: string): Members<S> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      shape(own(value, name), join(path, name)),
    ]),
  ) as Members<S>;
}

function wrongMembers(shapes: Shapes, value: JsonObject, path: string): WrongShape[] {
  const unknown = Object.keys(value)
    .filter((name) => !Object.hasOwn(shapes, name))
    .map((name) => new WrongShape(join(path, name), 'is not known'));
  const wrong = Object.entries(shapes).flatMap(([name, shape]) => {
    try {
      shape(own(value, name), join(path, name));
      return [];
    } catch (error) {
      if (error instanceof WrongShape) return [error];
      throw error;
    }
  });
  return [...wrong, ...unknown];
}

const own = (value: JsonObject, name: string) =>
  Object.hasOwn(value, name) ? value[name] : undefined;
const join = (path: string, name: string) => (path ? `${path}/${name}` : name);

/** The arguments of a method. Throws the MethodError `invalidArguments` that names each wrong one. */
export function readArguments<S extends Shapes>(shapes: S, given: JsonObject): Members<S> {
  const wrong = wrongMembers(shapes, given, '');
  if (wrong.length === 0) return read(shapes, given, '');
  throw new MethodError('invalidArguments', wrong.map(({ message }) => message).join('; '), {
    arguments: [...new Set(wrong.map(({ path }) => path.split('/')[0]!))],
  });
}

/** Of what was read, the members that some shapes are of. */
export function membersOf<S extends Shapes>(shapes: S, read: JsonObject): Members<S> {
  const own = Object.keys(shapes).map((name) => [name, read[name]]);
  return Object.fromEntries(own) as Members<S>;
}

/** The properties of a record. Throws the SetError `invalidProperties` that names each wrong one. */
export function readProperties<S extends Shapes>(shapes: S, given: JsonObject): Members<S> {
  const wrong = wrongMembers(shapes, given, '');
  if (wrong.length === 0) return read(shapes, given, '');
  throw propertiesOf(wrong);
}

function propertiesOf(wrong: WrongShape[]): SetError {
  const names = [...new Set(wrong.map(({ path }) => path.split('/')[0]!))];
  return invalidProperties(names, wrong.map(({ message }) => message).join('; '));
}
