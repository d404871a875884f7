import { describe, expect, it } from '@jest/globals';
import * as encode from '../asn1/encode.js';
import { extensions } from '../oids.js';
import * as ca from '../testing/authority.js';
import { generalName, issue, nameOf, type Party, type Wish } from '../testing/authority.js';
import { measurePath } from '../testing/measure.js';
import { crl, type CrlWish, distributionPoints, scope } from '../testing/revocation.js';
import type { CertificateList } from './crl.js';
import { keyUsages } from './extensions.js';
import { Revocation, type RevocationOptions } from './revocation.js';
import { anchorOf } from './trust-anchor.js';
import { verifyPath } from './verify-path.js';

/** The situations of sections 4.4, 4.14 and 4.15 of NIST's path validation suite, told anew. */
const time = new Date('2026-06-01');
const root = issue({ subject: 'CN=Root', ca: true });
const rootCrl = crl(root);

interface Situation {
  target: Party;
  crls: CertificateList[];
  pool: Party[];
  options?: RevocationOptions;
  at?: Date;
}

function failuresOf({ target, crls, pool, options, at = time }: Situation) {
  const certificates = pool.map(({ certificate }) => certificate);
  const requirements = { time: at };
  return verifyPath(target.certificate, {
    certificates,
    anchors: [anchorOf(root.certificate)],
    requirements,
    revocation: new Revocation({ crls, certificates }, requirements, options),
  });
}

const codes = (situation: Situation) => [
  ...new Set(failuresOf(situation).failures.map(({ code }) => code)),
];

/** A CA below the root, a target below it, and the CRLs that the wish makes the CA issue. */
function situation(
  wishes: (target: Party, authority: Party) => CrlWish[],
  wish: Wish | ((authority: Party) => Wish) = {},
): Situation {
  const authority = issue({ issuer: root, ca: true });
  const target = issue({
    issuer: authority,
    ...(typeof wish === 'function' ? wish(authority) : wish),
  });
  const crls = wishes(target, authority).map((one) => crl(authority, one));
  return { target, crls: [rootCrl, ...crls], pool: [authority] };
}

const revoking = ({ certificate }: Party, reason?: number) => ({
  revoked: [{ certificate, reason }],
});

