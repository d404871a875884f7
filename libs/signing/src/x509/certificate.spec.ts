import { describe, expect, it } from '@jest/globals';
import { Der, tags } from '../asn1/der.js';
import * as encode from '../asn1/encode.js';
import { extensions, keyPurposes } from '../oids.js';
import * as ca from '../testing/authority.js';
import { generalName, issue, type Wish } from '../testing/authority.js';
import { Certificate } from './certificate.js';
import { keyUsages } from './extensions.js';
import type { PathRequirements } from './path-validation.js';
import { anchorOf } from './trust-anchor.js';
import { verifyPath } from './verify-path.js';

const time = new Date('2026-06-01');
const root = issue({ subject: 'CN=Root', ca: true });
const ec = '1.2.840.10045.2.1';

function failuresOf(wish: Wish, asked: Partial<PathRequirements> = {}, issuer = root) {
  const { certificate } = issue({ issuer, ...wish });
  return verifyPath(certificate, {
    certificates: issuer === root ? [] : [issuer.certificate],
    anchors: [anchorOf(root.certificate)],
    requirements: { time, ...asked },
  }).failures;
}
const codes = (...question: Parameters<typeof failuresOf>) =>
  failuresOf(...question).map(({ code }) => code);
const ext = (oid: string, value: Buffer | null, critical?: boolean): Wish => ({
  extensions: { [oid]: value },
  critical: critical === undefined ? {} : { [oid]: critical },
});

const disorderedName = encode.sequence(
  encode.tlv(
    0x31,
    ...['b', 'a'].map((text) => encode.sequence(encode.oid('2.5.4.3'), encode.utf8String(text))),
  ),
);

describe('the profile of certificates (RFC 5280, 4)', () => {
  it.each<[string, Wish]>([
    ['a serial number of zero', { serial: 0 }],
    ['a serial number of 21 octets', { serial: Buffer.alloc(21, 1) }],
    ['no authority key identifier', ext(extensions.authorityKeyIdentifier, null)],
    [
      'an empty authority key identifier',
      ext(extensions.authorityKeyIdentifier, encode.sequence()),
    ],
    [
      'a critical authority key identifier',
      { critical: { [extensions.authorityKeyIdentifier]: true } },
    ],
    [
      'a critical subject key identifier',
      { critical: { [extensions.subjectKeyIdentifier]: true } },
    ],
    ['a subject whose parts are out of order', { subject: disorderedName }],
    [
      'a key usage with needless bits',
      ext(extensions.keyUsage, encode.tlv(3, Buffer.of(7, 0x80, 0)), true),
    ],
    ['an empty subject', { subject: '' }],
    [
      'an empty subject with alternative names that are not critical',
      { subject: '', ...ext(extensions.subjectAltName, encode.sequence(generalName.dns('a.vn'))) },
    ],
    [
      'a host with white space',
      ext(extensions.subjectAltName, encode.sequence(generalName.dns('a b.vn'))),
    ],
    [
      'a host with an underscore',
      ext(extensions.subjectAltName, encode.sequence(generalName.dns('a_b.vn'))),
    ],
    [
      'a mailbox without a host',
      ext(extensions.subjectAltName, encode.sequence(generalName.email('a'))),
    ],
    [
      'an address of five octets',
      ext(extensions.subjectAltName, encode.sequence(generalName.ip(Buffer.alloc(5)))),
    ],
    ['a relative URI', ext(extensions.subjectAltName, encode.sequence(generalName.uri('/path')))],
    ['a key for certificates that is no CA', { keyUsage: keyUsages.keyCertSign }],
    ['a path length without CA', ext(extensions.basicConstraints, ca.basicConstraints(false, 1))],
    [
      'name constraints without CA',
      ext(extensions.nameConstraints, ca.nameConstraints([generalName.dns('vn')])),
    ],
    [
      'policy constraints that are not critical',
      ext(extensions.policyConstraints, ca.policyConstraints(9), false),
    ],
    [
      'any policy inhibited, not critically',
      ext(extensions.inhibitAnyPolicy, encode.integer(1), false),
    ],
    [
      'critical access information',
      ext(
        extensions.authorityInfoAccess,
        encode.sequence(
          encode.sequence(encode.oid('1.3.6.1.5.5.7.48.1'), generalName.uri('http://ocsp.vn')),
        ),
        true,
      ),
    ],
  ])('refuses %s, and tells the profile from the path', (_, wish) => {
    expect(codes(wish)).toContain('profile-violation');
    const lax = codes(wish, { profile: 'path' });
    expect(lax.filter((code) => code !== 'unknown-critical-extension')).toEqual([]);
  });

  it('takes alternative names for an empty subject, if they are critical', () => {
    const wish = ext(extensions.subjectAltName, encode.sequence(generalName.dns('*.gov.vn')), true);
    expect(codes({ subject: '', ...wish })).toEqual([]);
  });

  it('confines what an anchor issues to the purposes it names', () => {
    const purposes = (oid: string) =>
      ext(extensions.extendedKeyUsage, encode.sequence(encode.oid(oid)));
    const anchor = issue({ ca: true, ...purposes(keyPurposes.clientAuth) });
    const { certificate } = issue({ issuer: anchor });
    const ask = (purpose: string, more: Partial<PathRequirements> = {}) =>
      verifyPath(certificate, {
        certificates: [],
        anchors: [anchorOf(anchor.certificate)],
        requirements: { time, purposes: [purpose], ...more },
      }).failures.map(({ code }) => code);
    expect(ask(keyPurposes.clientAuth)).toEqual([]);
    expect(ask(keyPurposes.timeStamping)).toEqual(['anchor-unusable']);
    expect(ask(keyPurposes.timeStamping, { anchorConstraints: false })).toEqual([]);
  });

  it.each<[string, Wish]>([
    [
      'basic constraints that are not critical',
      { critical: { [extensions.basicConstraints]: false } },
    ],
    ['no basic constraints', ext(extensions.basicConstraints, null)],
    ['no subject key identifier', ext(extensions.subjectKeyIdentifier, null)],
    ['an unknown critical extension', ext('1.2.3.4', encode.nullValue(), true)],
    ['no right to sign certificates', { keyUsage: keyUsages.crlSign }],
  ])('refuses an anchor with %s', (_, wish) => {
    const anchor = issue({ ca: true, ...wish });
    const { certificate } = issue({ issuer: anchor });
    const ask = (more: Partial<PathRequirements>) =>
      verifyPath(certificate, {
        certificates: [],
        anchors: [anchorOf(anchor.certificate)],
        requirements: { time, ...more },
      }).failures.map(({ code }) => code);
    expect(ask({})).toContain('anchor-unusable');
    expect(ask({ anchorConstraints: false })).toEqual([]);
  });
});

