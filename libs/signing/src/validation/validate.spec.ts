import { describe, expect, it } from '@jest/globals';
import * as encode from '../asn1/encode.js';
import { CmsSigner, LocalKey } from '../cms/sign-cms.js';
import { extensions, keyPurposes } from '../oids.js';
import { ecKeys, issue } from '../testing/authority.js';
import { crl, ocsp, type OcspWish } from '../testing/revocation.js';
import { keyUsages } from '../x509/extensions.js';
import { diagnose } from './diagnose.js';
import { messages } from './messages.js';
import { report } from './report.js';
import {
  ask,
  authority,
  base64,
  crls,
  now,
  party,
  policy,
  revoking,
  root,
  shortLived,
  Signed,
  stampRoot,
  verdict,
} from './testing.js';

describe('the basic process', () => {
  it('passes a sound signature, and says under which list', () => {
    expect(ask(Signed.by(party).facts(crls))).toMatchObject({
      indication: 'TOTAL_PASSED',
      process: 'Basic',
      form: 'XAdES',
      level: 'B',
      claimedTime: '2026-06-01T00:00:00.000Z',
      bestSignatureTime: '2026-06-15T00:00:00.000Z',
      signer: {
        subject: 'CN=Văn thư',
        list: 'official-duty',
        anchor: root.certificate.fingerprint,
      },
      message: { vi: 'Chữ ký số hợp lệ.' },
    });
  });

  it.each<[string, Signed, unknown[]]>([
    [
      'another content',
      Signed.by(party).changed('Công văn', 'Tờ trình'),
      ['TOTAL_FAILED', 'HASH_FAILURE'],
    ],
    [
      'another value',
      Signed.by(party).changed(/(SignatureValue [^>]+>)..../, '$1AAAA'),
      ['TOTAL_FAILED', 'SIG_CRYPTO_FAILURE'],
    ],
    [
      'another target',
      Signed.by(party).changed('Target="#S', 'Target="#T'),
      ['TOTAL_FAILED', 'FORMAT_FAILURE'],
    ],
    [
      'no certificate',
      Signed.by(party).changed(/<ds:KeyInfo>.*<\/ds:KeyInfo>/, ''),
      ['INDETERMINATE', 'NO_SIGNING_CERTIFICATE_FOUND'],
    ],
    [
      'no signed certificate',
      Signed.by(party, [authority], true),
      ['INDETERMINATE', 'SIG_CONSTRAINTS_FAILURE'],
    ],
    [
      'an unknown authority',
      Signed.by(issue(), []),
      ['INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND'],
    ],
    ['a missing authority', Signed.by(party, []), ['INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND']],
    [
      'an issuer that is none',
      Signed.by(issue({ issuer: party }), [party, authority]),
      ['INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND'],
    ],
    [
      'a chain with a forged certificate',
      Signed.by({
        ...party,
        certificate: issue({ issuer: { ...authority, keys: ecKeys() }, keys: party.keys })
          .certificate,
      }),
      ['INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND'],
    ],
  ])('refuses %s', (_, signed, expected) => {
    expect(verdict(signed.facts(crls))).toEqual(expected);
  });

  it('asks for revocation data, and for fresh ones', () => {
    const facts = Signed.by(party).facts;
    const signed = Signed.by(party);
    expect(facts).toBeDefined();
    expect(verdict(signed.facts())).toEqual(['INDETERMINATE', 'TRY_LATER']);
    expect(verdict(signed.facts([crls[1]!]))).toEqual(['INDETERMINATE', 'TRY_LATER']);
    expect(verdict(signed.facts(crls), '2026-07-15')).toEqual(['INDETERMINATE', 'TRY_LATER']);
    const monthly = { required: true, maxAgeMs: 60 * 86_400_000 };
    const revocation = { ...policy.revocation, signer: monthly, authorities: monthly };
    expect(verdict(signed.facts(crls), '2026-07-15', { revocation })).toEqual([
      'TOTAL_PASSED',
      'Basic',
    ]);
    const none = {
      signer: { required: false },
      authorities: { required: false },
      timeStamps: { required: false },
    };
    expect(verdict(signed.facts(), now, { revocation: none })).toEqual(['TOTAL_PASSED', 'Basic']);
    // Data from after the moment of asking say nothing yet.
    expect(verdict(signed.facts(crls), '2026-05-15')).toEqual(['INDETERMINATE', 'TRY_LATER']);
  });

  it('knows revoked, on hold and expired certificates', () => {
    const signed = Signed.by(party);
    expect(ask(signed.facts([crls[0]!, revoking('2026-06-02', 1)]))).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'REVOKED_NO_POE',
      at: '2026-06-02T00:00:00.000Z',
      detail: 'keyCompromise',
      certificate: party.certificate.fingerprint,
    });
    expect(verdict(signed.facts([crls[0]!, revoking('2026-06-02', 6)]))).toEqual([
      'INDETERMINATE',
      'TRY_LATER',
    ]);
    const authorities = crl(root, {
      revoked: [{ certificate: authority.certificate, at: '2026-06-02' }],
    });
    expect(verdict(signed.facts([authorities, crls[1]!]))).toEqual([
      'INDETERMINATE',
      'REVOKED_CA_NO_POE',
    ]);
    const expired = Signed.by(shortLived);
    expect(verdict(expired.facts(), '2027-06-15')).toEqual([
      'INDETERMINATE',
      'OUT_OF_BOUNDS_NO_POE',
    ]);
    expect(verdict(expired.facts(crls), '2027-06-15')).toEqual([
      'INDETERMINATE',
      'OUT_OF_BOUNDS_NOT_REVOKED',
    ]);
    // A CRL from after the expiry has forgotten the certificate.
    const later = [
      crl(root, { from: '2027-06-01', to: '2027-07-01' }),
      crl(authority, { from: '2027-06-01', to: '2027-07-01' }),
    ];
    expect(verdict(expired.facts(later), '2027-06-15')).toEqual([
      'INDETERMINATE',
      'OUT_OF_BOUNDS_NO_POE',
    ]);
  });

  it('takes OCSP responses as well, while their responder is valid', () => {
    const responder = issue({
      issuer: authority,
      to: '2026-06-20',
      extensions: {
        [extensions.extendedKeyUsage]: encode.sequence(encode.oid(keyPurposes.ocspSigning)),
        [extensions.ocspNoCheck]: encode.nullValue(),
      },
    });
    const answer = (status: OcspWish['status']) =>
      ocsp({
        certificate: party.certificate,
        issuer: authority,
        responder,
        status,
        from: '2026-06-10',
        producedAt: '2026-06-10',
        to: '2026-07-10',
      });
    const facts = (status: OcspWish['status']) =>
      diagnose(Signed.by(party).xml, { crls: [crl(root)], ocsp: [answer(status)] });
    expect(verdict(facts('good'))).toEqual(['TOTAL_PASSED', 'Basic']);
    expect(verdict(facts('unknown'))).toEqual(['INDETERMINATE', 'TRY_LATER']);
    expect(verdict(facts({ at: '2026-06-09', reason: 1 }))).toEqual([
      'INDETERMINATE',
      'REVOKED_NO_POE',
    ]);
    expect(verdict(facts('good'), '2026-06-25')).toEqual([
      'INDETERMINATE',
      'REVOCATION_OUT_OF_BOUNDS_NO_POE',
    ]);
    expect(verdict(facts('good'), '2026-06-05')).toEqual(['INDETERMINATE', 'TRY_LATER']);
  });

  it('bounds how many signers it asks about', () => {
    const facts = Signed.by(party).facts(crls);
    const [one] = facts.signatures;
    const others = Array.from({ length: 30 }, () => issue({ issuer: authority }));
    for (const { certificate } of others) {
      facts.certificates[certificate.fingerprint] = certificate.bytes.toString('base64');
      const { fingerprint: signer } = certificate;
      facts.signatures.push({ ...one!, id: signer, signer });
    }
    const { signatures } = report(facts, policy, new Date(now));
    expect(signatures[0]!.indication).toBe('TOTAL_PASSED');
    expect(signatures.at(-1)).toMatchObject({
      subIndication: 'CERTIFICATE_CHAIN_GENERAL_FAILURE',
      detail: 'too many signers',
    });
  });

  it('asks for what the policy asks', () => {
    const signed = Signed.by(party).facts(crls);
    expect(verdict(signed, now, { signerPurposes: ['1.2.3.4'] })).toEqual([
      'TOTAL_PASSED',
      'Basic',
    ]);
    expect(verdict(signed, now, { signerKeyUsage: keyUsages.digitalSignature })[1]).toBe('Basic');
    const server = issue({ issuer: authority, keyUsage: keyUsages.keyEncipherment });
    expect(
      verdict(Signed.by(server).facts(crls), now, { signerKeyUsage: keyUsages.digitalSignature }),
    ).toEqual(['INDETERMINATE', 'CHAIN_CONSTRAINTS_FAILURE']);
    const algorithms = [{ name: 'sha256' as const }, { name: 'ec' as const, bits: 384 }];
    expect(verdict(signed, now, { algorithms })).toEqual([
      'INDETERMINATE',
      'CRYPTO_CONSTRAINTS_FAILURE',
    ]);
    const ended = policy.algorithms.map((rule) =>
      rule.name === 'ec' ? { ...rule, until: new Date('2026-06-10') } : rule,
    );
    expect(ask(signed, now, { algorithms: ended })).toMatchObject({
      subIndication: 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
      detail: 'ec 256',
      at: '2026-06-10T00:00:00.000Z',
    });
    expect(verdict(signed, now, { requires: ['claimed-time'] })).toEqual(['TOTAL_PASSED', 'Basic']);
    const named = { ...signed, signatures: [{ ...signed.signatures[0]!, policy: 'urn:oid:9' }] };
    expect(verdict(named, now, { signaturePolicies: ['urn:oid:1'] })).toEqual([
      'INDETERMINATE',
      'SIGNATURE_POLICY_NOT_AVAILABLE',
    ]);
  });

  it('is asked again under another policy from the same facts', () => {
    const facts = Signed.by(party).facts(crls);
    const others = [{ name: 'public', anchors: [{ certificate: base64(stampRoot) }] }];
    expect(verdict(facts, now, { signers: others })).toEqual([
      'INDETERMINATE',
      'NO_CERTIFICATE_CHAIN_FOUND',
    ]);
    const both = [...others, ...policy.signers];
    expect(ask(facts, now, { signers: both }).signer?.list).toBe('official-duty');
    const signers = [
      { name: 'official-duty', anchors: [{ certificate: base64(root), until: '2026-06-10' }] },
    ];
    expect(verdict(facts, now, { signers })).toEqual([
      'INDETERMINATE',
      'NO_CERTIFICATE_CHAIN_FOUND_NO_POE',
    ]);
    expect(verdict(facts, '2026-06-05', { signers })).toEqual(['TOTAL_PASSED', 'Basic']);
  });
});