describe('4.4 basic certificate revocation', () => {
  it('is good when a current CRL does not list it', () => {
    const { valid, statuses } = failuresOf(situation(() => [{}]));
    expect(valid).toBe(true);
    expect(statuses).toMatchObject([{ status: 'good' }, { status: 'good' }]);
  });
  it('is never good without a CRL, of the CA or of the root', () => {
    const sound = situation(() => [{}]);
    expect(codes({ ...sound, crls: [rootCrl] })).toEqual(['revocation-unknown']);
    expect(codes({ ...sound, crls: sound.crls.slice(1) })).toEqual(['revocation-unknown']);
    expect(codes({ ...sound, crls: sound.crls.slice(1), options: { scope: 'target' } })).toEqual(
      [],
    );
  });
  it('is revoked when listed, whatever the reason', () => {
    for (const reason of [undefined, 0, 1, 6]) {
      expect(codes(situation((target) => [revoking(target, reason)]))).toEqual(['revoked']);
    }
    const { statuses } = failuresOf(situation((target) => [revoking(target, 1)]));
    expect(statuses[1]).toMatchObject({ status: 'revoked', reason: 'keyCompromise' });
  });
  it('is revoked with its CA', () => {
    const sound = situation(() => [{}]);
    const revoked = crl(root, revoking(sound.pool[0]!));
    expect(codes({ ...sound, crls: [revoked, ...sound.crls.slice(1)] })).toEqual(['revoked']);
  });
  it('takes serial numbers as they are: long, negative', () => {
    const serial = Buffer.from('7f000102030405060708090a0b0c0d0e0f101112', 'hex');
    expect(codes(situation((target) => [revoking(target)], { serial }))).toEqual(['revoked']);
    expect(codes(situation(() => [{}], { serial }))).toEqual([]);
    expect(
      codes(situation(() => [{ revoked: [{ serial: Buffer.of(0xff) }] }], { serial: -1 })),
    ).toEqual(['revoked']);
    expect(
      codes(situation(() => [{ revoked: [{ serial: Buffer.of(0, 0xff) }] }], { serial: -1 })),
    ).toEqual([]);
  });
  it.each<[string, CrlWish]>([
    ['out of date', { from: '2010-01-01', to: '2010-02-01' }],
    ['from later', { from: '2026-06-02' }],
    ['without a next one', { to: null }],
  ])('does not believe a CRL %s', (_, wish) => {
    expect(codes(situation(() => [wish]))).toEqual(['revocation-unknown']);
  });
  it('believes one whose next comes after 2049', () => {
    expect(codes(situation(() => [{ to: '2050-01-01' }]))).toEqual([]);
  });
  it('does not believe a CRL by somebody else, or one that was changed', () => {
    const sound = situation(() => []);
    const impostor = issue({ subject: sound.pool[0]!.name, ca: true });
    expect(codes({ ...sound, crls: [rootCrl, crl(impostor)] })).toEqual(['revocation-unknown']);
    const other = issue({ ca: true });
    expect(
      codes({ ...sound, crls: [rootCrl, crl({ ...sound.pool[0]!, name: other.name })] }),
    ).toEqual(['revocation-unknown']);
  });
  it('does not believe a CA that may not sign CRLs', () => {
    const authority = issue({ issuer: root, ca: true, keyUsage: keyUsages.keyCertSign });
    const target = issue({ issuer: authority });
    expect(codes({ target, pool: [authority], crls: [rootCrl, crl(authority)] })).toEqual([
      'revocation-unknown',
    ]);
  });
  it('does not use a CRL with an unknown critical extension, of its own or of any entry', () => {
    const unknown = ca.extension('1.3.6.1.4.1.99999.1', true, encode.nullValue());
    expect(codes(situation(() => [{ extensions: [unknown] }]))).toEqual(['revocation-unknown']);
    const entries = { revoked: [{ serial: Buffer.of(77), extensions: [unknown] }] };
    expect(codes(situation(() => [entries]))).toEqual(['revocation-unknown']);
    const harmless = ca.extension('1.3.6.1.4.1.99999.1', false, encode.nullValue());
    expect(codes(situation(() => [{ extensions: [harmless] }]))).toEqual([]);
  });
  it('believes a CRL key of its own, when the anchor vouches for it and it is not revoked', () => {
    const authority = issue({
      issuer: root,
      subject: 'CN=Two keys',
      ca: true,
      keyUsage: keyUsages.keyCertSign,
    });
    const signer = issue({ issuer: root, subject: 'CN=Two keys', keyUsage: keyUsages.crlSign });
    const target = issue({ issuer: authority });
    const sound = { target, pool: [authority, signer], crls: [rootCrl, crl(signer)] };
    expect(codes(sound)).toEqual([]);
    expect(codes({ ...sound, crls: [rootCrl, crl(signer, revoking(target))] })).toEqual([
      'revoked',
    ]);
    expect(codes({ ...sound, crls: [crl(root, revoking(signer)), crl(signer)] })).toEqual([
      'revocation-unknown',
    ]);
    expect(codes({ ...sound, pool: [authority] })).toEqual(['revocation-unknown']);
  });
  it('does not believe a certificate of the CA’s name that is not for CRLs', () => {
    const authority = issue({ issuer: root, subject: 'CN=Same name', ca: true });
    const target = issue({ issuer: authority });
    for (const keyUsage of [null, keyUsages.digitalSignature]) {
      const signer = issue({ issuer: root, subject: 'CN=Same name', keyUsage });
      const found = { target, pool: [authority, signer], crls: [rootCrl, crl(signer)] };
      expect(codes(found)).toEqual(['revocation-unknown']);
    }
  });
  it('does not believe a CRL that lacks what its issuer owes', () => {
    const authority = issue({ issuer: root, ca: true });
    const target = issue({ issuer: authority });
    const found = { target, pool: [authority], crls: [rootCrl, crl(authority, { version: 1 })] };
    expect(codes(found)).toEqual(['revocation-unknown']);
  });
  it('lets a CRL issuer speak for itself where its certificate says so', () => {
    const name = nameOf('CN=Speaks for itself');
    const point = distributionPoints({ fullName: [generalName.directory(name)], crlIssuer: name });
    const wish = { extensions: { [extensions.crlDistributionPoints]: point } };
    const authority = issue({ issuer: root, ca: true });
    const signer = issue({
      issuer: authority,
      subject: name,
      keyUsage: keyUsages.crlSign,
      ...wish,
    });
    const target = issue({ issuer: authority, ...wish });
    const covering = (...revoked: Party[]) => [
      rootCrl,
      crl(signer, {
        scope: scope({ fullName: [generalName.directory(name)], indirect: true }),
        revoked: revoked.map(({ certificate }) => ({ certificate, issuer: authority.name })),
      }),
    ];
    const pool = [authority, signer];
    expect(codes({ target, pool, crls: covering() })).toEqual([]);
    expect(codes({ target, pool, crls: covering(target) })).toEqual(['revoked']);
    expect(codes({ target, pool, crls: covering(signer) })).toEqual(['revocation-unknown']);
  });
  it('does not let a CRL key vouch for itself', () => {
    const authority = issue({ issuer: root, subject: 'CN=Itself', ca: true });
    const signer = issue({ issuer: authority, subject: 'CN=Itself', keyUsage: keyUsages.crlSign });
    const target = issue({ issuer: authority });
    const around = { target, pool: [authority, signer], crls: [rootCrl, crl(signer)] };
    expect(codes(around)).toEqual(['revocation-unknown']);
    expect(codes({ ...around, crls: [...around.crls, crl(authority)] })).toEqual([]);
  });
  it('does no harm when revoked only after the moment in question', () => {
    const sound = situation((target) => [
      {
        from: '2026-07-30',
        to: '2026-08-30',
        revoked: [{ certificate: target.certificate, at: '2026-07-01' }],
      },
    ]);
    const later = { at: new Date('2026-08-01') };
    const crls = [crl(root, { from: '2026-07-30', to: '2026-08-30' }), sound.crls[1]!];
    expect(codes({ ...sound, crls, options: later })).toEqual([]);
    expect(codes({ ...sound, crls, options: later, at: new Date('2026-07-02') })).toEqual([
      'revoked',
    ]);
  });
  it('is not good by a CRL from after it expired, unless that keeps expired ones', () => {
    const wish = { from: '2026-07-30', to: '2026-08-30' };
    const keeping = {
      ...wish,
      extensions: [
        ca.extension(
          extensions.expiredCertsOnCrl,
          false,
          encode.generalizedTime(new Date('2026-01-01')),
        ),
      ],
    };
    const options = { at: new Date('2026-08-01') };
    const later = crl(root, wish);
    for (const [one, expected] of [
      [wish, ['revocation-unknown']],
      [keeping, []],
    ] as const) {
      const found = situation(() => [one], { to: '2026-07-01' });
      expect(codes({ ...found, crls: [later, ...found.crls.slice(1)], options })).toEqual(expected);
    }
  });
});

