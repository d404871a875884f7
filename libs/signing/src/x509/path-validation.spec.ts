import { describe, expect, it } from '@jest/globals';
import { Der } from '../asn1/der.js';
import * as encode from '../asn1/encode.js';
import { anyPolicy, extensions } from '../oids.js';
import * as ca from '../testing/authority.js';
import { issue, type Party, type Wish } from '../testing/authority.js';
import { measurePath } from '../testing/measure.js';
import { Certificate } from './certificate.js';
import { keyUsages } from './extensions.js';
import type { PathRequirements } from './path-validation.js';
import { anchorOf } from './trust-anchor.js';
import { verifyPath } from './verify-path.js';

/**
 * The situations of sections 4.1 to 4.13 and 4.16 of NIST's path validation suite, told anew with our
 * own certificates: what each title of a test says is what the test makes.
 */
const time = new Date('2026-06-01');
const root = issue({ subject: 'C=VN,O=Test,CN=Root', ca: true });

/** Verdict about the last of a chain whose first is issued by the root: `[]` is valid. */
function verdict(chain: Party[], asked: Partial<PathRequirements> = {}): string[] {
  const target = chain.at(-1)!.certificate;
  const { failures, valid } = verifyPath(target, {
    certificates: chain.slice(0, -1).map(({ certificate }) => certificate),
    anchors: [anchorOf(root.certificate)],
    requirements: { time, ...asked },
  });
  expect(valid).toBe(failures.length === 0);
  return [...new Set(failures.map(({ code }) => code))];
}

/** Issues a chain below the root: every wish but the last is for a CA. */
function chainOf(...wishes: Wish[]): Party[] {
  const chain: Party[] = [];
  for (const [at, wish] of wishes.entries()) {
    const issuer = chain.at(-1) ?? root;
    chain.push(issue({ ca: at < wishes.length - 1 ? true : undefined, issuer, ...wish }));
  }
  return chain;
}

const ext = (oid: string, value: Buffer | null): Wish => ({ extensions: { [oid]: value } });
const withPolicies = (...oids: string[]) =>
  ext(extensions.certificatePolicies, ca.policies(...oids));
const flip = (bytes: Buffer) => {
  bytes[bytes.length - 20]! ^= 1;
  return bytes;
};

describe('4.1 signatures', () => {
  it('hold on a sound path', () => {
    expect(verdict(chainOf({}, {}))).toEqual([]);
    expect(verdict(chainOf({}))).toEqual([]);
  });
  it.each([
    ['RSA', ca.rsaKeys()],
    ['P-384', ca.ecKeys('P-384', 'sha384')],
    ['P-521', ca.ecKeys('P-521', 'sha512')],
    ['Ed25519', ca.edwardsKeys('ed25519')],
    ['Ed448', ca.edwardsKeys('ed448')],
  ])('hold for keys of %s', (_, keys) => {
    expect(verdict(chainOf({ keys }, {}))).toEqual([]);
  });
  it('hold for RSASSA-PSS, whose mask may have a digest of its own', () => {
    const keys = ca.rsaKeys();
    const pss = (maskDigest: 'sha256' | 'sha1', saltLength: number) =>
      ({ kind: 'rsa-pss', digest: 'sha256', maskDigest, saltLength }) as const;
    expect(verdict(chainOf({ keys }, { scheme: pss('sha256', 32) }))).toEqual([]);
    expect(verdict(chainOf({ keys }, { scheme: pss('sha1', 32) }))).toEqual([
      'no-path',
      'signature-invalid',
    ]);
  });
  it('fail on a CA or an end entity that was changed', () => {
    const sound = chainOf({}, {});
    for (const at of [0, 1]) {
      const chain = [...sound];
      const bytes = flip(Buffer.from(sound[at]!.certificate.bytes));
      chain[at] = {
        ...sound[at]!,
        certificate: Certificate.read(bytes),
      };
      expect(verdict(chain)).toContain('signature-invalid');
    }
  });
  it('are refused for digests and keys below the policy', () => {
    expect(verdict(chainOf({ keys: ca.rsaKeys(1024) }, {}))).toContain('algorithm-refused');
    expect(verdict(chainOf({ keys: ca.rsaKeys(2048, 'sha1') }, {}))).toEqual(['algorithm-refused']);
    const algorithms = [
      { name: 'sha1', until: new Date('2026-07-01') },
      { name: 'sha256' },
      { name: 'rsa' },
      { name: 'ec' },
    ] as const;
    expect(verdict(chainOf({ keys: ca.rsaKeys(2048, 'sha1') }, {}), { algorithms })).toEqual([]);
    expect(verdict(chainOf({ keys: ca.ecKeys('P-192') }, {}))).toContain('algorithm-refused');
    expect(verdict(chainOf({}, { keys: ca.ecKeys('P-192') }))).toEqual(['algorithm-refused']);
  });
});