describe('extensions that are malformed', () => {
  it.each<[string, string, Buffer]>([
    ['key usage of no bits', extensions.keyUsage, encode.namedBits(0)],
    ['key usage with bits that are unused', extensions.keyUsage, encode.tlv(3, Buffer.of(7, 0xff))],
    ['key usage of zeros', extensions.keyUsage, encode.tlv(3, Buffer.of(0, 0))],
    [
      'basic constraints with more',
      extensions.basicConstraints,
      encode.sequence(encode.boolean(true), encode.integer(1), encode.integer(1)),
    ],
    [
      'a negative path length',
      extensions.basicConstraints,
      encode.sequence(encode.boolean(true), encode.integer(-1)),
    ],
    ['no alternative names', extensions.subjectAltName, encode.sequence()],
    ['a name of no form', extensions.subjectAltName, encode.sequence(encode.tlv(0x89))],
    ['a policy twice', extensions.certificatePolicies, ca.policies('1.2.3', '1.2.3')],
    ['no policies', extensions.certificatePolicies, encode.sequence()],
    ['constraints of nothing', extensions.policyConstraints, encode.sequence()],
    ['a negative number to skip', extensions.inhibitAnyPolicy, encode.integer(-1)],
    ['no purposes', extensions.extendedKeyUsage, encode.sequence()],
    [
      'a point without a name',
      extensions.crlDistributionPoints,
      encode.sequence(encode.sequence()),
    ],
    [
      'something behind',
      extensions.subjectKeyIdentifier,
      Buffer.concat([encode.octetString(Buffer.of(1)), Buffer.of(5, 0)]),
    ],
    ['an empty authority access', extensions.authorityInfoAccess, encode.sequence()],
  ])('make a certificate invalid: %s', (_, oid, value) => {
    for (const profile of ['strict', 'path'] as const) {
      expect(codes(ext(oid, value), { profile })).toEqual(['malformed-extension']);
    }
    const authority = issue({ issuer: root, ca: true, ...ext(oid, value) });
    expect(codes({}, {}, authority)).toEqual(['no-path', 'malformed-extension']);
  });
});