describe('4.1.5 a CRL with a key of DSA', () => {
  it('holds when the key has its parameters from the certificate above', () => {
    const keys = ca.dsaKeys();
    const authority = issue({ issuer: root, ca: true, keys });
    const heir = issue({ issuer: authority, ca: true, keys, spki: ca.bareSpki(keys) });
    const target = issue({ issuer: heir });
    const algorithms = [{ name: 'sha256' }, { name: 'dsa', bits: 2048 }, { name: 'ec' }] as const;
    const certificates = [authority.certificate, heir.certificate];
    const ask = (...crls: CertificateList[]) => {
      const requirements = { time, algorithms };
      return verifyPath(target.certificate, {
        certificates,
        anchors: [anchorOf(root.certificate)],
        requirements,
        revocation: new Revocation({ crls, certificates }, requirements),
      }).failures.map(({ code }) => code);
    };
    const above = [rootCrl, crl(authority)];
    expect(ask(...above, crl(heir))).toEqual([]);
    expect(ask(...above, crl(heir, revoking(target)))).toEqual(['revoked']);
    const delta = crl(heir, { base: 1, number: 2, ...revoking(target) });
    expect(ask(...above, crl(heir), delta)).toEqual(['revoked']);
    expect(ask(...above)).toEqual(['revocation-unknown']);
  });
});