describe('4.2 validity', () => {
  it.each([
    ['not-yet-valid', { from: '2027-01-01' }],
    ['expired', { from: '1998-01-01', to: '2011-01-01' }],
  ])('%s', (code, wish) => {
    expect(verdict(chainOf({}, wish))).toEqual([code]);
    expect(verdict(chainOf(wish, {}))).toEqual(['no-path', code]);
  });
  it('reaches back before 2000 and beyond 2049', () => {
    expect(verdict(chainOf({}, { from: '1950-01-01', to: '2050-06-01' }))).toEqual([]);
  });
  it('includes both ends', () => {
    const wish = { from: '2026-06-01T00:00:00Z', to: '2026-06-01T00:00:00Z' };
    expect(verdict(chainOf({}, wish))).toEqual([]);
  });
  it('binds the anchor too', () => {
    const old = issue({ ca: true, to: '2025-01-01' });
    const { failures } = verifyPath(issue({ issuer: old }).certificate, {
      certificates: [],
      anchors: [anchorOf(old.certificate)],
      requirements: { time },
    });
    expect(failures).toMatchObject([{ code: 'anchor-unusable', detail: 'outside its validity' }]);
  });
});

describe('4.3 name chaining', () => {
  it('fails for another issuer, or the same names in another order', () => {
    expect(verdict(chainOf({}, { issuerName: ca.nameOf('CN=Somebody') }))).toEqual(['no-path']);
    const chain = chainOf(
      { subject: 'C=VN,O=Sở Nội vụ,OU=Văn phòng' },
      { issuerName: ca.nameOf('C=VN,OU=Văn phòng,O=Sở Nội vụ') },
    );
    expect(verdict(chain)).toEqual(['no-path']);
  });
  it.each(['C=VN,CN=ủy   ban  ', 'C=VN,CN=  Ủy BAN', 'C=vn,CN=Ủy ban'])(
    'ignores white space and case: %s',
    (name) => {
      const chain = chainOf({ subject: 'C=VN,CN=Ủy ban' }, { issuerName: ca.nameOf(name) });
      expect(verdict(chain)).toEqual([]);
    },
  );
  it.each(['Sub CA', 'Sub_CA & a*b@c'])('ignores the string type of %s', (text) => {
    const printable = encode.sequence(ca.rdn('2.5.4.3', encode.printableString(text)));
    const chain = chainOf({ subject: `CN=${text.toLowerCase()}` }, { issuerName: printable });
    expect(verdict(chain)).toEqual([]);
  });
  it('takes unique identifiers for no part of a name', () => {
    const identified = (tbs: Buffer) => {
      const fields = Der.read(tbs).list();
      const unique = [1, 2].map((at) => encode.implicit(at, encode.bitString(Buffer.of(at))));
      const before = fields.slice(0, -1).map(({ whole }) => whole);
      return encode.sequence(...before, ...unique, fields.at(-1)!.whole);
    };
    expect(verdict(chainOf({ tbs: identified }, { tbs: identified }))).toEqual([]);
  });
  it('takes several attributes in one relative name as a set', () => {
    const pair = (type: string, text: string) =>
      encode.sequence(encode.oid(type), encode.utf8String(text));
    const one = encode.sequence(encode.setOf(pair('2.5.4.3', 'A'), pair('2.5.4.5', '7')));
    const two = encode.sequence(encode.setOf(pair('2.5.4.5', '7'), pair('2.5.4.3', 'a')));
    expect(verdict(chainOf({ subject: one }, { issuerName: two }))).toEqual([]);
  });
});

