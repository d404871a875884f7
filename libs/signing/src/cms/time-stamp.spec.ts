import { afterAll, describe, expect, it } from '@jest/globals';
import * as encode from '../asn1/encode.js';
import { extensions, keyPurposes } from '../oids.js';
import * as ca from '../testing/authority.js';
import { generalName, issue, type Party, type Wish } from '../testing/authority.js';
import { OpenSsl } from '../testing/openssl.js';
import { anchorOf } from '../x509/trust-anchor.js';
import { contentTypes } from './oids.js';
import { CmsSigner, LocalKey, timeStampAttribute } from './sign-cms.js';
import { SignedData } from './signed-data.js';
import { imprintElement, timeStampRequest, tokenOf } from './time-stamp.js';
import { answerTimeStampRequest } from './time-stamp-authority.js';
import { type TimeStampQuestion, verifyTimeStamp } from './verify-time-stamp.js';

const stamped = Buffer.from('what existed');
const root = issue({ subject: 'CN=Root', ca: true });
const purpose = (...oids: string[]) => encode.sequence(...oids.map(encode.oid));
const ssl = new OpenSsl();
afterAll(() => ssl.close());

const authorityWith = (value: Buffer | null, critical = true, more: Wish = {}): Party =>
  issue({
    issuer: root,
    extensions: { [extensions.extendedKeyUsage]: value, ...more.extensions },
    critical: { [extensions.extendedKeyUsage]: critical },
    ...more,
  });
const authority = authorityWith(purpose(keyPurposes.timeStamping));
const keyOf = ({ certificate, keys }: Party) =>
  new LocalKey(keys.privateKey, new CmsSigner({ certificate }));
const imprint = { digest: 'sha256' as const, hash: ca.digest('sha256', stamped) };
const options = {
  time: new Date('2026-06-01T01:02:03Z'),
  serial: Buffer.of(1, 2),
  policy: '1.2.3.4',
};

const question = (more: Partial<TimeStampQuestion> = {}): TimeStampQuestion => ({
  stamped,
  anchors: [anchorOf(root.certificate)],
  ...more,
});
const codesOf = (token: Buffer, more?: Partial<TimeStampQuestion>) =>
  verifyTimeStamp(token, question(more)).failures.map(({ code }) => code);
const stamp = (one = authority, nonce?: Buffer) =>
  tokenOf(
    answerTimeStampRequest(timeStampRequest({ imprint, nonce }), keyOf(one), {
      ...options,
      accuracySeconds: 1,
    }),
  );

/** A token of any TSTInfo. */
const tokenFor = (info: Buffer, one = authority, contentType: string = contentTypes.tstInfo) =>
  keyOf(one).sign({ content: info, attached: true, contentType });
const infoOf = (...tail: Buffer[]) =>
  encode.sequence(
    encode.integer(1),
    encode.oid('1.2.3.4'),
    imprintElement(imprint),
    encode.integer(7),
    encode.generalizedTime(options.time),
    ...tail,
  );

