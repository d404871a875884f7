import { describe, expect, it } from '@jest/globals';
import { invalidProperties, SetError } from './errors.js';
import type { JsonObject } from './json.js';
import { applyPatch } from './patches.js';
import { type Methods, process } from './processing.js';
import { cut, queryChangesMethod, queryMethod } from './querying.js';
import { changesMethod, getMethod } from './reading.js';
import { setMethod } from './setting.js';
import * as shape from './shapes.js';

const core = 'urn:ietf:params:jmap:core';

/** A type that lives in memory: enough of a server to see the standard methods whole. */
class Boxes {
  private readonly kept = new Map<string, JsonObject & { id: string }>();
  private readonly log: { id: string; what: 'created' | 'updated' | 'destroyed' }[] = [];
  readonly accountOf = (id: string) =>
    ['A1', 'A2'].includes(id) ? { id, isReadOnly: id === 'A2' } : undefined;

  methods(): Methods<this> {
    const common = { capability: core, extras: {} };
    const query = {
      ...{ ...common, conditions: { name: shape.text(99) }, sorts: { name: {} } },
      find: async (_: unknown, wish: { sort: object[] }, window: Parameters<typeof cut>[1]) => {
        const ids = [...this.kept.keys()];
        if (wish.sort.length > 0) ids.sort();
        return { queryState: this.state(), canCalculateChanges: false, ...cut(ids, window) };
      },
    };
    return {
      'Box/get': getMethod(
        {
          ...common,
          hasProperty: (name) => ['name', 'parentId'].includes(name),
          defaultProperties: ['name', 'parentId'],
          find: async (_, { ids, properties }) => ({
            state: this.state(),
            list: [...this.kept.values()]
              .filter(({ id }) => !ids || ids.includes(id))
              .map((box) => only(box, properties)),
          }),
        },
        3,
      ),
      'Box/changes': changesMethod({
        ...common,
        changes: async (_, since, most) => {
          const entries = this.log.slice(Number(since), Number(since) + most);
          const of = (what: string) => entries.filter((e) => e.what === what).map(({ id }) => id);
          const newState = String(Number(since) + entries.length);
          const [created, updated, destroyed] = ['created', 'updated', 'destroyed'].map(of);
          const told = { created: created!, updated: updated!, destroyed: destroyed! };
          return { newState, hasMoreChanges: newState !== this.state(), ...told };
        },
      }),
      'Box/set': setMethod(
        {
          ...{ ...common, references: ['parentId'] },
          within: (_, __, ___, work) =>
            work({
              state: async () => this.state(),
              attempt: (attempt) => attempt(),
              create: async (box) => this.create(box),
              update: async (id, patch) => {
                this.kept.set(id, { ...applyPatch(this.get(id), patch), id });
                this.log.push({ id, what: 'updated' });
                return null;
              },
              destroy: async (id) => {
                this.get(id);
                this.kept.delete(id);
                this.log.push({ id, what: 'destroyed' });
              },
            }),
        },
        4,
      ),
      'Box/query': queryMethod(query, 3),
      'Box/queryChanges': queryChangesMethod(query),
    };
  }

  private state = () => String(this.log.length);

  private create(given: JsonObject) {
    const shapes = {
      name: shape.text(99),
      parentId: shape.optional(shape.nullable(shape.id), null),
    };
    const { name, parentId } = shape.readProperties(shapes, given);
    if (parentId && !this.kept.has(parentId)) throw invalidProperties(['parentId']);
    const id = `b${this.log.length}`;
    this.kept.set(id, { id, name, parentId });
    this.log.push({ id, what: 'created' });
    return { id };
  }

  private get(id: string) {
    const box = this.kept.get(id);
    if (!box) throw new SetError('notFound');
    return box;
  }
}

const only = (box: JsonObject & { id: string }, properties: ReadonlySet<string>) =>
  Object.fromEntries(Object.entries(box).filter(([name]) => properties.has(name))) as JsonObject & {
    id: string;
  };

function server() {
  const boxes = new Boxes();
  return async (name: string, args: JsonObject): Promise<JsonObject> => {
    const request = {
      using: [core],
      methodCalls: [[name, args, 'c']] as [[string, JsonObject, string]],
    };
    const { methodResponses } = await process(request, boxes.methods(), boxes, (error) => {
      throw error;
    });
    return methodResponses[0]![1];
  };
}