describe('keys', () => {
  const spki = (parameters: Buffer, point: Buffer, oid = ec) =>
    encode.sequence(encode.sequence(encode.oid(oid), parameters), encode.bitString(point));
  const p256 = encode.oid('1.2.840.10045.3.1.7');
  const point = Certificate.read(root.certificate.bytes).publicKey.octets;
  const off = Buffer.from(point);
  off[off.length - 1]! ^= 1;
  const rsa = (modulus: Buffer, exponent: number) =>
    spki(
      encode.nullValue(),
      encode.sequence(encode.unsigned(modulus), encode.integer(exponent)),
      '1.2.840.113549.1.1.1',
    );
  const odd = Buffer.alloc(256, 0xff);

  it.each<[string, Buffer]>([
    ['a point off its curve', spki(p256, off)],
    ['a point at infinity', spki(p256, Buffer.of(0))],
    [
      'a hybrid point',
      spki(p256, Buffer.concat([Buffer.of(6 | (point.at(-1)! & 1)), point.subarray(1)])),
    ],
    ['a curve that is spelled out', spki(encode.sequence(encode.integer(1)), point)],
    ['no curve', encode.sequence(encode.sequence(encode.oid(ec)), encode.bitString(point))],
    ['an unknown curve', spki(encode.oid('1.2.3'), point)],
    ['an RSA exponent of one', rsa(odd, 1)],
    ['an even RSA exponent', rsa(odd, 4)],
    ['an even RSA modulus', rsa(Buffer.concat([odd.subarray(1), Buffer.of(0xfe)]), 65537)],
    ['an RSA modulus without end', rsa(Buffer.alloc(3000, 0xff), 65537)],
    ['an unknown algorithm', spki(encode.nullValue(), point, '1.2.3')],
  ])('that are none: %s', (_, value) => {
    expect(codes({ spki: value })).toEqual(['malformed-extension']);
    expect(codes({}, {}, issue({ issuer: root, ca: true, spki: value }))).toContain('no-path');
  });

  it('may be compressed points', () => {
    const compressed = Buffer.concat([Buffer.of(2 | (point.at(-1)! & 1)), point.subarray(1, 33)]);
    expect(codes({ spki: spki(p256, compressed) })).toEqual([]);
  });

  it('of DSA may inherit their parameters from the issuer’s', () => {
    const keys = ca.dsaKeys();
    const algorithms = [{ name: 'sha256' }, { name: 'dsa', bits: 2048 }, { name: 'ec' }] as const;
    const authority = issue({ issuer: root, ca: true, keys });
    expect(codes({}, { algorithms }, authority)).toEqual([]);
    expect(codes({}, {}, authority)).toContain('algorithm-refused');
    const bare = ca.bareSpki(keys);
    const below = issue({ issuer: authority, ca: true, keys, spki: bare });
    const { certificate } = issue({ issuer: below });
    const ask = (...between: Certificate[]) =>
      verifyPath(certificate, {
        certificates: between,
        anchors: [anchorOf(root.certificate)],
        requirements: { time, algorithms },
      }).failures.map(({ code }) => code);
    expect(ask(authority.certificate, below.certificate)).toEqual([]);
    // Below a key of another kind there is nothing to inherit.
    const orphan = issue({ issuer: root, ca: true, subject: below.name, keys, spki: bare });
    expect(ask(orphan.certificate)).toEqual(['algorithm-refused']);
  });
});

describe('the structure of certificates', () => {
  const sound = issue({ issuer: root, ca: true }).certificate;
  const rebuilt = (change: (fields: Buffer[]) => Buffer[]) => {
    const [tbs, algorithm, signature] = sound.der.list();
    const fields = tbs!.list().map(({ whole }) => whole);
    return encode.sequence(encode.sequence(...change(fields)), algorithm!.whole, signature!.whole);
  };

  it.each<[string, (fields: Buffer[]) => Buffer[]]>([
    [
      'the default version written',
      ([, ...rest]) => [encode.explicit(0, encode.integer(0)), ...rest],
    ],
    ['version 4', ([, ...rest]) => [encode.explicit(0, encode.integer(3)), ...rest]],
    ['extensions in version 1', ([, ...rest]) => rest],
    [
      'another signed algorithm',
      ([version, serial, , ...rest]) => [
        version!,
        serial!,
        encode.sequence(encode.oid('1.2.3')),
        ...rest,
      ],
    ],
    ['no serial number', ([version, , ...rest]) => [version!, ...rest]],
    ['a field too many', (fields) => [...fields, encode.nullValue()]],
    [
      'an extension twice',
      (fields) => [
        ...fields.slice(0, -1),
        encode.explicit(
          3,
          encode.sequence(
            ...Der.read(fields.at(-1)!)
              .only()
              .list()
              .flatMap(({ whole }) => [whole, whole]),
          ),
        ),
      ],
    ],
    [
      'no extensions in the list',
      (fields) => [...fields.slice(0, -1), encode.explicit(3, encode.sequence())],
    ],
  ])('is refused with %s', (_, change) => {
    expect(() => Certificate.read(rebuilt(change))).toThrow();
  });

  it('is refused with something behind, and read back as it was', () => {
    expect(() => Certificate.read(Buffer.concat([sound.bytes, Buffer.of(0)]))).toThrow('left over');
    expect(Certificate.read(rebuilt((fields) => fields)).equals(sound)).toBe(true);
    expect(() => Certificate.read(Buffer.alloc(5 << 20))).toThrow('size');
    expect(sound.der.tag).toBe(tags.sequence);
  });
});