describe('a time stamp', () => {
  it('says when, within what, and by whom', () => {
    const { failures, info, signer } = verifyTimeStamp(stamp(), question());
    expect(failures).toEqual([]);
    expect(info).toMatchObject({ time: options.time, accuracyMs: 1000, policy: '1.2.3.4' });
    expect(signer!.certificate!.equals(authority.certificate)).toBe(true);
  });
  it('is for these octets, this nonce and this policy', () => {
    expect(codesOf(stamp(), { stamped: Buffer.from('other') })).toEqual(['time-stamp-imprint']);
    const nonce = Buffer.from('00f1e2d3', 'hex');
    expect(codesOf(stamp(authority, nonce), { nonce, policy: '1.2.3.4' })).toEqual([]);
    expect(codesOf(stamp(authority, nonce), { nonce: Buffer.of(1) })).toEqual(['time-stamp-nonce']);
    expect(codesOf(stamp(), { nonce })).toEqual(['time-stamp-nonce']);
    expect(codesOf(stamp(), { policy: '1.2.3.5' })).toEqual(['time-stamp-policy']);
  });
  it.each<[string, Party, string[]]>([
    ['no purpose', authorityWith(null), ['extended-key-usage', 'time-stamp-purpose']],
    [
      'a purpose that is not critical',
      authorityWith(purpose(keyPurposes.timeStamping), false),
      ['time-stamp-purpose'],
    ],
    [
      'more than that purpose',
      authorityWith(purpose(keyPurposes.timeStamping, keyPurposes.clientAuth)),
      ['time-stamp-purpose'],
    ],
    [
      'any purpose',
      authorityWith(purpose(keyPurposes.any)),
      ['extended-key-usage', 'time-stamp-purpose'],
    ],
    [
      'a certificate of later',
      authorityWith(purpose(keyPurposes.timeStamping), true, { from: '2026-07-01' }),
      ['not-yet-valid'],
    ],
    [
      'an unknown root',
      authorityWith(purpose(keyPurposes.timeStamping), true, { issuer: issue({ ca: true }) }),
      ['no-path'],
    ],
  ])('is refused from an authority with %s', (_, one, expected) => {
    expect(codesOf(stamp(one))).toEqual(expected);
  });
  it.each<[string, Buffer, string[]]>([
    ['no TSTInfo', tokenFor(infoOf(), authority, contentTypes.data), ['time-stamp-malformed']],
    ['something behind', tokenFor(infoOf(encode.oid('1.2'))), ['time-stamp-malformed']],
    [
      'an unknown critical extension',
      tokenFor(infoOf(encode.explicit(1, ca.extension('1.2.3', true, encode.nullValue())))),
      ['time-stamp-malformed'],
    ],
    [
      'another name',
      tokenFor(infoOf(encode.explicit(0, generalName.directory(ca.nameOf('CN=x'))))),
      ['time-stamp-malformed'],
    ],
    [
      'its own name',
      tokenFor(infoOf(encode.explicit(0, generalName.directory(authority.name)))),
      [],
    ],
    [
      'an accuracy of no range',
      tokenFor(infoOf(encode.sequence(encode.implicit(0, encode.integer(1000))))),
      ['time-stamp-malformed'],
    ],
  ])('with %s', (_, token, expected) => {
    expect(codesOf(token)).toEqual(expected);
  });
  it('by OpenSSL is one that we verify, and ours one that OpenSSL does', async () => {
    ssl.key('tsa.key', authority);
    ssl.certificates('tsa.pem', [authority.certificate]);
    ssl.certificates('root.pem', [root.certificate]);
    ssl.write('data', stamped);
    ssl.write('serial', '01\n');
    ssl.write(
      'tsa.cnf',
      [
        '[tsa]',
        'default_tsa = one',
        '[one]',
        'serial = serial',
        'signer_cert = tsa.pem',
        'signer_key = tsa.key',
        'signer_digest = sha256',
        'default_policy = 1.2.3.4',
        'digests = sha256',
        'accuracy = secs:1',
        'ordering = yes',
        'tsa_name = yes',
        'ess_cert_id_alg = sha256',
        '',
      ].join('\n'),
    );
    const nonce = Buffer.from('1122334455', 'hex');
    ssl.write('own.tsq', timeStampRequest({ imprint, nonce }));
    expect(
      await ssl.ask(
        'ts',
        '-reply',
        '-config',
        'tsa.cnf',
        '-section',
        'one',
        '-queryfile',
        'own.tsq',
        '-out',
        'reply.tsr',
      ),
    ).toMatchObject({ ok: true });
    const token = tokenOf(ssl.read('reply.tsr'));
    expect(codesOf(token, { nonce })).toEqual([]);
    expect(codesOf(token, { stamped: Buffer.from('x') })).toEqual(['time-stamp-imprint']);

    expect(
      await ssl.ask('ts', '-query', '-data', 'data', '-sha256', '-cert', '-out', 'their.tsq'),
    ).toMatchObject({ ok: true });
    ssl.write('our.tsr', answerTimeStampRequest(ssl.read('their.tsq'), keyOf(authority), options));
    expect(
      await ssl.ask(
        'ts',
        '-verify',
        '-queryfile',
        'their.tsq',
        '-in',
        'our.tsr',
        '-CAfile',
        'root.pem',
      ),
    ).toMatchObject({ ok: true });
  });
  it('refused by its authority says why', async () => {
    const refusal = encode.sequence(
      encode.sequence(encode.integer(2), encode.sequence(encode.utf8String('no such policy'))),
    );
    expect(() => tokenOf(refusal)).toThrow('status 2: no such policy');
  });
});

describe('a signature with a time stamp', () => {
  it('carries it, over the signature’s own octets', () => {
    const one = issue({ issuer: root });
    const key = keyOf(one);
    const prepared = new CmsSigner({ certificate: one.certificate }).prepare({ content: stamped });
    const signature = key.signBytes(prepared.bytes);
    const hash = ca.digest('sha256', signature);
    const reply = answerTimeStampRequest(
      timeStampRequest({ imprint: { digest: 'sha256', hash } }),
      keyOf(authority),
      options,
    );
    const cms = prepared.complete(signature, [timeStampAttribute(tokenOf(reply))]);
    const [signer] = SignedData.read(cms).signers;
    expect(signer!.timeStamps).toHaveLength(1);
    expect(codesOf(signer!.timeStamps[0]!, { stamped: signer!.signature })).toEqual([]);
    expect(codesOf(signer!.timeStamps[0]!)).toEqual(['time-stamp-imprint']);
  });
});

describe('every octet of a time stamp', () => {
  it('counts', () => {
    const token = stamp();
    for (let at = 0; at < token.length; at += 3) {
      const changed = Buffer.from(token);
      changed[at]! ^= 0x01;
      const { failures, info } = verifyTimeStamp(changed, question());
      if (failures.length === 0) expect(info!.time).toEqual(options.time);
    }
  });
});