describe('4.5 self-issued certificates', () => {
  const signing = keyUsages.keyCertSign | keyUsages.crlSign;
  const subject = nameOf('CN=Rolling CA');
  const old = issue({ issuer: root, subject, ca: true, keyUsage: signing });
  const young = issue({ issuer: root, subject, ca: true, keyUsage: signing });
  const oldWithNew = issue({ issuer: young, subject, ca: true, keys: old.keys });
  const newWithOld = issue({ issuer: old, subject, ca: true, keys: young.keys });

  it.each<[string, Party, Party, Party]>([
    ['the old key, certified by the new', oldWithNew, young, young],
    ['the new key, certified by the old', newWithOld, old, old],
    ['the new key, certified by the old, with a CRL by the new', newWithOld, old, newWithOld],
  ])('under %s', (_, issuer, top, lister) => {
    const target = issue({ issuer });
    const pool = [top, issuer];
    // What lists the self-issued certificate comes from the key that signed it.
    const own = lister === top ? [] : [crl(top, { from: '2026-05-29' })];
    expect(codes({ target, pool, crls: [rootCrl, crl(lister), ...own] })).toEqual([]);
    const listed = crl(lister, revoking(target));
    expect(codes({ target, pool, crls: [rootCrl, listed, ...own] })).toEqual(['revoked']);
  });

  it('for CRLs alone: lists, but issues nothing, and is listed itself', () => {
    const place = [generalName.directory(nameOf('CN=List of the list key'))];
    const signer = issue({
      issuer: old,
      subject,
      keyUsage: keyUsages.crlSign,
      extensions: {
        [extensions.crlDistributionPoints]: distributionPoints({ fullName: place }),
      },
    });
    const target = issue({ issuer: old });
    const ask = (lists: CertificateList[], asked = target) =>
      codes({ target: asked, pool: [old, signer], crls: [rootCrl, ...lists] });
    const about = (...revoked: Party[]) =>
      crl(old, {
        scope: scope({ fullName: place }),
        revoked: revoked.map(({ certificate }) => ({ certificate })),
      });
    expect(ask([crl(signer), about()])).toEqual([]);
    expect(ask([crl(signer, revoking(target)), about()])).toEqual(['revoked']);
    expect(ask([crl(signer), about(signer)])).toEqual(['revocation-unknown']);
    expect(ask([crl(signer), about()], issue({ issuer: signer }))).toContain('no-path');
  });
});

