import { type Account, type AccountsContext, writableAccountOf } from './accounts.js';
import { MethodError, SetError } from './errors.js';
import { isObject, type Json, type JsonObject } from './json.js';
import type { Call, Method } from './processing.js';
import { idOf } from './reading.js';
import * as shape from './shapes.js';
import { type Shape, type Shaped } from './shapes.js';

// Foo/set (RFC 8620, 5.3) over what a type can do with one object.

type Extras = Record<string, Shape<unknown>>;
type Read<E extends Extras> = { [Name in keyof E]: Shaped<E[Name]> };

/** One /set under way: all of it is one transaction of the account. */
export interface Setting {
  state(): Promise<string>;
  /** Does one change, wholly or, when it throws, not at all. */
  attempt<T>(work: () => Promise<T>): Promise<T>;
  /** Creates an object; answers its id and what the server set. Throws SetError. */
  create(object: JsonObject, creationId: string): Promise<JsonObject & { id: string }>;
  /** Changes an object; answers what the server set beside what was asked. Throws SetError. */
  update(id: string, patch: JsonObject): Promise<JsonObject | null>;
  /** Throws SetError. */
  destroy(id: string): Promise<void>;
}

export interface Settable<A extends Account, Context, E extends Extras = Extras> {
  capability: string;
  /** Arguments beside those of every /set. */
  extras: E;
  /** Properties that are ids, or whose names are: there a creation id may stand. */
  references: readonly string[];
  /** Begins a transaction in which no other /set on this account runs, and does `work` in it. */
  within<T>(
    account: A,
    wish: { extras: Read<E> },
    call: Call<Context>,
    work: (setting: Setting) => Promise<T>,
  ): Promise<T>;
  /** What happens after it is done; may call `also`. */
  done?(outcome: Outcome, wish: { accountId: string; extras: Read<E> }, call: Call<Context>): void;
}

/** What became of each object; ids of what was created by creation id. */
export interface Outcome {
  created: Map<string, JsonObject & { id: string }>;
  updated: Map<string, JsonObject | null>;
  destroyed: string[];
  notCreated: Map<string, SetError>;
  notUpdated: Map<string, SetError>;
  notDestroyed: Map<string, SetError>;
}

const common = {
  accountId: shape.id,
  ifInState: shape.optional(shape.nullable(shape.text(300)), null),
  create: shape.optional(shape.nullable(shape.mapOf(shape.object, shape.id)), null),
  update: shape.optional(shape.nullable(shape.mapOf(shape.object)), null),
  destroy: shape.optional(shape.nullable(shape.list(shape.text(300))), null),
};
type Common = Read<typeof common>;

export function setMethod<A extends Account, C extends AccountsContext<A>, E extends Extras>(
  type: Settable<A, C, E>,
  maxObjectsInSet: number,
): Method<C> {
  return {
    capability: type.capability,
    async run(args, call) {
      const read = shape.readArguments({ ...type.extras, ...common }, args);
      const wish = read as Common;
      const { accountId, ifInState, create, update, destroy } = wish;
      const size = [create, update, destroy].reduce(
        (sum, each) => sum + Object.keys(each ?? {}).length,
        0,
      );
      if (size > maxObjectsInSet) throw new MethodError('requestTooLarge');
      const account = await writableAccountOf(call.context, accountId);
      const extras = shape.membersOf(type.extras, read as never);
      const { oldState, outcome, newState } = await type.within(
        ...([account, { extras }, call] as const),
        async (setting) => {
          const before = await setting.state();
          if (ifInState !== null && ifInState !== before) throw new MethodError('stateMismatch');
          const became = await setAll(setting, wish, call.createdIds, type.references);
          return { oldState: before, outcome: became, newState: await setting.state() };
        },
      );
      for (const [creationId, { id }] of outcome.created) call.createdIds.set(creationId, id);
      type.done?.(outcome, { accountId, extras }, call);
      return { accountId, oldState, newState, ...told(outcome) };
    },
  };
}

