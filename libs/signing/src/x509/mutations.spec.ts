import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Der } from '../asn1/der.js';
import { AlgorithmError } from './algorithms.js';
import { DerError } from '../asn1/der.js';
import * as encode from '../asn1/encode.js';
import { extensions } from '../oids.js';
import {
  generalName,
  issue,
  issueBytes,
  nameConstraints,
  nameOf,
  policies,
  policyConstraints,
  policyMappings,
  type Wish,
} from '../testing/authority.js';
import { measure } from '../testing/measure.js';
import type { Task } from '../testing/measured.js';
import { crl, crlBytes, distributionPoints, ocspBytes, scope } from '../testing/revocation.js';
import { Certificate } from './certificate.js';
import { CertificateList } from './crl.js';
import { OcspResponse } from './ocsp.js';
import { Revocation } from './revocation.js';
import { anchorOf } from './trust-anchor.js';
import { verifyPath } from './verify-path.js';

/**
 * No single change to something signed may be taken for the original: changed, cut, doubled or swapped
 * at any place of its structure.
 */
const time = new Date('2026-06-01');
const root = issue({ subject: 'CN=Root', ca: true });
const target = issue({ issuer: root, serial: 77 });

function accepts(
  certificate: Certificate,
  revocation?: ConstructorParameters<typeof Revocation>[0],
) {
  const requirements = { time };
  return verifyPath(certificate, {
    certificates: [],
    anchors: [anchorOf(root.certificate)],
    requirements,
    revocation: revocation && new Revocation(revocation, requirements),
  }).valid;
}

/** Only the errors that input may cause count as a refusal. */
function refusing(judge: () => boolean): boolean {
  try {
    return judge();
  } catch (error) {
    if (error instanceof DerError || error instanceof AlgorithmError) return false;
    throw error;
  }
}

const subjects: [string, Buffer, (bytes: Buffer) => boolean][] = [
  ['a certificate', target.certificate.bytes, (bytes) => accepts(Certificate.read(bytes))],
  [
    'a CRL',
    crl(root).bytes,
    (bytes) => accepts(target.certificate, { crls: [CertificateList.read(bytes)] }),
  ],
  [
    'an OCSP response',
    ocspBytes({ certificate: target.certificate, issuer: root }),
    (bytes) => accepts(target.certificate, { ocsp: [OcspResponse.read(bytes)] }),
  ],
];

/** Places where elements begin, and where their contents begin and end. */
function placesOf(bytes: Buffer): number[] {
  const places = new Set<number>();
  const walk = (element: Der, offset: number) => {
    places
      .add(offset + element.start)
      .add(offset + element.contentStart)
      .add(offset + element.end);
    if (element.constructed) element.list().forEach((one) => walk(one, offset));
  };
  walk(Der.read(bytes), 0);
  return [...places].filter((at) => at < bytes.length);
}

