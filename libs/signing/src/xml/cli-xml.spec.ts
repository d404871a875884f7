import { describe, expect, it } from '@jest/globals';
import { issue, rsaKeys, signWith } from '../testing/authority.js';
import { crl } from '../testing/revocation.js';
import { xmlCommands } from './cli-xml.js';

const root = issue({ subject: 'CN=Root', ca: true });
const party = issue({ issuer: root, keys: rsaKeys() });
const base64 = (octets: Uint8Array) => Buffer.from(octets).toString('base64');
const certificate = base64(party.certificate.bytes);
const anchors = [base64(root.certificate.bytes)];
const time = '2026-06-01T00:00:00Z';
const privateKey = party.keys.privateKey.export({ format: 'pem', type: 'pkcs8' });
const content = '<m:message xmlns:m="urn:m"><m:body Id="b1">chữ</m:body></m:message>';

const sign = async (input: object) =>
  (await xmlCommands['sign-xml']!({ ...input })) as Record<string, string>;
const verify = async (input: object) =>
  (await xmlCommands['verify-xml']!({ time, ...input })) as Record<string, never>;

describe('the commands about XML', () => {
  const xades = {
    signingTime: time,
    claimedRoles: ['KT. CHỦ TỊCH'],
    policy: { identifier: 'urn:oid:1.2.3', digest: 'sha256', value: base64(Buffer.alloc(32)) },
  };

  it('sign, and verify by key, by path and by neither', async () => {
    const { xml } = await sign({ content, certificate, privateKey, xades });
    expect(await verify({ xml, keys: [certificate], covering: 'root' })).toMatchObject({
      verdict: 'valid',
      covered: [{ path: '/m:message[1]', signedBy: [0] }],
    });
    expect(await verify({ xml })).toMatchObject({
      verdict: 'indeterminate',
      signatures: [
        {
          xades: { level: 'B', claimedRoles: ['KT. CHỦ TỊCH'] },
          signer: { subject: expect.any(String) },
        },
      ],
    });
    expect(await verify({ xml, anchors })).toMatchObject({
      verdict: 'valid',
      signatures: [{ path: { verdict: 'valid' } }],
    });
    expect(await verify({ xml, anchors, revocation: 'required' })).toMatchObject({
      verdict: 'indeterminate',
      reasons: [{ code: 'revocation-unknown' }],
    });
    const revoked = base64(
      crl(root, { revoked: [{ certificate: party.certificate, at: '2026-05-01' }] }).bytes,
    );
    expect(await verify({ xml, anchors, crls: [revoked] })).toMatchObject({
      verdict: 'invalid',
      reasons: [{ code: 'revoked' }],
    });
    expect(await verify({ xml, anchors: [certificate], keys: [] })).toMatchObject({
      verdict: 'invalid',
    });
  });

  it('sign in two steps, with the digest going elsewhere', async () => {
    const placement = {
      kind: 'detached',
      parts: [{ uri: 'a.pdf', octets: base64(Buffer.from('%PDF')), mediaType: 'application/pdf' }],
    };
    const first = (await sign({ certificate, placement })) as unknown as {
      prepared: { toBeSigned: string; digest: string };
    };
    expect(Buffer.from(first.prepared.digest, 'base64')).toHaveLength(32);
    const signature = base64(
      signWith(party.keys, Buffer.from(first.prepared.toBeSigned, 'base64')),
    );
    const { xml } = await sign({ prepared: first.prepared, signature });
    const detached = { 'a.pdf': base64(Buffer.from('%PDF')) };
    const key = base64(party.keys.publicKey.export({ format: 'der', type: 'spki' }));
    expect(await verify({ xml, keys: [key], detached })).toMatchObject({ verdict: 'valid' });
    expect(await verify({ xml, keys: [key] })).toMatchObject({
      verdict: 'invalid',
      reasons: [{ code: 'reference-refused' }],
    });
    expect(await sign({ prepared: first.prepared, signature: 'AAAA' })).toMatchObject({
      verdict: 'invalid',
    });
  });

  it('say what they cannot read, and refuse what was not asked right', async () => {
    expect(await verify({ xml: '<a>' })).toMatchObject({
      verdict: 'invalid',
      reasons: [{ code: 'malformed' }],
    });
    expect(await verify({ xml: '<a/>' })).toMatchObject({ reasons: [{ code: 'no-signature' }] });
    for (const input of [{}, { xml: '<a/>', covering: 7 }, { xml: '<a/>', keys: ['AAAA'] }]) {
      await expect(async () => verify(input)).rejects.toThrow();
    }
    await expect(async () =>
      sign({ content, certificate, placement: { kind: 'on top' } }),
    ).rejects.toThrow('placement');
  });
});
