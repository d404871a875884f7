import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SetError } from './errors.js';
import type { Json, JsonObject } from './json.js';
import { applyPatch } from './patches.js';

const refused = (record: JsonObject, patch: JsonObject) => {
  try {
    applyPatch(record, patch);
  } catch (error) {
    if (error instanceof SetError) return error.type;
  }
};

describe('patches', () => {
  const email = { keywords: { $seen: true, $draft: true }, mailboxIds: { m1: true }, subject: 's' };

  it('set, replace and take away members, and leave the record as it was', () => {
    const patch = { 'keywords/$flagged': true, 'keywords/$draft': null, mailboxIds: { m2: true } };
    expect(applyPatch(email, patch)).toEqual({
      keywords: { $seen: true, $flagged: true },
      mailboxIds: { m2: true },
      subject: 's',
    });
    expect(email.keywords).toEqual({ $seen: true, $draft: true });
    expect(applyPatch(email, { subject: null })).toEqual({
      keywords: email.keywords,
      mailboxIds: email.mailboxIds,
    });
    expect(applyPatch({ order: 3 }, { order: null }, { order: 0 })).toEqual({ order: 0 });
  });

  it('read names as JSON pointers do', () => {
    expect(applyPatch({ a: { 'b/c~d': 1 } }, { 'a/b~1c~0d': 2 })).toEqual({ a: { 'b/c~d': 2 } });
  });

  it.each<[string, JsonObject]>([
    ['into what is not there', { 'headers/x': true }],
    ['into what is no object', { 'subject/x': true }],
    ['of a whole and its part', { keywords: {}, 'keywords/$seen': true }],
    ['that are no pointers', { 'keywords/~2': true }],
  ])('are refused %s', (_, patch) => {
    expect(refused(email, patch)).toBe('invalidPatch');
  });

  it('are refused into a list, even at a place that it has', () => {
    expect(refused({ to: [{ email: 'a@b.vn' }] }, { 'to/0': null })).toBe('invalidPatch');
  });

  it('never change what every object inherits', () => {
    const patched = applyPatch({}, JSON.parse('{"__proto__": {"polluted": true}}'));
    expect(Object.getPrototypeOf(patched)).toBe(Object.prototype);
    expect(({} as JsonObject).polluted).toBeUndefined();
  });

  it('lead from any record to any other when they name every member', () => {
    const value = fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer()));
    const records = fc.dictionary(fc.string().filter(plain), value, { maxKeys: 8 });
    fc.assert(
      fc.property(records, records, (from, to) => {
        const gone = Object.keys(from).map((name): [string, Json] => [name, null]);
        const patch = Object.fromEntries([...gone, ...Object.entries(to)]);
        expect(applyPatch(from, patch)).toEqual(to);
      }),
    );
  });
});

const plain = (name: string) => !/[/~]/.test(name);
