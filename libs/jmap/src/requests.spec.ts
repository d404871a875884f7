import { describe, expect, it } from '@jest/globals';
import { RequestError } from './errors.js';
import { type Methods, process } from './processing.js';
import { echo } from './processing.js';
import { parseRequest } from './requests.js';
import { MethodError } from './errors.js';

const core = 'urn:ietf:params:jmap:core';
const limits = { maxSizeRequest: 10_000, maxCallsInRequest: 4 };
const parse = (body: unknown) =>
  parseRequest(
    Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    new Set([core]),
    limits,
  );
const problemOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof RequestError) return error.problem();
  }
};
const calls = (...methodCalls: unknown[]) => ({ using: [core], methodCalls });

describe('requests', () => {
  it.each<[string, string, unknown]>([
    ['no JSON', 'notJSON', '{"using":'],
    ['half of a pair of surrogates', 'notJSON', '{"using":["\\ud800"],"methodCalls":[]}'],
    ['endless depth', 'notJSON', `{"using":[],"x":${'['.repeat(3_000)}${']'.repeat(3_000)}}`],
    ['a list', 'notRequest', []],
    ['nothing to use', 'notRequest', { methodCalls: [] }],
    ['calls that are no list', 'notRequest', { using: [core], methodCalls: 'x' }],
    ['a call without an id', 'notRequest', calls(['Core/echo', {}])],
    ['a call without arguments', 'notRequest', calls(['Core/echo', null, 'c'])],
    ['creation ids that are none', 'notRequest', { ...calls(), createdIds: { a: '#' } }],
    ['a capability nobody has', 'unknownCapability', { using: ['urn:x'], methodCalls: [] }],
    ['too many calls', 'limit', calls(...Array(5).fill(['Core/echo', {}, 'c']))],
    ['too much', 'limit', ' '.repeat(10_001)],
  ])('are refused for %s', (_, type, body) => {
    const problem = problemOf(() => parse(body));
    expect(problem).toMatchObject({ type: `urn:ietf:params:jmap:error:${type}`, status: 400 });
    expect('limit' in problem!).toBe(type === 'limit');
  });

  it('are refused when they are no UTF-8', () => {
    const work = () => parseRequest(Buffer.from([0x22, 0xff, 0x22]), new Set(), limits);
    expect(problemOf(work)!.type).toMatch(/notJSON$/);
  });
});

describe('calls of a request', () => {
  const reported: unknown[] = [];
  const methods: Methods<object> = {
    'Core/echo': echo,
    'Foo/set': {
      capability: core,
      run: async (args, { createdIds, also }) => {
        createdIds.set('k', 'id1');
        also('Core/echo', { after: true });
        return args;
      },
    },
    'Foo/query': {
      capability: core,
      run: async () => {
        throw new MethodError('anchorNotFound', 'there is none');
      },
    },
    'Foo/get': {
      capability: core,
      run: async () => {
        throw new Error('bug');
      },
    },
    'Bar/get': { capability: 'urn:ietf:params:jmap:mail', run: async () => ({}) },
  };
  const answer = (body: object) =>
    process({ ...parse(body) }, methods, {}, (error) => reported.push(error));

  it('are answered in order, each by its id, whatever happens to the others', async () => {
    // RFC 8620, 3.6.2 and 4.1.
    const request = calls(
      ['Foo/query', {}, 'call1'],
      ['Foo/get', {}, 'call2'],
      ['Bar/get', {}, 'call3'],
      ['Core/echo', { hello: true, high: 5 }, 'call4'],
    );
    expect(await answer(request)).toEqual({
      methodResponses: [
        ['error', { type: 'anchorNotFound', description: 'there is none' }, 'call1'],
        ['error', { type: 'serverFail' }, 'call2'],
        ['error', { type: 'unknownMethod' }, 'call3'],
        ['Core/echo', { hello: true, high: 5 }, 'call4'],
      ],
    });
    expect(reported).toHaveLength(1);
    expect((await answer(calls(['toString', {}, 'c']))).methodResponses[0]![1]).toEqual({
      type: 'unknownMethod',
    });
  });

  it('may be followed by a call of their own, and tell what they created', async () => {
    const { methodResponses, createdIds } = await answer({
      ...calls(['Foo/set', {}, 'c1']),
      createdIds: { j: 'id0' },
    });
    expect(methodResponses).toEqual([
      ['Foo/set', {}, 'c1'],
      ['Core/echo', { after: true }, 'c1'],
    ]);
    expect(createdIds).toEqual({ j: 'id0', k: 'id1' });
  });
});
