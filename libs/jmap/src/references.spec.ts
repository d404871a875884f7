import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MethodError } from './errors.js';
import type { Json, JsonObject } from './json.js';
import { evaluate, type Invocation, resolveReferences } from './references.js';

const typeOf = (args: JsonObject, answers: Invocation[]) => {
  try {
    resolveReferences(args, answers);
  } catch (error) {
    if (error instanceof MethodError) return error.type;
  }
};

describe('references to earlier answers', () => {
  // The example of RFC 8620, 3.7.
  const answers: Invocation[] = [
    ['Foo/changes', { created: ['f1', 'f4'], updated: [], destroyed: [] }, 't0'],
    ['Email/get', { list: [{ threadIds: ['a', 'b'] }, { threadIds: ['b', 'c'] }] }, 't1'],
  ];
  const reference = { resultOf: 't0', name: 'Foo/changes', path: '/created' };

  it('are replaced by what they refer to, lists in lists made one', () => {
    const args = { accountId: 'A1', '#ids': reference };
    expect(resolveReferences(args, answers)).toEqual({ accountId: 'A1', ids: ['f1', 'f4'] });
    const path = '/list/*/threadIds';
    const all = { '#ids': { resultOf: 't1', name: 'Email/get', path } };
    expect(resolveReferences(all, answers)).toEqual({ ids: ['a', 'b', 'b', 'c'] });
  });

  it.each<[string, Json]>([
    ['to a call that was not made', { ...reference, resultOf: 't9' }],
    ['to a call of another method', { ...reference, name: 'Foo/get' }],
    ['to nothing', { ...reference, path: '/creates' }],
    ['below a text', { ...reference, path: '/created/0/x' }],
    ['to what every object inherits', { ...reference, path: '/constructor' }],
    ['with no pointer', { ...reference, path: 'created' }],
    ['with a member that is no text', { ...reference, path: 4 }],
    ['that are no objects', 'created'],
  ])('are refused %s', (_, wrong) => {
    expect(typeOf({ '#ids': wrong }, answers)).toBe('invalidResultReference');
  });

  it('are refused beside the argument they stand for', () => {
    expect(typeOf({ '#ids': reference, ids: [] }, answers)).toBe('invalidArguments');
  });

  it('never ask for more than a hundred thousand values', () => {
    const list = Array.from({ length: 1_000 }, () => Array.from({ length: 1_000 }, () => 1));
    expect(evaluate(list, '/*/*')).toBeUndefined();
    expect(evaluate(list, '/*')).toHaveLength(1_000_000);
  });

  it('find every member by its pointer, whatever its name is', () => {
    const path = fc.array(fc.string(), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(path, fc.integer(), (names, value) => {
        const nested = names.reduceRight<Json>((inner, name) => obj(name, inner), value);
        const pointer = names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
        expect(evaluate(nested, pointer.join(''))).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, pointer) => {
        evaluate(value as Json, pointer);
      }),
    );
  });
});

/** An object with one member, also when its name is `__proto__`. */
const obj = (name: string, value: Json) => Object.fromEntries([[name, value]]);