describe('other documents', () => {
  const key = new LocalKey(
    party.keys.privateKey,
    new CmsSigner({ certificate: party.certificate, chain: [authority.certificate] }),
  );
  const content = Buffer.from('công văn');

  it('are validated the same: CMS, attached and detached', () => {
    const attached = key.sign({ content, attached: true });
    expect(ask(diagnose(attached, { crls }))).toMatchObject({
      indication: 'TOTAL_PASSED',
      form: 'CAdES',
      id: 'signer-1',
    });
    const detached = key.sign({ content });
    expect(verdict(diagnose(detached, { crls, content }))).toEqual(['TOTAL_PASSED', 'Basic']);
    expect(verdict(diagnose(detached, { crls }))).toEqual([
      'INDETERMINATE',
      'SIGNED_DATA_NOT_FOUND',
    ]);
    expect(verdict(diagnose(detached, { crls, content: Buffer.from('tờ trình') }))).toEqual([
      'TOTAL_FAILED',
      'HASH_FAILURE',
    ]);
  });
});

describe('messages', () => {
  it('are there for every sub-indication, in both languages, and differ', () => {
    const all = Object.values(messages);
    expect(all).toHaveLength(25);
    for (const { vi, en } of all) {
      expect(vi).toMatch(/^[^a-z].*\.$/);
      expect(en).toMatch(/^[A-Z].*\.$/);
    }
    expect(new Set(all.map(({ vi }) => vi)).size).toBe(all.length);
  });
});