describe('4.14 distribution points', () => {
  const uri = generalName.uri('http://crl.gov.vn/1.crl');
  const elsewhere = generalName.uri('http://crl.gov.vn/2.crl');
  const pointing = (...points: Parameters<typeof distributionPoints>): Wish => ({
    extensions: { [extensions.crlDistributionPoints]: distributionPoints(...points) },
  });
  const unknown = ['revocation-unknown'];

  it.each<[string, Buffer | undefined, Wish, string[]]>([
    ['the same point', scope({ fullName: [uri] }), pointing({ fullName: [uri] }), []],
    [
      'one of several names',
      scope({ fullName: [elsewhere, uri] }),
      pointing({ fullName: [uri] }),
      [],
    ],
    ['another point', scope({ fullName: [elsewhere] }), pointing({ fullName: [uri] }), unknown],
    ['a point for no point', scope({ fullName: [uri] }), {}, unknown],
    ['no point in the CRL', undefined, pointing({ fullName: [uri] }), []],
    ['no name in the scope', scope({ users: true }), pointing({ fullName: [uri] }), []],
    ['for users', scope({ users: true }), {}, []],
    ['for users, about a CA', scope({ users: true }), { ca: true }, unknown],
    ['for CAs', scope({ cas: true }), {}, unknown],
    ['for CAs, about a CA', scope({ cas: true }), { ca: true }, []],
    ['for attribute certificates', scope({ attributes: true }), {}, unknown],
    ['indirect, for the issuer itself', scope({ indirect: true }), {}, []],
  ])('%s', (_, value, wish, expected) => {
    expect(codes(situation(() => [{ scope: value }], wish))).toEqual(expected);
    if (expected.length === 0) {
      const revoked = situation((target) => [{ scope: value, ...revoking(target) }], wish);
      expect(codes(revoked)).toEqual(['revoked']);
    }
  });

  it('named relative to the issuer', () => {
    const last = encode.sequence(encode.oid('2.5.4.3'), encode.utf8String('CRL1'));
    const relative = encode.tlv(0x31, last);
    const whole = (authority: Party, text: string) =>
      generalName.directory(
        encode.sequence(authority.name.subarray(2), ca.rdn('2.5.4.3', encode.utf8String(text))),
      );
    const sound = situation(
      (_, authority) => [{ scope: scope({ fullName: [whole(authority, 'crl1')] }) }],
      pointing({ relative }),
    );
    expect(codes(sound)).toEqual([]);
    const both = situation(
      () => [{ scope: scope({ relative }) }],
      (authority) => pointing({ fullName: [whole(authority, 'CRL1')] }),
    );
    expect(codes(both)).toEqual([]);
    const other = situation(
      (_, authority) => [{ scope: scope({ fullName: [whole(authority, 'CRL2')] }) }],
      pointing({ relative }),
    );
    expect(codes(other)).toEqual(unknown);
  });

  describe('for some reasons', () => {
    const compromise = 0b110;
    const others = 0x1fe & ~compromise;
    it('must together speak for all', () => {
      const one = { scope: scope({ reasons: compromise }) };
      const two = { scope: scope({ reasons: others }) };
      expect(codes(situation(() => [one]))).toEqual(unknown);
      expect(codes(situation(() => [one, two]))).toEqual([]);
      expect(codes(situation((target) => [one, { ...two, ...revoking(target, 4) }]))).toEqual([
        'revoked',
      ]);
      expect(codes(situation((target) => [{ ...one, ...revoking(target, 1) }, two]))).toEqual([
        'revoked',
      ]);
    });
    it('as the points have them', () => {
      const wish = pointing(
        { fullName: [uri], reasons: compromise },
        { fullName: [elsewhere], reasons: others },
      );
      const one = { scope: scope({ fullName: [uri] }) };
      const two = { scope: scope({ fullName: [elsewhere] }) };
      expect(codes(situation(() => [one, two], wish))).toEqual([]);
      expect(codes(situation(() => [one], wish))).toEqual(unknown);
      expect(codes(situation((target) => [one, { ...two, ...revoking(target) }], wish))).toEqual([
        'revoked',
      ]);
    });
  });

  describe('of another issuer', () => {
    const issuer = issue({ issuer: root, subject: 'CN=CRL issuer', keyUsage: keyUsages.crlSign });
    const wish = pointing({
      fullName: [generalName.directory(nameOf('CN=CRL issuer'))],
      crlIssuer: issuer.name,
    });
    const ask = (
      make: (target: Party, authority: Party) => CertificateList[],
      pool = [issuer],
      own = wish,
    ) => {
      const authority = issue({ issuer: root, ca: true });
      const target = issue({ issuer: authority, ...own });
      return codes({
        target,
        pool: [authority, ...pool],
        crls: [rootCrl, ...make(target, authority)],
      });
    };
    const indirect = scope({
      fullName: [generalName.directory(nameOf('CN=CRL issuer'))],
      indirect: true,
    });

    it('are believed when the certificate names it and the CRL is indirect', () => {
      expect(ask(() => [crl(issuer, { scope: indirect })])).toEqual([]);
      expect(ask(() => [crl(issuer)])).toEqual(unknown);
      expect(ask(() => [crl(issuer, { scope: indirect })], [])).toEqual(unknown);
      expect(ask(() => [crl(issuer, { scope: indirect })], [issuer], {})).toEqual(unknown);
    });
    it('revoke what their entries say is of that issuer', () => {
      const entry = ({ certificate }: Party, name?: Buffer) => ({ certificate, issuer: name });
      const revoke = (target: Party, name?: Buffer) =>
        crl(issuer, { scope: indirect, revoked: [entry(target, name)] });
      expect(ask((target, authority) => [revoke(target, authority.name)])).toEqual(['revoked']);
      expect(ask((target) => [revoke(target)])).toEqual([]);
      expect(ask((target) => [revoke(target, nameOf('CN=Somebody'))])).toEqual([]);
    });
    it('may be another CA, named without a place of its own', () => {
      const other = issue({ issuer: root, subject: 'CN=CRL issuer', ca: true });
      const bare = pointing({ crlIssuer: other.name });
      const list = (revoked: CrlWish['revoked'] = []) =>
        crl(other, { scope: scope({ indirect: true }), revoked });
      expect(ask(() => [list()], [other], bare)).toEqual([]);
      const listing = ({ certificate }: Party, { name }: Party) =>
        list([{ serial: Buffer.of(9) }, { certificate, issuer: name }]);
      expect(ask((...pair) => [listing(...pair)], [other], bare)).toEqual(['revoked']);
      expect(ask(() => [crl(other)], [other], bare)).toEqual(unknown);
      const elsewhere = pointing({ fullName: [uri], crlIssuer: other.name });
      const named = scope({ indirect: true, fullName: [generalName.directory(other.name)] });
      expect(ask(() => [crl(other, { scope: named })], [other], bare)).toEqual([]);
      expect(ask(() => [crl(other, { scope: named })], [other], elsewhere)).toEqual(unknown);
    });
    it('hold an issuer of entries until the next is named', () => {
      const listed = (target: Party, authority: Party, name: Buffer) =>
        crl(issuer, {
          scope: indirect,
          revoked: [
            { serial: Buffer.of(1), issuer: authority.name },
            { serial: Buffer.of(2), issuer: name },
            { certificate: target.certificate },
          ],
        });
      expect(ask((target, authority) => [listed(target, authority, authority.name)])).toEqual([
        'revoked',
      ]);
      expect(
        ask((target, authority) => [listed(target, authority, nameOf('CN=Somebody'))]),
      ).toEqual([]);
    });
  });

  it('that are malformed make a CRL unusable', () => {
    for (const value of [encode.sequence(), scope({ users: true, cas: true })]) {
      expect(codes(situation(() => [{ scope: value }]))).toEqual(unknown);
    }
  });
});

