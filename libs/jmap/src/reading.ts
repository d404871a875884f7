import { type Account, accountOf, type AccountsContext } from './accounts.js';
import { MethodError } from './errors.js';
import type { JsonObject } from './json.js';
import type { Call, Method } from './processing.js';
import * as shape from './shapes.js';
import { type Shape, type Shaped } from './shapes.js';

// Foo/get and Foo/changes (RFC 8620, 5.1 and 5.2) over what a type can tell of itself.

type Extras = Record<string, Shape<unknown>>;
type Read<E extends Extras> = { [Name in keyof E]: Shaped<E[Name]> };

export interface Gettable<A extends Account, Context, E extends Extras = Extras> {
  capability: string;
  /** Whether a type has this property; `id` needs not be named. */
  hasProperty(name: string): boolean;
  /** The properties of an object when the client names none. */
  defaultProperties: readonly string[];
  /** Arguments beside those of every /get. */
  extras: E;
  /**
   * The state, and the objects with these ids, or all for null; each with just the properties asked
   * for and `id`. Throws MethodError `requestTooLarge` when all are more than `most`.
   */
  find(
    account: A,
    wish: { ids: string[] | null; properties: ReadonlySet<string>; most: number; extras: Read<E> },
    call: Call<Context>,
  ): Promise<{ state: string; list: (JsonObject & { id: string })[] }>;
}

export function getMethod<A extends Account, C extends AccountsContext<A>, E extends Extras>(
  type: Gettable<A, C, E>,
  maxObjectsInGet: number,
): Method<C> {
  const common = {
    accountId: shape.id,
    ids: shape.optional(shape.nullable(shape.list(shape.text(300))), null),
    properties: shape.optional(shape.nullable(shape.list(shape.text(500), 1_000)), null),
  };
  return {
    capability: type.capability,
    async run(args, call) {
      const read = shape.readArguments({ ...type.extras, ...common }, args);
      const { accountId, ids: named, properties: wanted } = read as Read<typeof common>;
      const ids = named && [...new Set(named.map((each) => idOf(each, call.createdIds)))];
      if (ids && ids.length > maxObjectsInGet) throw new MethodError('requestTooLarge');
      const unknown = wanted?.find((each) => each !== 'id' && !type.hasProperty(each));
      if (unknown !== undefined) throw wrongArgument('properties', `${unknown} is no property`);
      const account = await accountOf(call.context, accountId);
      const properties = new Set(['id', ...(wanted ?? type.defaultProperties)]);
      const wish = {
        ids,
        properties,
        most: maxObjectsInGet,
        extras: shape.membersOf(type.extras, read as never),
      };
      const { state, list } = await type.find(account, wish, call);
      const found = new Set(list.map(({ id }) => id));
      const notFound = (ids ?? []).filter((each) => !found.has(each));
      return { accountId, state, list, notFound };
    },
  };
}

/** The id that a creation id after `#` stands for; what stands for nothing is an id nobody has. */
export function idOf(given: string, createdIds: ReadonlyMap<string, string>): string {
  return given.startsWith('#') ? (createdIds.get(given.slice(1)) ?? given) : given;
}

export interface Changes {
  newState: string;
  hasMoreChanges: boolean;
  created: string[];
  updated: string[];
  destroyed: string[];
  /** Properties of the answer that only this type has. */
  more?: JsonObject;
}

export interface Changeable<A extends Account, Context> {
  capability: string;
  /** What changed since a state, at most `most` ids. Throws MethodError `cannotCalculateChanges`. */
  changes(account: A, since: string, most: number, call: Call<Context>): Promise<Changes>;
}

/** More ids than this are told by asking again. */
const maxChanges = 5_000;

export function changesMethod<A extends Account, C extends AccountsContext<A>>(
  type: Changeable<A, C>,
): Method<C> {
  const shapes = {
    accountId: shape.id,
    sinceState: shape.text(300),
    maxChanges: shape.optional(shape.nullable(shape.positiveInt), null),
  };
  return {
    capability: type.capability,
    async run(args, call) {
      const { accountId, sinceState, maxChanges: most } = shape.readArguments(shapes, args);
      const account = await accountOf(call.context, accountId);
      const { more, ...changes } = await type.changes(
        ...([account, sinceState, Math.min(most ?? maxChanges, maxChanges), call] as const),
      );
      return { accountId, oldState: sinceState, ...changes, ...more };
    },
  };
}

/** The error of one wrong argument. */
export function wrongArgument(name: string, why: string): MethodError {
  return new MethodError('invalidArguments', `${name}: ${why}`, { arguments: [name] });
}