describe('4.5 self-issued certificates', () => {
  it('carry a CA over to its new key, old with new and new with old', () => {
    const old = issue({ issuer: root, ca: true, subject: 'CN=Rolling CA' });
    const young = issue({ issuer: old, ca: true, subject: 'CN=Rolling CA' });
    expect(verdict([old, young, issue({ issuer: young })])).toEqual([]);
  });
});

describe('4.6 basic constraints', () => {
  it('must say CA', () => {
    expect(verdict(chainOf(ext(extensions.basicConstraints, null), {}))).toContain('not-a-ca');
    const no = ext(extensions.basicConstraints, ca.basicConstraints(false));
    expect(verdict(chainOf(no, {}))).toContain('not-a-ca');
    expect(verdict(chainOf({ version: 1 }, {}))).toContain('not-a-ca');
  });
  it('need not be critical', () => {
    const critical = { [extensions.basicConstraints]: false };
    expect(verdict(chainOf({ critical }, {}))).toEqual([]);
  });
  it.each<[string, Wish[], boolean]>([
    ['0, then an end entity', [{ ca: 0 }, {}], true],
    ['0, then a CA as target', [{ ca: 0 }, { ca: true }], true],
    ['0, then a CA', [{ ca: 0 }, {}, {}], false],
    ['1, then a CA', [{ ca: 1 }, {}, {}], true],
    ['6, 0, then a CA', [{ ca: 6 }, { ca: 0 }, {}, {}], false],
    ['6, 4, 1 and one', [{ ca: 6 }, { ca: 4 }, { ca: 1 }, {}, {}], true],
    ['6, 4, 1 and two', [{ ca: 6 }, { ca: 4 }, { ca: 1 }, {}, {}, {}], false],
    ['0, then greater ones', [{ ca: 0 }, { ca: 5 }, {}], false],
  ])('limit the path: %s', (_, wishes, valid) => {
    expect(verdict(chainOf(...wishes))).toEqual(valid ? [] : ['path-too-long']);
  });
  it('do not count self-issued certificates', () => {
    const one = issue({ issuer: root, ca: 0, subject: 'CN=Counted' });
    const two = issue({ issuer: one, ca: true, subject: 'CN=Counted' });
    expect(verdict([one, two, issue({ issuer: two })])).toEqual([]);
    expect(verdict([one, two, issue({ issuer: two, subject: 'CN=Counted' })])).toEqual([]);
    const three = issue({ issuer: two, ca: true });
    expect(verdict([one, two, three, issue({ issuer: three })])).toEqual(['path-too-long']);
  });
  it('of the anchor limit the path too', () => {
    const short = issue({ ca: 0 });
    const below = issue({ issuer: short, ca: true });
    const { failures } = verifyPath(issue({ issuer: below }).certificate, {
      certificates: [below.certificate],
      anchors: [anchorOf(short.certificate)],
      requirements: { time },
    });
    expect(failures).toMatchObject([{ code: 'path-too-long' }]);
  });
});

describe('4.7 key usage', () => {
  it('must allow a CA to sign certificates, critical or not', () => {
    const keyUsage = keyUsages.crlSign;
    for (const critical of [true, false]) {
      const wish = { keyUsage, critical: { [extensions.keyUsage]: critical } };
      expect(verdict(chainOf(wish, {}))).toContain('no-cert-sign');
      const sound = { critical: { [extensions.keyUsage]: critical } };
      expect(verdict(chainOf(sound, {}))).toEqual([]);
    }
  });
  it('of the target is what the caller asks', () => {
    const keyUsage = keyUsages.nonRepudiation;
    expect(verdict(chainOf({}, {}), { keyUsage })).toEqual([]);
    const chain = chainOf({}, { keyUsage: keyUsages.keyEncipherment });
    expect(verdict(chain, { keyUsage })).toEqual(['key-usage']);
  });
});