describe('4.15 delta CRLs', () => {
  const delta = { base: 1, number: 2 };
  it('alone say nothing', () => {
    expect(codes(situation(() => [delta]))).toEqual(['revocation-unknown']);
  });
  it('revoke, and take back', () => {
    expect(codes(situation((target) => [{}, { ...delta, ...revoking(target) }]))).toEqual([
      'revoked',
    ]);
    expect(codes(situation((target) => [revoking(target), delta]))).toEqual(['revoked']);
    expect(
      codes(situation((target) => [revoking(target, 6), { ...delta, ...revoking(target, 8) }])),
    ).toEqual([]);
  });
  it('bring a complete CRL up to date that is not current any more', () => {
    const old = { from: '2026-01-01', to: '2026-02-01' };
    expect(codes(situation(() => [old, delta]))).toEqual([]);
    expect(codes(situation(() => [old, { ...delta, to: '2026-05-31' }]))).toEqual([
      'revocation-unknown',
    ]);
    expect(codes(situation(() => [old, { ...delta, base: 2, number: 3 }]))).toEqual([
      'revocation-unknown',
    ]);
    expect(codes(situation(() => [old, { ...delta, scope: scope({ users: true }) }]))).toEqual([
      'revocation-unknown',
    ]);
  });
  it('are ignored when they do not fit', () => {
    expect(codes(situation((target) => [{}, { base: 5, number: 6, ...revoking(target) }]))).toEqual(
      [],
    );
    const sound = situation(() => [{}]);
    const stranger = issue({ subject: sound.pool[0]!.name, ca: true });
    const forged = crl(stranger, { ...delta, ...revoking(sound.target) });
    expect(codes({ ...sound, crls: [...sound.crls, forged] })).toEqual([]);
  });
});

describe('a CRL of many entries', () => {
  it('is read in little time and memory', () => {
    const sound = situation((target) => [
      {
        revoked: [
          ...Array.from({ length: 200_000 }, (_, at) => ({
            serial: Buffer.from([1, at >> 16, at >> 8, at]),
          })),
          { certificate: target.certificate },
        ],
      },
    ]);
    const { outcome, ms, peakBytes } = measurePath({ ...sound, roots: [root], time });
    expect(outcome).toBe('revoked');
    expect(ms).toBeLessThan(1000);
    expect(peakBytes).toBeLessThan(256 << 20);
  });
});
