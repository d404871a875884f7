import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Der } from '../asn1/der.js';
import { AlgorithmError } from './algorithms.js';
import { DerError } from '../asn1/der.js';
import { issue } from '../testing/authority.js';
import { stopwatch } from '../testing/cost.js';
import { crl, ocspBytes } from '../testing/revocation.js';
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
  const readers: [string, (bytes: Buffer) => unknown][] = [
    ['a certificate', (bytes) => Certificate.read(bytes)],
    ['a CRL', (bytes) => CertificateList.read(bytes)],
    ['an OCSP response', (bytes) => OcspResponse.read(bytes)],
  ];
  it.each(readers)('is refused at once as %s', (_, read) => {
    const spent = stopwatch();
    const large = Buffer.alloc(10 << 20, 0x30);
    const claimed = Buffer.concat([Buffer.from('3083a00000', 'hex'), Buffer.alloc(0xa00000, 5)]);
    for (const bytes of [large, claimed, Buffer.alloc(0), Buffer.of(0x30)]) {
      expect(refusing(() => read(bytes) !== undefined)).toBe(false);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(refusing(() => read(Buffer.from(bytes)) !== undefined)).toBe(false);
      }),
    );
    expect(spent()).toBeLessThan(1000);
  });
});