describe('the standard methods', () => {
  it('create what refers to each other in any order, and say why they did not', async () => {
    const call = server();
    const create = {
      child: { name: '#top', parentId: '#top' },
      top: { name: 'T' },
      lost: { name: 'L', parentId: '#nobody' },
      wrong: { name: 4, colour: 'red' },
    };
    expect(await call('Box/set', { accountId: 'A1', create })).toEqual({
      ...{ accountId: 'A1', oldState: '0', newState: '2' },
      created: { top: { id: 'b0' }, child: { id: 'b1' } },
      ...{ updated: null, destroyed: null, notUpdated: null, notDestroyed: null },
      notCreated: {
        lost: expect.objectContaining({ type: 'invalidProperties', properties: ['parentId'] }),
        wrong: expect.objectContaining({
          type: 'invalidProperties',
          properties: ['name', 'colour'],
        }),
      },
    });
    const { list } = await call('Box/get', { accountId: 'A1', ids: ['b1'] });
    expect(list).toEqual([{ id: 'b1', name: '#top', parentId: 'b0' }]);
  });

  it('update and destroy, and refuse what is to be both', async () => {
    const call = server();
    await call('Box/set', { accountId: 'A1', create: { a: { name: 'a' }, b: { name: 'b' } } });
    const update = { b0: { name: 'x' }, b1: { name: 'y' } };
    const set = await call('Box/set', { accountId: 'A1', update, destroy: ['b1', 'b9'] });
    expect(set).toMatchObject({
      ...{ updated: { b0: null }, destroyed: ['b1'] },
      notUpdated: { b1: { type: 'willDestroy' } },
      notDestroyed: { b9: { type: 'notFound' } },
    });
    const since = await call('Box/changes', { accountId: 'A1', sinceState: '1', maxChanges: 2 });
    expect(since).toEqual({
      ...{ accountId: 'A1', oldState: '1', newState: '3', hasMoreChanges: true },
      ...{ created: ['b1'], updated: ['b0'], destroyed: [] },
    });
  });

  it.each<[string, string, JsonObject]>([
    ['invalidArguments', 'Box/get', {}],
    ['invalidArguments', 'Box/get', { accountId: 'A1', ids: 'b0' }],
    ['invalidArguments', 'Box/get', { accountId: 'A1', properties: ['colour'] }],
    ['invalidArguments', 'Box/get', { accountId: 'A1', colour: true }],
    ['accountNotFound', 'Box/get', { accountId: 'A9' }],
    ['requestTooLarge', 'Box/get', { accountId: 'A1', ids: ['1', '2', '3', '4'] }],
    ['invalidArguments', 'Box/changes', { accountId: 'A1', sinceState: '0', maxChanges: 0 }],
    ['accountReadOnly', 'Box/set', { accountId: 'A2' }],
    ['stateMismatch', 'Box/set', { accountId: 'A1', ifInState: '7' }],
    ['requestTooLarge', 'Box/set', { accountId: 'A1', destroy: ['1', '2', '3', '4', '5'] }],
    ['unsupportedFilter', 'Box/query', { accountId: 'A1', filter: { colour: 'red' } }],
    ['invalidArguments', 'Box/query', { accountId: 'A1', filter: { name: 4 } }],
    ['invalidArguments', 'Box/query', { accountId: 'A1', filter: { operator: 'XOR' } }],
    ['unsupportedSort', 'Box/query', { accountId: 'A1', sort: [{ property: 'colour' }] }],
    [
      'unsupportedSort',
      'Box/query',
      { accountId: 'A1', sort: [{ property: 'name', collation: 'i;none' }] },
    ],
    ['anchorNotFound', 'Box/query', { accountId: 'A1', anchor: 'b9' }],
    ['cannotCalculateChanges', 'Box/queryChanges', { accountId: 'A1', sinceQueryState: '0' }],
  ])('answer %s to %s of %j', async (type, name, args) => {
    expect(await server()(name, args)).toMatchObject({ type });
  });

  it('refuse a filter that is too large or too deep to be meant', async () => {
    const nest = (depth: number): JsonObject =>
      depth === 0 ? { name: 'x' } : { operator: 'NOT', conditions: [nest(depth - 1)] };
    const wide = { operator: 'OR', conditions: Array(500).fill({ name: 'x' }) };
    for (const filter of [nest(40), wide]) {
      const answer = await server()('Box/query', { accountId: 'A1', filter });
      expect(answer.type).toBe('unsupportedFilter');
    }
  });

  it('cut results as positions, anchors and limits ask', () => {
    const all = ['a', 'b', 'c', 'd', 'e'];
    const window = { position: 0, anchor: null, anchorOffset: 0, limit: 2, calculateTotal: true };
    expect(cut(all, window)).toEqual({ ids: ['a', 'b'], position: 0, total: 5 });
    expect(cut(all, { ...window, position: -2 })).toMatchObject({ ids: ['d', 'e'], position: 3 });
    expect(cut(all, { ...window, position: -9 })).toMatchObject({ ids: ['a', 'b'], position: 0 });
    expect(cut(all, { ...window, position: 9 })).toMatchObject({ ids: [], position: 5 });
    const anchored = { ...window, anchor: 'c', position: 4 };
    expect(cut(all, anchored)).toMatchObject({ ids: ['c', 'd'], position: 2 });
    expect(cut(all, { ...anchored, anchorOffset: -1 })).toMatchObject({ ids: ['b', 'c'] });
    expect(cut(all, { ...anchored, anchorOffset: -9 })).toMatchObject({ ids: ['a', 'b'] });
  });
});
