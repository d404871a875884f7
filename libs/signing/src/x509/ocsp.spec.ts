import { describe, expect, it } from '@jest/globals';
import * as encode from '../asn1/encode.js';
import { Der } from '../asn1/der.js';
import { extensions, keyPurposes } from '../oids.js';
import * as ca from '../testing/authority.js';
import { issue, type Party, type Wish } from '../testing/authority.js';
import { crl, ocsp, ocspBytes, type OcspWish } from '../testing/revocation.js';
import { ocspOids, ocspRequest, OcspResponse } from './ocsp.js';
import { Revocation, type RevocationMaterial, type RevocationOptions } from './revocation.js';
import { anchorOf } from './trust-anchor.js';
import { verifyOcsp } from './verify-ocsp.js';
import { verifyPath } from './verify-path.js';

const time = new Date('2026-06-01');
const root = issue({ subject: 'CN=Root', ca: true });
const target = issue({ issuer: root });

function ask(material: RevocationMaterial, options: RevocationOptions = {}, one = target) {
  const requirements = { time };
  return verifyPath(one.certificate, {
    certificates: [],
    anchors: [anchorOf(root.certificate)],
    requirements,
    revocation: new Revocation(material, requirements, options),
  });
}

const wish = (more: Partial<OcspWish> = {}): OcspWish => ({
  certificate: target.certificate,
  issuer: root,
  ...more,
});
const codes = (more: Partial<OcspWish>, options?: RevocationOptions, extra?: RevocationMaterial) =>
  ask({ ...extra, ocsp: [ocsp(wish(more))] }, options).failures.map(({ code }) => code);
const unknown = ['revocation-unknown'];

const responder = (more: Wish = {}, issuer: Party | undefined = root): Party =>
  issue({
    issuer,
    ...more,
    extensions: {
      [extensions.extendedKeyUsage]: encode.sequence(encode.oid(keyPurposes.ocspSigning)),
      [extensions.ocspNoCheck]: encode.nullValue(),
      ...more.extensions,
    },
  });

describe('an OCSP response', () => {
  it.each<[string, Partial<OcspWish>, string[]]>([
    ['good', {}, []],
    ['good, by key', { by: 'key' }, []],
    ['good, hashed with SHA-256', { digest: 'sha256' }, []],
    ['revoked', { status: { at: '2026-05-01', reason: 1 } }, ['revoked']],
    ['unknown', { status: 'unknown' }, unknown],
    ['from long ago', { from: '1998-01-01', producedAt: '1998-01-01', to: '1998-01-02' }, unknown],
    [
      'from long ago, without an end',
      { from: '1998-01-01', producedAt: '1998-01-01', to: null },
      unknown,
    ],
    ['of today, without an end', { to: null }, []],
    ['from later', { from: '2026-06-01T00:06:00Z', producedAt: '2026-06-01T00:06:00Z' }, unknown],
    ['that ended', { to: '2026-05-31T23:59:59Z' }, unknown],
    ['newer than its signature', { producedAt: '2026-05-30' }, unknown],
    ['about another certificate', { certificate: issue({ issuer: root }).certificate }, unknown],
    [
      'about the same number of another issuer',
      { issuer: issue({ ca: true }), responder: root },
      unknown,
    ],
  ])('%s', (_, more, expected) => {
    expect(codes(more)).toEqual(expected);
  });

  it('with an unknown critical extension is not used', () => {
    const critical = [ca.extension('1.3.6.1.4.1.99999.1', true, encode.nullValue())];
    expect(codes({ extensions: critical })).toEqual(unknown);
    expect(codes({ singleExtensions: critical })).toEqual(unknown);
  });

  it('that says revoked outweighs one that says good', () => {
    const both = [ocsp(wish()), ocsp(wish({ status: { at: '2026-05-01' } }))];
    expect(ask({ ocsp: both }).failures.map(({ code }) => code)).toEqual(['revoked']);
    const material = {
      ocsp: [ocsp(wish())],
      crls: [crl(root, { revoked: [{ certificate: target.certificate }] })],
    };
    expect(ask(material).failures.map(({ code }) => code)).toEqual(['revoked']);
  });

  it('must repeat the nonce that was sent', () => {
    const nonce = Buffer.from('0123456789abcdef');
    expect(codes({ nonce }, { nonce })).toEqual([]);
    expect(codes({}, { nonce })).toEqual(unknown);
    expect(codes({ nonce: Buffer.from('another') }, { nonce })).toEqual(unknown);
  });

  it('after the certificate expired counts only within the archive', () => {
    const old = issue({ issuer: root, to: '2026-05-01' });
    const asked = (more: Partial<OcspWish>) => {
      const requirements = { time: new Date('2026-04-01') };
      return verifyPath(old.certificate, {
        certificates: [],
        anchors: [anchorOf(root.certificate)],
        requirements,
        revocation: new Revocation(
          { ocsp: [ocsp(wish({ certificate: old.certificate, ...more }))] },
          requirements,
          { at: time },
        ),
      }).valid;
    };
    const cutoff = (text: string) => [
      ca.extension(ocspOids.archiveCutoff, false, encode.generalizedTime(new Date(text))),
    ];
    expect(asked({})).toBe(false);
    expect(asked({ singleExtensions: cutoff('2026-05-02') })).toBe(false);
    expect(asked({ singleExtensions: cutoff('2020-01-01') })).toBe(true);
  });
});

