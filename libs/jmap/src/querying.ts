import { type Account, accountOf, type AccountsContext } from './accounts.js';
import { MethodError } from './errors.js';
import { isObject, type Json, type JsonObject } from './json.js';
import type { Call, Method } from './processing.js';
import { idOf, wrongArgument } from './reading.js';
import * as shape from './shapes.js';
import { type Shape, type Shaped } from './shapes.js';

// Foo/query and Foo/queryChanges (RFC 8620, 5.5 and 5.6) over what a type can find.

type Extras = Record<string, Shape<unknown>>;
type Read<E extends Extras> = { [Name in keyof E]: Shaped<E[Name]> };

/** What is looked for: conditions of the type, joined. Null is everything. */
export type Filter =
  { operator: 'AND' | 'OR' | 'NOT'; conditions: Filter[] } | { condition: JsonObject };

export interface Comparator {
  property: string;
  isAscending: boolean;
  collation?: string;
  /** Members that only some properties have: `keyword`. */
  more: JsonObject;
}

/** Which part of what was found is asked for. */
export interface Window {
  position: number;
  anchor: string | null;
  anchorOffset: number;
  limit: number;
  calculateTotal: boolean;
}

export interface Found {
  queryState: string;
  canCalculateChanges: boolean;
  position: number;
  ids: string[];
  total?: number;
}

export interface Wish<E extends Extras> {
  filter: Filter | null;
  sort: Comparator[];
  extras: Read<E>;
}

/** Positions since a state: what may have gone from the results, and what now stands where. */
export interface QueryChanges {
  newQueryState: string;
  removed: string[];
  added: { id: string; index: number }[];
  total: number;
}

export interface Queryable<A extends Account, Context, E extends Extras = Extras> {
  capability: string;
  extras: E;
  /** The properties of a FilterCondition. */
  conditions: Extras;
  /** The properties to sort by; each with the members that its comparator has besides. */
  sorts: Record<string, Extras>;
  find(account: A, wish: Wish<E>, window: Window, call: Call<Context>): Promise<Found>;
  /** Throws MethodError `cannotCalculateChanges`. */
  changes?(
    account: A,
    wish: Wish<E>,
    since: { state: string; upToId: string | null },
    call: Call<Context>,
  ): Promise<QueryChanges>;
}

const maxConditions = 200;
const maxFilterDepth = 20;
const maxComparators = 10;

const asked = {
  accountId: shape.id,
  filter: shape.optional(shape.nullable(shape.object), null),
  sort: shape.optional(shape.nullable(shape.list(shape.object, maxComparators)), null),
};
const windowed = {
  position: shape.optional(shape.int, 0),
  anchor: shape.optional(shape.nullable(shape.text(300)), null),
  anchorOffset: shape.optional(shape.int, 0),
  limit: shape.optional(shape.nullable(shape.unsignedInt), null),
  calculateTotal: shape.optional(shape.flag, false),
};

export function queryMethod<A extends Account, C extends AccountsContext<A>, E extends Extras>(
  type: Queryable<A, C, E>,
  maxLimit: number,
): Method<C> {
  return {
    capability: type.capability,
    async run(args, call) {
      const read = shape.readArguments({ ...type.extras, ...asked, ...windowed }, args);
      const { accountId, filter, sort, limit, anchor, ...rest } = read as Read<
        typeof asked & typeof windowed
      >;
      const account = await accountOf(call.context, accountId);
      const wish = wishOf(type, filter, sort, shape.membersOf(type.extras, read as never));
      const window = {
        ...{ position: rest.position, anchorOffset: rest.anchorOffset },
        anchor: anchor && idOf(anchor, call.createdIds),
        limit: Math.min(limit ?? maxLimit, maxLimit),
        calculateTotal: rest.calculateTotal,
      };
      const { total, ...found } = await type.find(account, wish, window, call);
      return {
        ...{ accountId, ...found },
        ...(window.calculateTotal && { total }),
        ...((limit === null || limit > maxLimit) && { limit: maxLimit }),
      };
    },
  };
}

export function queryChangesMethod<
  A extends Account,
  C extends AccountsContext<A>,
  E extends Extras,
