import { describe, expect, it } from '@jest/globals';
import { extensions } from '../oids.js';
import * as ca from '../testing/authority.js';
import { issue, type Party } from '../testing/authority.js';
import { measurePath } from '../testing/measure.js';
import { anchorOf } from './trust-anchor.js';
import { verifyPath } from './verify-path.js';

const time = new Date('2026-06-01');
const ask = (target: Party, pool: Party[], roots: Party[]) =>
  verifyPath(target.certificate, {
    certificates: pool.map(({ certificate }) => certificate),
    anchors: roots.map(({ certificate }) => anchorOf(certificate)),
    requirements: { time },
  });
const codes = (...question: Parameters<typeof ask>) =>
  ask(...question).failures.map(({ code }) => code);

const shuffled = <T>(list: T[]): T[] =>
  list
    .map((one) => ({ one, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);

describe('the search for a path', () => {
  it('finds the one that is valid among many of the same names', () => {
    const root = issue({ subject: 'CN=Root', ca: true });
    const keys = ca.ecKeys();
    const wish = { subject: 'CN=CA', keys, ca: true } as const;
    const sound = issue({ ...wish, issuer: root });
    const wrong = [
      issue({ ...wish, issuer: root, to: '2021-01-01' }),
      issue({ ...wish, issuer: root, ca: false }),
      issue({ ...wish, issuer: root, keyUsage: 1 }),
      issue({
        ...wish,
        issuer: root,
        extensions: {
          [extensions.nameConstraints]: ca.nameConstraints([
            ca.generalName.directory(ca.nameOf('O=x')),
          ]),
        },
      }),
      issue({ ...wish, issuer: issue({ subject: 'CN=Root', ca: true }) }),
      issue({ ...wish, keys: ca.ecKeys(), issuer: root }),
    ];
    for (let round = 0; round < 20; round++) {
      const verdict = ask(issue({ issuer: sound }), shuffled([...wrong, sound]), [root]);
      expect(verdict.path?.[0]).toBe(sound.certificate);
      expect(verdict.valid).toBe(true);
    }
    expect(codes(issue({ issuer: sound }), wrong, [root]).length).toBeGreaterThan(0);
  });

  it('goes round over another root when the shorter way is closed', () => {
    const old = issue({ subject: 'CN=Old', ca: true });
    const young = issue({ subject: 'CN=Young', ca: true, to: '2021-01-01' });
    const cross = issue({ subject: 'CN=Young', keys: young.keys, ca: true, issuer: old });
    const below = issue({ ca: true, issuer: young });
    const { path, valid } = ask(issue({ issuer: below }), [young, below, cross], [young, old]);
    expect(valid).toBe(true);
    expect(path).toHaveLength(3);
  });

  it('takes names only as a hint: a key decides', () => {
    const root = issue({ subject: 'CN=Root', ca: true });
    const impostor = issue({ subject: 'CN=Root', ca: true });
    expect(codes(issue({ issuer: impostor }), [impostor], [root])).toEqual([
      'no-path',
      'signature-invalid',
      'signature-invalid',
    ]);
  });

  it('names what is missing', () => {
    const root = issue({ ca: true });
    const stranger = issue({ ca: true });
    expect(codes(issue({ issuer: stranger }), [], [root])).toEqual(['no-path']);
    expect(codes(root, [], [root])).toEqual(['target-is-anchor']);
    expect(codes(issue({ issuer: root }), [root], [])).toEqual(['no-path']);
  });

  it('ends where fifty authorities have all certified each other', () => {
    const parties = Array.from({ length: 50 }, (_, at) =>
      issue({ subject: `CN=CA ${at}`, ca: true }),
    );
    const cross = parties.flatMap((issuer) =>
      parties
        .filter((one) => one !== issuer)
        .map(({ name, keys }) => issue({ subject: name, keys, issuer, ca: true })),
    );
    const target = issue({ issuer: parties[49]! });
    const trusted = issue({ subject: 'CN=Trusted', ca: true });
    const cost = (pool: Party[]) => measurePath({ target, pool, roots: [trusted], time });
    const vain = cost(cross);
    expect(vain.outcome).toBe('no-path');
    expect(vain.ms).toBeLessThan(1000);

    const closed = issue({
      subject: 'CN=CA 0',
      keys: parties[0]!.keys,
      issuer: trusted,
      ca: true,
      to: '2021-01-01',
    });
    const searching = cost([...cross, closed]);
    expect(searching.outcome).toContain('work-limit');
    expect(searching.ms).toBeLessThan(1000);

    const open = issue({ subject: 'CN=CA 7', keys: parties[7]!.keys, issuer: trusted, ca: true });
    const pool = [...cross, closed, open];
    const { valid, path } = ask(target, pool, [trusted]);
    expect(valid).toBe(true);
    expect(path!.length).toBeLessThan(5);
    expect(cost(pool).ms).toBeLessThan(1000);
  });

  it('takes no certificate twice and none longer than asked', () => {
    const root = issue({ ca: true });
    const chain = [root];
    for (let at = 0; at < 22; at++) chain.push(issue({ issuer: chain.at(-1)!, ca: true }));
    const ends = (length: number) =>
      codes(issue({ issuer: chain[length]! }), chain.slice(1), [root]);
    expect(ends(20)).toEqual([]);
    expect(ends(21)).toEqual(['no-path']);
  });
});
