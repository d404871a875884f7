import { describe, expect, it } from '@jest/globals';
import * as encode from '../asn1/encode.js';
import { extensions, keyPurposes } from '../oids.js';
import { digest, issue, type Party } from '../testing/authority.js';
import { crl } from '../testing/revocation.js';
import { anchorOf } from '../x509/trust-anchor.js';
import { CmsSigner, LocalKey, timeStampAttribute } from './sign-cms.js';
import { SignedData } from './signed-data.js';
import { timeStampRequest, tokenOf } from './time-stamp.js';
import { answerTimeStampRequest } from './time-stamp-authority.js';
import { verifyCades } from './verify-cades.js';

const content = Buffer.from('content');
const root = issue({ subject: 'CN=Root', ca: true });
const one = issue({ issuer: root, to: '2026-12-31' });
const authority = issue({
  issuer: root,
  extensions: {
    [extensions.extendedKeyUsage]: encode.sequence(encode.oid(keyPurposes.timeStamping)),
  },
  critical: { [extensions.extendedKeyUsage]: true },
});
const keyOf = ({ certificate, keys }: Party) =>
  new LocalKey(keys.privateKey, new CmsSigner({ certificate }));

/** A token over the octets, for that moment. */
function stamp(octets: Uint8Array, time: string): Buffer {
  const request = timeStampRequest({
    imprint: { digest: 'sha256', hash: digest('sha256', octets) },
  });
  const options = { time: new Date(time), serial: Buffer.of(1), policy: '1.2.3' };
  return tokenOf(answerTimeStampRequest(request, keyOf(authority), options));
}

/** A signature with time stamps made at those moments, over it or over something else. */
function signedAt(moments: string[], over?: Buffer): SignedData {
  const prepared = new CmsSigner({ certificate: one.certificate }).prepare({ content });
  const signature = keyOf(one).signBytes(prepared.bytes);
  const stamps = moments.map((time) => timeStampAttribute(stamp(over ?? signature, time)));
  return SignedData.read(prepared.complete(signature, stamps));
}

function ask(signed: SignedData, time: string, revokedAt?: string) {
  const revoked = revokedAt ? [{ certificate: one.certificate, at: revokedAt }] : [];
  const keeps = encode.sequence(
    encode.oid(extensions.expiredCertsOnCrl),
    encode.octetString(encode.generalizedTime(new Date('2020-01-01'))),
  );
  const list = crl(root, { from: '2027-01-01', to: '2027-02-01', revoked, extensions: [keeps] });
  const [verdict] = verifyCades(signed, {
    content,
    anchors: [anchorOf(root.certificate)],
    requirements: { time: new Date(time) },
    ...(revokedAt !== undefined && { revocation: { crls: [list] } }),
    revocationOptions: { at: undefined },
    bound: true,
  });
  const { failures, moment, proved, timeStamps } = verdict!;
  return { codes: failures.map(({ code }) => code), moment, proved, stamps: timeStamps.length };
}

describe('a signature with time stamps', () => {
  it('is about the moment of asking without any', () => {
    const found = ask(signedAt([]), '2026-07-01');
    expect(found).toEqual({ codes: [], moment: new Date('2026-07-01'), proved: false, stamps: 0 });
    expect(ask(signedAt([]), '2027-01-15').codes).toEqual(['expired']);
  });
  it('is about the earliest moment that one proves', () => {
    const signed = signedAt(['2026-09-01', '2026-08-01']);
    const found = ask(signed, '2027-01-15');
    expect(found).toEqual({ codes: [], moment: new Date('2026-08-01'), proved: true, stamps: 2 });
  });
  it('is not harmed by what happened afterwards, but by what happened before', () => {
    const signed = signedAt(['2026-08-01']);
    expect(ask(signed, '2027-01-15', '2026-09-01').codes).toEqual([]);
    expect(ask(signed, '2027-01-15', '2026-07-01').codes).toEqual(['revoked']);
  });
  it('is proved by nothing that is over something else, or from later', () => {
    expect(ask(signedAt(['2026-08-01'], Buffer.from('other')), '2027-01-15')).toMatchObject({
      codes: ['expired'],
      proved: false,
    });
    expect(ask(signedAt(['2030-01-01']), '2026-07-01')).toMatchObject({ codes: [], proved: false });
  });
});