describe.each(subjects)('%s', (_, bytes, judge) => {
  const accepted = (changed: Buffer) => refusing(() => judge(changed));
  const same = (changed: Buffer) => changed.equals(bytes);

  it('is accepted as it is', () => {
    expect(judge(bytes)).toBe(true);
  });

  it('counts to the last bit', () => {
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      expect(accepted(changed)).toBe(false);
    }
  });

  it('cannot be cut, doubled or filled up at any place', () => {
    for (const at of placesOf(bytes)) {
      expect(accepted(bytes.subarray(0, at))).toBe(false);
      const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
      for (const more of [Buffer.of(0), Buffer.of(5, 0), after.subarray(0, 4)]) {
        expect(accepted(Buffer.concat([before, more, after]))).toBe(false);
      }
    }
    expect(accepted(Buffer.concat([bytes, Buffer.of(0)]))).toBe(false);
  });

  it('cannot have any two pieces swapped', () => {
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 40 }),
        (one, two, size) => {
          const [from, to] = one < two ? [one, two] : [two, one];
          if (from + size > to || to + size > bytes.length) return;
          const changed = Buffer.from(bytes);
          bytes.copy(changed, from, to, to + size);
          bytes.copy(changed, to, from, from + size);
          if (!same(changed)) expect(accepted(changed)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('noise', () => {
  const readers: [string, Task, (bytes: Buffer) => unknown][] = [
    ['a certificate', 'read-certificate', (bytes) => Certificate.read(bytes)],
    ['a CRL', 'read-crl', (bytes) => CertificateList.read(bytes)],
    ['an OCSP response', 'read-ocsp', (bytes) => OcspResponse.read(bytes)],
  ];
  it.each(readers)('is refused at once as %s', (_, task, read) => {
    const large = Buffer.alloc(10 << 20, 0x30);
    const claimed = Buffer.concat([Buffer.from('3083a00000', 'hex'), Buffer.alloc(0xa00000, 5)]);
    for (const bytes of [large, claimed, Buffer.alloc(0), Buffer.of(0x30)]) {
      expect(refusing(() => read(bytes) !== undefined)).toBe(false);
    }
    for (const bytes of [large, claimed]) {
      const [run] = measure(bytes, task).runs;
      expect(run!.outcome).toBe('DerError');
      expect(run!.ms).toBeLessThan(1000);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(refusing(() => read(Buffer.from(bytes)) !== undefined)).toBe(false);
      }),
    );
  });
});

/**
 * The same with a signature that holds: whoever signs may sign nonsense. Reading may fail in its two
 * ways; judging never throws.
 */
describe('nonsense that is signed', () => {
  const uri = generalName.uri('http://crl.vn/1');
  const name = generalName.directory(nameOf('C=VN,O=Đơn vị,CN=x'));
  const rich: Wish = {
    issuer: root,
    extensions: {
      [extensions.subjectAltName]: encode.sequence(
        name,
        uri,
        generalName.dns('a.vn'),
        generalName.email('a@b.vn'),
      ),
      [extensions.certificatePolicies]: policies('1.2.3'),
      [extensions.crlDistributionPoints]: distributionPoints(
        { fullName: [name, uri], reasons: 2, crlIssuer: root.name },
        {
          relative: encode.tlv(
            0x31,
            encode.sequence(encode.oid('2.5.4.3'), encode.utf8String('y')),
          ),
        },
      ),
      [extensions.extendedKeyUsage]: encode.sequence(encode.oid('1.2.3')),
    },
  };
  const authority = issue({
    issuer: root,
    ca: true,
    extensions: {
      [extensions.nameConstraints]: nameConstraints([name], [generalName.dns('b.vn')]),
      [extensions.policyMappings]: policyMappings(['1.2.3', '1.2.4']),
      [extensions.policyConstraints]: policyConstraints(1, 1),
    },
  });

  /** Octets changed at places that fast-check chooses. */
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 3,
  });
  const apply = (list: [number, number][]) => (bytes: Buffer) => {
    const changed = Buffer.from(bytes);
    // The outermost element stays whole: what is inside is of interest.
    for (const [at, mask] of list) changed[4 + (at % (changed.length - 4))]! ^= mask;
    return changed;
  };
  const judged = <T>(bytes: Buffer, read: (bytes: Buffer) => T, judge: (found: T) => unknown) => {
    let found: T;
    try {
      found = read(bytes);
    } catch (error) {
      if (error instanceof DerError || error instanceof AlgorithmError) return;
      throw error;
    }
    judge(found);
  };
  const verify = (
    certificate: Certificate,
    material: ConstructorParameters<typeof Revocation>[0],
    between: Certificate[] = [],
  ) => {
    const requirements = {
      time,
      profile: 'path',
      explicitPolicy: true,
      identity: { dns: 'a.vn' },
    } as const;
    return verifyPath(certificate, {
      certificates: between,
      anchors: [anchorOf(root.certificate)],
      requirements,
      revocation: new Revocation(material, requirements),
    });
  };
  const good = [crl(root), crl(authority)];

  it('is judged without an error: certificates', () => {
    fc.assert(
      fc.property(changes, fc.boolean(), (list, middle) => {
        const tbs = apply(list);
        if (!middle) {
          judged(issueBytes({ ...rich, tbs }).bytes, Certificate.read, (one) =>
            verify(one, { crls: good }),
          );
          return;
        }
        const wish = {
          issuer: root,
          ca: true,
          keys: authority.keys,
          subject: authority.name,
        } as const;
        const bytes = issueBytes({
          ...wish,
          extensions: { [extensions.nameConstraints]: nameConstraints([name], [uri]) },
          tbs,
        }).bytes;
        const below = issue({ ...rich, issuer: authority });
        judged(bytes, Certificate.read, (one) => verify(below.certificate, { crls: good }, [one]));
      }),
      { numRuns: 1500 },
    );
  });

  it('is judged without an error: CRLs', () => {
    const { certificate } = issue(rich);
    const indirect = scope({ fullName: [name, uri], indirect: true, reasons: 6 });
    fc.assert(
      fc.property(changes, fc.boolean(), fc.boolean(), (list, scoped, delta) => {
        const revoked = [
          { certificate, reason: 1 },
          { serial: Buffer.of(9), issuer: root.name },
        ];
        const wish = {
          scope: scoped ? indirect : undefined,
          base: delta ? 1 : undefined,
          number: delta ? 2 : 1,
        };
        const bytes = crlBytes(root, {
          ...wish,
          revoked: scoped ? revoked : revoked.slice(0, 1),
          tbs: apply(list),
        });
        judged(bytes, CertificateList.read, (one) =>
          verify(certificate, { crls: [one, crl(root)] }),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it('is judged without an error: OCSP responses', () => {
    const { certificate } = issue(rich);
    fc.assert(
      fc.property(changes, fc.boolean(), (list, revoked) => {
        const status = revoked ? { at: '2026-01-01', reason: 1 } : 'good';
        const bytes = ocspBytes({
          certificate,
          issuer: root,
          status,
          nonce: Buffer.of(1, 2),
          data: apply(list),
        });
        judged(bytes, OcspResponse.read, (one) => verify(certificate, { ocsp: [one] }));
      }),
      { numRuns: 1500 },
    );
  });
});