describe('its responder', () => {
  it.each<[string, Party, string[]]>([
    ['delegated by the issuer', responder(), []],
    [
      'without the purpose',
      responder({ extensions: { [extensions.extendedKeyUsage]: null } }),
      unknown,
    ],
    [
      'of another purpose',
      responder({
        extensions: {
          [extensions.extendedKeyUsage]: encode.sequence(encode.oid(keyPurposes.timeStamping)),
        },
      }),
      unknown,
    ],
    [
      'of any purpose',
      responder({
        extensions: { [extensions.extendedKeyUsage]: encode.sequence(encode.oid(keyPurposes.any)) },
      }),
      unknown,
    ],
    ['expired', responder({ to: '2026-01-01' }), unknown],
    ['of another root', responder({}, issue({ subject: 'CN=Root', ca: true })), unknown],
    ['issued by itself', responder({ issuer: undefined }), unknown],
    ['issued one level below', responder({}, issue({ issuer: root, ca: true })), unknown],
    [
      'to be checked, without a CRL',
      responder({ extensions: { [extensions.ocspNoCheck]: null } }),
      unknown,
    ],
    ['for keys only', responder({ keyUsage: 1 << 2 }), unknown],
  ])('%s', (_, one, expected) => {
    expect(codes({ responder: one })).toEqual(expected);
    expect(codes({ responder: one, by: 'key' })).toEqual(expected);
  });

  it('is checked by CRL unless the issuer waives it', () => {
    const one = responder({ extensions: { [extensions.ocspNoCheck]: null } });
    const revoked = crl(root, {
      from: '2026-05-01',
      to: '2026-06-30',
      revoked: [{ certificate: one.certificate }],
    });
    expect(codes({ responder: one }, {}, { crls: [crl(root)] })).toEqual([]);
    const { statuses } = ask({ ocsp: [ocsp(wish({ responder: one }))], crls: [revoked] });
    expect(statuses).toMatchObject([{ status: 'good', source: { kind: 'crl' } }]);
  });

  it('may be left out of the response, if it is at hand', () => {
    const one = responder();
    const material = { certificates: [one.certificate] };
    expect(codes({ responder: one, certificates: [] })).toEqual(unknown);
    expect(codes({ responder: one, certificates: [] }, {}, material)).toEqual([]);
  });

  it('may be trusted by itself', () => {
    const one = issue({});
    expect(codes({ responder: one }, { trustedResponders: [one.certificate] })).toEqual([]);
    expect(codes({ responder: one }, { trustedResponders: [issue({}).certificate] })).toEqual(
      unknown,
    );
  });

  it('must have signed what it says', () => {
    const bytes = ocspBytes(wish({ status: 'unknown' }));
    const at = bytes.indexOf(Buffer.from('8200', 'hex'));
    bytes[at] = 0x80;
    expect(ask({ ocsp: [OcspResponse.read(bytes)] }).failures).toMatchObject([
      { detail: expect.stringContaining('signed by nobody known') },
    ]);
  });
});

describe('an OCSP response by itself', () => {
  const question = (issuer: Party, anchors = [root]) => ({
    issuer: issuer.certificate,
    anchors: anchors.map(({ certificate }) => anchorOf(certificate)),
    certificates: [],
    requirements: { time },
  });
  const found = (more: Partial<OcspWish>, issuer = root, anchors?: Party[]) => {
    const { failures, statuses } = verifyOcsp(ocsp(wish(more)), question(issuer, anchors));
    return [
      ...failures.map(({ code }) => code),
      ...statuses.map(({ found: { status } }) => status),
    ];
  };
  it('is sound without the certificate', () => {
    expect(found({})).toEqual(['good']);
    expect(found({ responder: responder() })).toEqual(['good']);
    expect(found({ status: 'unknown' })).toEqual(['unknown']);
    expect(found({ status: { at: '2026-01-01' } })).toEqual(['revoked']);
  });
  it('is not, for another issuer, another signer or another time', () => {
    const namesake = issue({ subject: 'CN=Root', ca: true });
    expect(found({}, namesake, [namesake])).toEqual(['revocation-unknown', 'unknown']);
    expect(found({}, namesake)).toEqual(['no-path', 'signature-invalid']);
    expect(found({ responder: issue({}) })).toEqual(['revocation-unknown', 'unknown']);
    expect(found({ to: '2026-05-31T13:00:00Z' })).toEqual(['revocation-unknown', 'unknown']);
  });
  it('may come from a responder that is not checked, if the caller says so', () => {
    const one = responder({ extensions: { [extensions.ocspNoCheck]: null } });
    expect(codes({ responder: one })).toEqual(unknown);
    expect(codes({ responder: one }, { unsafeUncheckedResponders: true })).toEqual([]);
    const revoked = { crls: [crl(root, { revoked: [{ certificate: one.certificate }] })] };
    expect(
      ask(
        { ...revoked, ocsp: [ocsp(wish({ responder: one, status: { at: '2026-05-01' } }))] },
        { unsafeUncheckedResponders: true },
      ).statuses,
    ).toMatchObject([{ status: 'good', source: { kind: 'crl' } }]);
  });
});

describe('an OCSP request', () => {
  it('names the certificate, and carries a nonce', () => {
    const nonce = Buffer.alloc(16, 7);
    const request = Der.read(ocspRequest(target.certificate, root.certificate.publicKey, nonce));
    expect(request.whole.includes(nonce)).toBe(true);
    expect(request.whole.includes(target.certificate.serial)).toBe(true);
  });
  it('is answered by an error without a response', () => {
    expect(() => OcspResponse.read(encode.sequence(encode.enumerated(6)))).toThrow('status 6');
  });
});
