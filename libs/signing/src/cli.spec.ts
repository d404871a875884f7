import { spawn } from 'node:child_process';
import { sign } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import * as encode from './asn1/encode.js';
import { CmsSigner, LocalKey } from './cms/sign-cms.js';
import { grantedResponse, imprintElement } from './cms/time-stamp.js';
import { contentTypes } from './cms/oids.js';
import { extensions, keyPurposes } from './oids.js';
import {
  digest,
  ecKeys,
  generalName,
  issue,
  nameConstraints,
  type Party,
  rsaKeys,
  signWith,
  spkiOf,
} from './testing/authority.js';
import { pem } from './testing/openssl.js';
import { crl, ocspBytes } from './testing/revocation.js';
import type { SignatureScheme } from './x509/algorithms.js';

const program = fileURLToPath(new URL('../dist/src/cli.js', import.meta.url));

/** What the program answers to these lines, and how it ends. */
function ask(lines: (object | string)[], ...parameters: string[]) {
  const child = spawn(process.execPath, [program, ...parameters]);
  let output = '';
  child.stdout.on('data', (piece) => (output += piece));
  child.stdin.end(
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return new Promise<{ code: number | null; answers: Record<string, unknown>[] }>((resolve) =>
    child.on('close', (code) =>
      resolve({
        code,
        answers: output
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      }),
    ),
  );
}

const time = '2026-06-01T00:00:00Z';
const root = issue({ subject: 'CN=Root', ca: true });
const authority = issue({ subject: 'CN=CA', issuer: root, ca: true });
const target = issue({ issuer: authority });
const base64 = ({ certificate }: Party) => certificate.bytes.toString('base64');
const chain = {
  time,
  certificate: base64(target),
  certificates: [
    pem('CERTIFICATE', authority.certificate.bytes) + pem('CERTIFICATE', root.certificate.bytes),
  ],
  anchors: [base64(root)],
};
const crls = [crl(root), crl(authority)].map(({ bytes }) => bytes.toString('base64'));

describe('the program', () => {
  it('answers each line about paths, and names its reasons', async () => {
    const constraints = nameConstraints([], [generalName.directory(target.name)]);
    const { code, answers } = await ask(
      [
        { id: 1, ...chain },
        { id: 2, ...chain, time: '2050-01-01T00:00:00Z' },
        { id: 3, ...chain, crls },
        { id: 4, ...chain, crls: crls.slice(1) },
        { id: 5, ...chain, explicitPolicy: true },
        { id: 6, ...chain, certificate: 'MAA=' },
        {
          id: 7,
          ...chain,
          anchors: [
            {
              name: root.name.toString('base64'),
              key: root.certificate.spki.whole.toString('base64'),
            },
          ],
        },
        { id: 8, ...chain, revocation: 'required' },
        {
          id: 9,
          ...chain,
          certificates: ['MAA=', ...chain.certificates],
          identity: { dns: 'gov.vn' },
        },
        { id: 10, ...chain, crls: ['MAA='] },
        { id: 11, ...chain, ocsp: ['MAA='] },
        { id: 12, ...chain, nameConstraints: constraints.toString('base64') },
      ],
      'verify-path',
    );
    expect(code).toBe(0);
    expect(answers).toMatchObject([
      { id: 1, verdict: 'valid', reasons: [], path: [{ subject: 'CN=CA' }, {}], anchor: 'CN=Root' },
      {
        id: 2,
        verdict: 'invalid',
        reasons: expect.arrayContaining([expect.objectContaining({ code: 'expired' })]),
      },
      { id: 3, verdict: 'valid', statuses: [{ status: 'good' }, { status: 'good' }] },
      {
        id: 4,
        verdict: 'indeterminate',
        reasons: [{ code: 'revocation-unknown', rule: 'RFC 5280, 6.3.3' }],
      },
      { id: 5, verdict: 'invalid', reasons: [{ code: 'policy-required' }] },
      { id: 6, verdict: 'invalid', reasons: [{ code: 'malformed-certificate' }] },
      { id: 7, verdict: 'valid' },
      { id: 8, verdict: 'indeterminate' },
      {
        id: 9,
        verdict: 'invalid',
        reasons: [{ code: 'name-mismatch' }],
        skipped: [expect.stringContaining('certificates[0]')],
      },
      { id: 10, verdict: 'indeterminate', skipped: [expect.stringContaining('crls[0]')] },
      { id: 11, verdict: 'indeterminate', skipped: [expect.stringContaining('ocsp[0]')] },
      { id: 12, verdict: 'invalid', reasons: [{ code: 'name-constraints' }] },
    ]);
  });

  it('answers about OCSP, signatures and time stamps', async () => {
    const tsa = issue({
      issuer: root,
      extensions: {
        [extensions.extendedKeyUsage]: encode.sequence(encode.oid(keyPurposes.timeStamping)),
      },
      critical: { [extensions.extendedKeyUsage]: true },
    });
    const key = ({ certificate, keys }: Party) =>
      new LocalKey(keys.privateKey, new CmsSigner({ certificate }));
    const content = Buffer.from('content');
    const cms = key(target).sign({ content }).toString('base64');
    const info = encode.sequence(
      encode.integer(1),
      encode.oid('1.2.3'),
      imprintElement({ digest: 'sha256', hash: digest('sha256', content) }),
      encode.integer(5),
      encode.generalizedTime(new Date(time)),
    );
    const token = key(tsa).sign({
      content: info,
      attached: true,
      contentType: contentTypes.tstInfo,
    });
    const ocsp = ocspBytes({
      certificate: target.certificate,
      issuer: authority,
      status: { at: '2026-05-01' },
    });
    const data = content.toString('base64');
    const { answers } = await ask([
      { command: 'verify-path', ...chain, crls, ocsp: [ocsp.toString('base64')] },
      {
        command: 'verify-ocsp',
        ...chain,
        response: ocsp.toString('base64'),
        issuer: base64(authority),
      },
      { command: 'verify-cms', ...chain, cms, content: data, bound: true },
      { command: 'verify-cms', ...chain, cms, content: 'AAAA' },
      { command: 'verify-cms', ...chain, cms },
      { command: 'verify-cms', ...chain, cms: 'AAAA' },
      {
        command: 'verify-ts',
        anchors: chain.anchors,
        response: grantedResponse(token).toString('base64'),
        data,
      },
      {
        command: 'verify-ts',
        anchors: chain.anchors,
        token: token.toString('base64'),
        hash: { sha256: digest('sha256', content).toString('base64') },
        time,
      },
      {
        command: 'verify-ts',
        anchors: chain.anchors,
        token: token.toString('base64'),
        hash: { sha512: 'AAAA' },
      },
    ]);
    expect(answers).toMatchObject([
      { verdict: 'invalid', reasons: [{ code: 'revoked' }] },
      { verdict: 'valid', statuses: [{ status: 'revoked', serial: expect.any(String) }] },
      { verdict: 'valid', signers: [{ intact: true, path: { verdict: 'valid' } }] },
      { verdict: 'invalid', reasons: [{ code: 'digest-mismatch' }], signers: [{ intact: false }] },
      { verdict: 'indeterminate', reasons: [{ code: 'content-missing' }] },
      { verdict: 'invalid', reasons: [{ code: 'malformed-cms' }] },
      { verdict: 'valid', time: new Date(time).toISOString(), policy: '1.2.3' },
      { verdict: 'valid' },
      { verdict: 'invalid', reasons: [{ code: 'time-stamp-imprint' }] },
    ]);
  });

  it('answers about signatures and their keys alone', async () => {
    const content = Buffer.from('what was signed');
    const [keys, pss] = [ecKeys(), rsaKeys()];
    const text = (bytes: Buffer) => bytes.toString('base64');
    const signature = signWith(keys, content);
    const ecdsa = {
      command: 'verify-signature',
      key: text(spkiOf(keys.publicKey)),
      scheme: { kind: 'ecdsa', digest: 'sha256' },
      data: text(content),
      signature: text(signature),
    };
    const pair = sign('sha256', content, { key: keys.privateKey, dsaEncoding: 'ieee-p1363' });
    const scheme = { kind: 'rsa-pss', digest: 'sha256', saltLength: 20 };
    const masked = { ...scheme, maskDigest: 'sha256' } as SignatureScheme;
    const { answers } = await ask([
      ecdsa,
      { ...ecdsa, form: 'pair', signature: text(pair) },
      { ...ecdsa, signature: text(pair) },
      { ...ecdsa, key: undefined, certificate: base64(issue({ keys })) },
      { ...ecdsa, data: '' },
      { ...ecdsa, key: 'MAA=' },
      { ...ecdsa, algorithms: [{ name: 'sha256' }, { name: 'ec', bits: 384 }] },
      {
        ...ecdsa,
        key: text(spkiOf(pss.publicKey)),
        scheme,
        signature: text(signWith(pss, content, masked)),
      },
      { ...ecdsa, scheme: { kind: 'ecdsa', digest: 'sha2' } },
    ]);
    const refused = (code: string) => ({ verdict: 'invalid', reasons: [{ code }] });
    expect(answers).toMatchObject([
      { verdict: 'valid', reasons: [] },
      { verdict: 'valid' },
      refused('signature-invalid'),
      { verdict: 'valid' },
      refused('signature-invalid'),
      refused('malformed-key'),
      refused('algorithm-refused'),
      { verdict: 'valid' },
      { error: expect.stringContaining('digest: one of') },
    ]);
  });

  it('answers about documents of every kind', async () => {
    const { answers } = await ask([
      { command: 'verify-pdf', anchors: chain.anchors, pdf: 'AAAA' },
      { command: 'verify-xml', anchors: chain.anchors, xml: '<a/>' },
      {
        command: 'verify-xml',
        anchors: chain.anchors,
        xml: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
      },
    ]);
    expect(answers).toHaveLength(3);
    for (const answer of answers) {
      expect(answer).not.toHaveProperty('error');
      expect(answer['verdict']).not.toBe('valid');
    }
  });

  it('says what is wrong with a question, answers the next, and ends with 2', async () => {
    const { code, answers } = await ask([
      'no JSON',
      '[]',
      { id: 'x', command: 'sing' },
      { id: 'y', command: 'verify-path', anchors: [] },
      { command: 'verify-path', ...chain, profile: 'lax' },
      { command: 'verify-path', ...chain },
    ]);
    expect(code).toBe(2);
    expect(answers).toMatchObject([
      { error: expect.any(String) },
      { error: expect.any(String) },
      { id: 'x', error: expect.stringContaining('verify-path') },
      { id: 'y', error: 'certificate: is missing' },
      { error: 'profile: one of strict, path' },
      { verdict: 'valid' },
    ]);
    expect((await ask([], 'nothing')).code).toBe(2);
  });
});