>(type: Queryable<A, C, E>): Method<C> {
  const since = {
    sinceQueryState: shape.text(300),
    maxChanges: shape.optional(shape.nullable(shape.positiveInt), null),
    upToId: shape.optional(shape.nullable(shape.text(300)), null),
    calculateTotal: shape.optional(shape.flag, false),
  };
  return {
    capability: type.capability,
    async run(args, call) {
      const read = shape.readArguments({ ...type.extras, ...asked, ...since }, args);
      const given = read as Read<typeof asked & typeof since>;
      const { accountId, filter, sort, sinceQueryState, maxChanges, upToId } = given;
      const account = await accountOf(call.context, accountId);
      const wish = wishOf(type, filter, sort, shape.membersOf(type.extras, read as never));
      if (!type.changes) throw new MethodError('cannotCalculateChanges');
      const from = { state: sinceQueryState, upToId };
      const { newQueryState, removed, added, total } = await type.changes(
        ...([account, wish, from, call] as const),
      );
      if (maxChanges !== null && removed.length + added.length > maxChanges) {
        throw new MethodError('tooManyChanges');
      }
      return {
        ...{ accountId, oldQueryState: sinceQueryState, newQueryState },
        ...(given.calculateTotal && { total }),
        ...{ removed, added },
      };
    },
  };
}

function wishOf<E extends Extras>(
  type: Pick<Queryable<never, never, E>, 'conditions' | 'sorts'>,
  filter: JsonObject | null,
  sort: JsonObject[] | null,
  extras: Read<E>,
): Wish<E> {
  return {
    filter: filter && readFilter(filter, type.conditions),
    sort: (sort ?? []).map((each, at) => readComparator(each, type.sorts, `sort/${at}`)),
    extras,
  };
}

/** A filter whose conditions have known properties. Throws MethodError. */
export function readFilter(filter: JsonObject, conditions: Extras): Filter {
  const budget = { left: maxConditions };
  return readPart(filter, conditions, budget, 0);
}

function readPart(part: Json, conditions: Extras, budget: { left: number }, depth: number): Filter {
  if (!isObject(part)) throw wrongArgument('filter', 'a condition must be an object');
  if (--budget.left < 0 || depth > maxFilterDepth) {
    throw new MethodError('unsupportedFilter', 'The filter has too many conditions');
  }
  if (!Object.hasOwn(part, 'operator')) return { condition: readCondition(part, conditions) };
  const { operator, conditions: parts, ...others } = part;
  if (operator !== 'AND' && operator !== 'OR' && operator !== 'NOT') {
    throw wrongArgument('filter', 'operator must be AND, OR or NOT');
  }
  if (!Array.isArray(parts) || Object.keys(others).length > 0) {
    throw wrongArgument('filter', 'an operator has a list of conditions, and nothing else');
  }
  const inner = parts.map((each) => readPart(each, conditions, budget, depth + 1));
  return { operator, conditions: inner };
}

function readCondition(condition: JsonObject, conditions: Extras): JsonObject {
  for (const [name, value] of Object.entries(condition)) {
    if (!Object.hasOwn(conditions, name)) {
      throw new MethodError('unsupportedFilter', `${name} cannot be looked for`);
    }
    readAs(conditions[name]!, value, `filter/${name}`);
  }
  return condition;
}

function readComparator(
  given: JsonObject,
  sorts: Record<string, Extras>,
  path: string,
): Comparator {
  const { property, isAscending = true, collation, ...more } = given;
  if (typeof property !== 'string' || typeof isAscending !== 'boolean') {
    throw wrongArgument('sort', `${path} must have a property, and isAscending be true or false`);
  }
  if (collation !== undefined && !collations.includes(collation as string)) {
    throw new MethodError('unsupportedSort', `There is no collation ${String(collation)}`);
  }
  if (!Object.hasOwn(sorts, property)) {
    throw new MethodError('unsupportedSort', `${property} cannot be sorted by`);
  }
  const members = sorts[property]!;
  for (const name of Object.keys(more)) {
    if (!Object.hasOwn(members, name)) throw wrongArgument('sort', `${path}/${name} is not known`);
  }
  for (const [name, each] of Object.entries(members)) readAs(each, more[name], `${path}/${name}`);
  return { property, isAscending, collation: collation as string | undefined, more };
}

/** How texts may be compared (RFC 4790). */
export const collations = ['i;unicode-casemap', 'i;ascii-casemap'];

function readAs(each: Shape<unknown>, value: Json, path: string) {
  try {
    each(value, path);
  } catch (error) {
    if (!(error instanceof shape.WrongShape)) throw error;
    throw wrongArgument(path.split('/')[0]!, error.message);
  }
}

/** The part of a whole list that is asked for. Throws MethodError `anchorNotFound`. */
export function cut(
  all: string[],
  { anchor, position, anchorOffset, limit }: Window,
): Pick<Found, 'ids' | 'position' | 'total'> {
  const total = all.length;
  const at = anchor === null ? position : all.indexOf(anchor);
  if (anchor !== null && at < 0) throw new MethodError('anchorNotFound');
  const start =
    anchor === null ? (at < 0 ? Math.max(0, total + at) : at) : Math.max(0, at + anchorOffset);
  return { ids: all.slice(start, start + limit), position: Math.min(start, total), total };
}