describe('4.8 policies', () => {
  const one = '2.16.840.1.1';
  const two = '2.16.840.1.2';
  const explicitPolicy = true;

  it('are not needed unless asked', () => {
    expect(verdict(chainOf({}, {}))).toEqual([]);
    expect(verdict(chainOf({}, {}), { explicitPolicy })).toEqual(['policy-required']);
  });
  it('must be the same all along, and one that the user accepts', () => {
    const chain = chainOf(withPolicies(one, two), withPolicies(one));
    expect(verdict(chain, { explicitPolicy })).toEqual([]);
    expect(verdict(chain, { explicitPolicy, policies: [one] })).toEqual([]);
    expect(verdict(chain, { explicitPolicy, policies: [two] })).toEqual(['policy-required']);
    expect(verdict(chain, { explicitPolicy, policies: [two, one] })).toEqual([]);
    expect(verdict(chainOf(withPolicies(one), withPolicies(two)), { explicitPolicy })).toContain(
      'policy-required',
    );
    expect(verdict(chainOf(withPolicies(one), withPolicies(two)))).toEqual([]);
    expect(
      verdict(chainOf(withPolicies(one), {}, withPolicies(one)), { explicitPolicy }),
    ).toContain('policy-required');
  });
  it('may be any, in the CA, the end entity or both', () => {
    for (const chain of [
      chainOf(withPolicies(anyPolicy), withPolicies(one)),
      chainOf(withPolicies(one), withPolicies(anyPolicy)),
      chainOf(withPolicies(anyPolicy), withPolicies(anyPolicy)),
    ]) {
      expect(verdict(chain, { explicitPolicy, policies: [one] })).toEqual([]);
    }
    const chain = chainOf(withPolicies(one), withPolicies(anyPolicy));
    expect(verdict(chain, { explicitPolicy, policies: [two] })).toEqual(['policy-required']);
  });

  describe('4.9 required by the path itself', () => {
    const requiring = (skip: number) => ({
      [extensions.policyConstraints]: ca.policyConstraints(skip),
    });
    it.each<[number, boolean]>([
      [10, true],
      [5, true],
      [4, true],
      [3, false],
      [2, false],
      [0, false],
    ])('after %i certificates', (skip, valid) => {
      const chain = chainOf({ extensions: requiring(skip) }, {}, {}, {});
      expect(verdict(chain)).toEqual(valid ? [] : ['policy-required']);
    });
    it('by the target, if it says so at once', () => {
      expect(verdict(chainOf({}, { extensions: requiring(0) }))).toEqual(['policy-required']);
      expect(verdict(chainOf({}, { extensions: requiring(1) }))).toEqual([]);
    });
    it('not counting self-issued certificates', () => {
      const chain = [issue({ issuer: root, ca: true, subject: 'CN=S', extensions: requiring(2) })];
      for (let more = 0; more < 2; more++) {
        chain.push(issue({ issuer: chain.at(-1)!, ca: true, subject: 'CN=S' }));
      }
      chain.push(issue({ issuer: chain.at(-1)! }));
      expect(verdict(chain)).toEqual([]);
    });
  });

  describe('4.10 mapped', () => {
    const mapping = (from: string, to: string, ...own: string[]): Wish => ({
      extensions: {
        [extensions.certificatePolicies]: ca.policies(...own),
        [extensions.policyMappings]: ca.policyMappings([from, to]),
      },
    });
    it('stand for what they are mapped to', () => {
      const chain = chainOf(mapping(one, two, one), withPolicies(two));
      expect(verdict(chain, { explicitPolicy, policies: [one] })).toEqual([]);
      expect(verdict(chain, { explicitPolicy, policies: [two] })).toEqual(['policy-required']);
      expect(verdict(chain, { explicitPolicy, inhibitPolicyMapping: true })).toEqual([
        'policy-required',
      ]);
      expect(
        verdict(chainOf(mapping(one, two, one), withPolicies(one)), { explicitPolicy }),
      ).toEqual(['policy-required']);
    });
    it('stand for themselves under any policy', () => {
      const chain = chainOf(mapping(one, two, anyPolicy), withPolicies(two));
      expect(verdict(chain, { explicitPolicy, policies: [one] })).toEqual([]);
      expect(verdict(chain, { explicitPolicy, policies: [two] })).toEqual(['policy-required']);
    });
    it('never are any policy', () => {
      expect(verdict(chainOf(mapping(anyPolicy, one, one), withPolicies(one)))).toEqual([
        'policy-mapping-of-any',
      ]);
      expect(verdict(chainOf(mapping(one, anyPolicy, one), withPolicies(one)))).toEqual([
        'policy-mapping-of-any',
      ]);
      const target = chainOf({ ca: true, ...mapping(one, anyPolicy, one) });
      expect(verdict(target)).toEqual(['policy-mapping-of-any']);
      expect(verdict(target, { profile: 'path' })).toEqual([]);
    });
    it('through several certificates', () => {
      const three = '2.16.840.1.3';
      const chain = chainOf(mapping(one, two, one), mapping(two, three, two), withPolicies(three));
      expect(verdict(chain, { explicitPolicy, policies: [one] })).toEqual([]);
      expect(verdict(chain, { explicitPolicy, policies: [three] })).toEqual(['policy-required']);
    });

    it.each([
      [0, false],
      [1, true],
    ])('4.11 unless inhibited after %i', (skip, valid) => {
      const inhibiting: Wish = {
        extensions: {
          [extensions.certificatePolicies]: ca.policies(one),
          [extensions.policyConstraints]: ca.policyConstraints(0, skip),
        },
      };
      const chain = chainOf(inhibiting, mapping(one, two, one), withPolicies(two));
      expect(verdict(chain)).toEqual(valid ? [] : ['policy-required']);
    });
  });

  describe('4.12 any policy inhibited', () => {
    const inhibiting = (skip: number): Wish => ({
      extensions: {
        [extensions.certificatePolicies]: ca.policies(anyPolicy),
        [extensions.inhibitAnyPolicy]: encode.integer(skip),
      },
    });
    it('after as many certificates as it says', () => {
      const end = withPolicies(anyPolicy);
      expect(verdict(chainOf(inhibiting(0), end), { explicitPolicy })).toEqual(['policy-required']);
      expect(verdict(chainOf(inhibiting(1), end), { explicitPolicy })).toEqual([]);
      expect(verdict(chainOf(inhibiting(1), end, end), { explicitPolicy })).toEqual([
        'policy-required',
      ]);
      expect(verdict(chainOf(inhibiting(0), withPolicies(one)), { explicitPolicy })).toEqual([]);
      expect(verdict(chainOf(end, end), { explicitPolicy, inhibitAnyPolicy: true })).toEqual([
        'policy-required',
      ]);
    });
    it('but not in self-issued ones', () => {
      const first = issue({ issuer: root, ca: true, subject: 'CN=Any', ...inhibiting(0) });
      const again = issue({
        issuer: first,
        ca: true,
        subject: 'CN=Any',
        ...withPolicies(anyPolicy),
      });
      const end = issue({ issuer: again, ...withPolicies(one) });
      expect(verdict([first, again, end], { explicitPolicy })).toEqual([]);
    });
  });

  it('in great numbers do not make the work explode', () => {
    const many = Array.from({ length: 50 }, (_, at) => `2.16.840.1.${at}`);
    const all = many.flatMap((from) => many.map((to): [string, string] => [from, to]));
    const wish: Wish = {
      extensions: {
        [extensions.certificatePolicies]: ca.policies(...many),
        [extensions.policyMappings]: ca.policyMappings(...all.slice(0, 2000)),
      },
    };
    const chain = chainOf(...Array.from({ length: 10 }, () => wish), withPolicies(many[0]!));
    const question = { target: chain.at(-1)!, pool: chain.slice(0, -1), roots: [root], time };
    const { outcome, ms } = measurePath({ ...question, explicitPolicy: true });
    expect(outcome).toBe('valid');
    expect(ms).toBeLessThan(1000);
  });
});

describe('4.16 private extensions', () => {
  const unknown = '1.3.6.1.4.1.99999.1';
  it('are ignored unless critical', () => {
    const wish = ext(unknown, encode.nullValue());
    const critical = { ...wish, critical: { [unknown]: true } };
    expect(verdict(chainOf(wish, wish))).toEqual([]);
    expect(verdict(chainOf({}, critical))).toEqual(['unknown-critical-extension']);
    expect(verdict(chainOf(critical, {}))).toContain('unknown-critical-extension');
  });
});