async function setAll(
  setting: Setting,
  { create, update, destroy }: Common,
  known: ReadonlyMap<string, string>,
  references: readonly string[],
): Promise<Outcome> {
  const outcome: Outcome = {
    ...{ created: new Map(), updated: new Map(), destroyed: [] },
    ...{ notCreated: new Map(), notUpdated: new Map(), notDestroyed: new Map() },
  };
  const createdIds = new Map(known);
  const resolved = (object: JsonObject) => withIds(object, references, createdIds);
  for (const [creationId, object] of inOrder(create ?? {}, references)) {
    await settled(outcome.notCreated, creationId, async () => {
      const work = () => setting.create(resolved(object), creationId);
      const made = await setting.attempt(work);
      createdIds.set(creationId, made.id);
      outcome.created.set(creationId, made);
    });
  }
  const toDestroy = [...new Set((destroy ?? []).map((each) => idOf(each, createdIds)))];
  const going = new Set(toDestroy);
  for (const [given, patch] of Object.entries(update ?? {})) {
    const id = idOf(given, createdIds);
    await settled(outcome.notUpdated, id, async () => {
      if (going.has(id)) throw new SetError('willDestroy');
      if (!shape.isId(id)) throw new SetError('notFound');
      const work = () => setting.update(id, resolved(patch));
      outcome.updated.set(id, await setting.attempt(work));
    });
  }
  for (const id of toDestroy) {
    await settled(outcome.notDestroyed, id, async () => {
      if (!shape.isId(id)) throw new SetError('notFound');
      await setting.attempt(() => setting.destroy(id));
      outcome.destroyed.push(id);
    });
  }
  return outcome;
}

async function settled(refused: Map<string, SetError>, id: string, work: () => Promise<void>) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetError)) throw error;
    refused.set(id, error);
  }
}

/** Objects to create, each after those that it refers to; what refers in a circle comes as given. */
function inOrder(
  create: { [creationId: string]: JsonObject },
  references: readonly string[],
): [string, JsonObject][] {
  const waiting = new Map(Object.entries(create));
  const ordered: [string, JsonObject][] = [];
  const put = (creationId: string) => {
    const object = waiting.get(creationId);
    if (!object) return;
    waiting.delete(creationId);
    for (const property of references) idsIn(object[property]).forEach(put);
    ordered.push([creationId, object]);
  };
  for (const creationId of Object.keys(create)) put(creationId);
  return ordered;
}

/** The creation ids that a property refers to. */
function idsIn(value: Json): string[] {
  return (isObject(value) ? Object.keys(value) : [value])
    .filter((text): text is string => typeof text === 'string' && text.startsWith('#'))
    .map((text) => text.slice(1));
}

/** An object or a patch with each `#creationId` that is known replaced by the id. */
function withIds(
  object: JsonObject,
  references: readonly string[],
  createdIds: ReadonlyMap<string, string>,
): JsonObject {
  if (createdIds.size === 0) return object;
  return Object.fromEntries(
    Object.entries(object).map(([path, value]): [string, Json] => {
      const [property = '', name] = path.split('/');
      if (!references.includes(property)) return [path, value];
      if (name !== undefined) return [`${property}/${idOf(name, createdIds)}`, value];
      if (typeof value === 'string') return [path, idOf(value, createdIds)];
      return [path, isObject(value) ? renamed(value, createdIds) : value];
    }),
  );
}

const renamed = (value: JsonObject, createdIds: ReadonlyMap<string, string>) =>
  Object.fromEntries(Object.entries(value).map(([id, each]) => [idOf(id, createdIds), each]));

function told({ destroyed, ...outcome }: Outcome): JsonObject {
  const map = (values: Map<string, JsonObject | null | SetError>) =>
    values.size === 0
      ? null
      : Object.fromEntries(
          [...values].map(([id, each]) => [id, each instanceof SetError ? each.answer() : each]),
        );
  return {
    ...{ created: map(outcome.created), updated: map(outcome.updated) },
    destroyed: destroyed.length > 0 ? destroyed : null,
    ...{ notCreated: map(outcome.notCreated), notUpdated: map(outcome.notUpdated) },
    notDestroyed: map(outcome.notDestroyed),
  };
}
