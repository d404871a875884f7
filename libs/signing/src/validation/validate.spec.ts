import { describe, expect, it } from '@jest/globals';
import { CmsSigner, LocalKey } from '../cms/sign-cms.js';
import { ecKeys, issue, rsaKeys } from '../testing/authority.js';
import { crl } from '../testing/revocation.js';
import { keyUsages } from '../x509/extensions.js';
import { diagnose } from './diagnose.js';
import type { Diagnostic } from './diagnostic.js';
import { messages } from './messages.js';
import type { ValidationPolicy } from './policy.js';
import { report } from './report.js';
import { authority, base64, policy, root, Signed, stamper, stampRoot } from './testing.js';

const party = issue({ issuer: authority, subject: 'CN=Văn thư' });
const tsa = stamper();
const crls = [crl(root), crl(authority)];
const now = '2026-06-15';
const shortLived = issue({ issuer: authority, from: '2026-01-01', to: '2026-12-31' });

function ask(facts: Diagnostic, at = now, wish: Partial<ValidationPolicy> = {}) {
  const [one] = report(facts, { ...policy, ...wish }, new Date(at)).signatures;
  return one!;
}

const verdict = (facts: Diagnostic, at = now, wish: Partial<ValidationPolicy> = {}) => {
  const { indication, subIndication, process } = ask(facts, at, wish);
  return [indication, subIndication ?? process];
};
const revoking = (at: string, reason?: number, wish = {}) =>
  crl(authority, { revoked: [{ certificate: party.certificate, at, reason }], ...wish });

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

describe('the process with time', () => {
  const stamped = (at: string) => Signed.by(party).stamped('signature', at, tsa);

  it('judges for the moment that the stamp proves', () => {
    const facts = stamped('2026-06-01').facts([crls[0]!, revoking('2026-06-02')]);
    expect(ask(facts)).toMatchObject({
      indication: 'TOTAL_PASSED',
      process: 'LTVM',
      bestSignatureTime: '2026-06-01T00:00:00.000Z',
      timeStamps: [{ indication: 'PASSED', kind: 'signature' }],
      steps: { basic: { subIndication: 'REVOKED_NO_POE' }, longTerm: { indication: 'PASSED' } },
    });
    expect(verdict(stamped('2026-06-03').facts([crls[0]!, revoking('2026-06-02')]))).toEqual([
      'INDETERMINATE',
      'REVOKED_NO_POE',
    ]);
    expect(verdict(stamped('2019-06-03').facts(crls))).toEqual(['TOTAL_FAILED', 'NOT_YET_VALID']);
  });

  it('needs data from about that moment, not from now', () => {
    const signed = Signed.by(shortLived).stamped('signature', '2026-06-01', tsa);
    const kept = [crl(root, { from: '2027-06-01', to: '2027-07-01' }), crls[1]!];
    expect(verdict(signed.facts(kept), '2027-06-15')).toEqual(['TOTAL_PASSED', 'LTVM']);
    expect(verdict(signed.facts([kept[0]!]), '2027-06-15')).toEqual(['INDETERMINATE', 'TRY_LATER']);
  });

  it('lets algorithms end after they were used', () => {
    const rsa = issue({ issuer: authority, keys: rsaKeys() });
    const signed = Signed.by(rsa).stamped('signature', '2026-06-01', tsa).facts(crls);
    const algorithms = policy.algorithms.map((rule) =>
      rule.name === 'rsa' ? { ...rule, until: new Date('2026-06-10') } : rule,
    );
    expect(verdict(signed, now, { algorithms })).toEqual(['TOTAL_PASSED', 'LTVM']);
    const early = algorithms.map((rule) =>
      rule.until ? { ...rule, until: new Date('2026-05-10') } : rule,
    );
    expect(verdict(signed, now, { algorithms: early })).toEqual([
      'INDETERMINATE',
      'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
    ]);
  });

  it('believes only stamps of trusted authorities, over this signature, for stamping', () => {
    const revoked = [crls[0]!, revoking('2026-06-02')];
    const stranger = Signed.by(party).stamped(
      'signature',
      '2026-06-01',
      stamper({ issuer: undefined }),
    );
    expect(ask(stranger.facts(revoked))).toMatchObject({
      subIndication: 'REVOKED_NO_POE',
      timeStamps: [{ indication: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' }],
    });
    const other = issue({ issuer: stampRoot });
    const wrong = Signed.by(party).stamped('signature', '2026-06-01', other);
    expect(ask(wrong.facts(revoked))).toMatchObject({
      subIndication: 'REVOKED_NO_POE',
      timeStamps: [{ subIndication: 'CHAIN_CONSTRAINTS_FAILURE' }],
    });
    const facts = stamped('2026-06-01').facts(revoked);
    facts.signatures[0]!.timeStamps[0]!.imprint = 'differs';
    expect(ask(facts)).toMatchObject({
      subIndication: 'REVOKED_NO_POE',
      timeStamps: [{ subIndication: 'HASH_FAILURE' }],
    });
  });

  it('knows that a stamp of the content came before the signature', () => {
    const facts = stamped('2026-06-03').facts([crls[0]!, revoking('2026-06-02')]);
    facts.signatures[0]!.timeStamps[0]!.kind = 'content';
    expect(verdict(facts)).toEqual(['TOTAL_FAILED', 'REVOKED']);
    const late = Signed.by(shortLived).stamped('signature', '2027-06-03', tsa).facts(crls);
    late.signatures[0]!.timeStamps[0]!.kind = 'content';
    expect(verdict(late, '2027-06-15')).toEqual(['TOTAL_FAILED', 'EXPIRED']);
    const twice = stamped('2026-06-03').stamped('signature', '2026-06-01', tsa).facts(crls);
    twice.signatures[0]!.timeStamps[0]!.kind = 'content';
    expect(verdict(twice)).toEqual(['INDETERMINATE', 'TIMESTAMP_ORDER_FAILURE']);
  });
});

describe('the process with archival data', () => {
  const soonGone = stamper({ from: '2026-01-01', to: '2026-12-31', subject: 'CN=TSA 2026' });
  const next = stamper({ from: '2026-01-01', to: '2029-12-31', subject: 'CN=TSA 2029' });
  // Signed on 20 May, its status said on 30 May, everything archived on 20 June.
  const longTerm = Signed.by(shortLived)
    .stamped('signature', '2026-05-20', soonGone)
    .withValues([authority, root], crls);
  const archived = longTerm.stamped('archive', '2026-06-20', next);
  const rootCrl = (year: number, revoked = {}) =>
    crl(root, { from: `${year}-12-01`, to: `${year + 1}-02-01`, ...revoked });
  const inJanuary = (year: number) => `${year}-01-15`;

  it('carries a signature over the end of everything it rested on', () => {
    const fresh = [rootCrl(2027)];
    expect(verdict(longTerm.facts(fresh), inJanuary(2028))).toEqual([
      'INDETERMINATE',
      'OUT_OF_BOUNDS_NOT_REVOKED',
    ]);
    expect(ask(archived.facts(fresh), inJanuary(2028))).toMatchObject({
      indication: 'TOTAL_PASSED',
      process: 'LTA',
      bestSignatureTime: '2026-05-20T00:00:00.000Z',
      timeStamps: [{ indication: 'PASSED' }, { indication: 'PASSED' }],
      steps: {
        longTerm: { subIndication: 'OUT_OF_BOUNDS_NOT_REVOKED' },
        archival: { indication: 'PASSED' },
      },
    });
    expect(report(archived.facts(fresh), policy, new Date(inJanuary(2028))).proofs).toMatchObject({
      [shortLived.certificate.fingerprint]: { time: '2026-06-20T00:00:00.000Z' },
      [crls[1]!.fingerprint]: { time: '2026-06-20T00:00:00.000Z' },
    });
  });

  it('asks that the status was said after the signature, and the authority is known to be good', () => {
    expect(verdict(archived.facts(), inJanuary(2028))[0]).toBe('INDETERMINATE');
    const tooEarly = Signed.by(shortLived)
      .stamped('signature', '2026-06-10', soonGone)
      .withValues([authority, root], crls)
      .stamped('archive', '2026-06-20', next);
    expect(verdict(tooEarly.facts([rootCrl(2027)]), inJanuary(2028))).toEqual([
      'INDETERMINATE',
      'OUT_OF_BOUNDS_NOT_REVOKED',
    ]);
  });

  it('ends when the last stamp ends, and goes on when it was renewed in time', () => {
    const fresh = [rootCrl(2030)];
    expect(verdict(archived.facts(fresh), inJanuary(2031))).toEqual([
      'INDETERMINATE',
      'OUT_OF_BOUNDS_NOT_REVOKED',
    ]);
    const renewed = archived.stamped('archive', '2029-06-01', tsa).facts(fresh);
    expect(ask(renewed, inJanuary(2031))).toMatchObject({
      indication: 'TOTAL_PASSED',
      process: 'LTA',
      bestSignatureTime: '2026-05-20T00:00:00.000Z',
    });
    const late = archived.stamped('archive', '2030-06-01', tsa).facts(fresh);
    expect(verdict(late, inJanuary(2031))[0]).toBe('INDETERMINATE');
  });

  it('outlives the revocation of an authority, if everything was proven before', () => {
    const revokedAt = (at: string) =>
      rootCrl(2027, { revoked: [{ certificate: authority.certificate, at, reason: 2 }] });
    expect(ask(archived.facts([revokedAt('2027-11-01')]), inJanuary(2028))).toMatchObject({
      indication: 'TOTAL_PASSED',
      process: 'LTA',
      steps: { basic: { subIndication: 'REVOKED_CA_NO_POE' } },
    });
    expect(verdict(archived.facts([revokedAt('2026-06-10')]), inJanuary(2028))).toEqual([
      'INDETERMINATE',
      'REVOKED_CA_NO_POE',
    ]);
  });

  it('outlives the end of an algorithm, if it was used while it was allowed', () => {
    const facts = Signed.by(party)
      .stamped('signature', '2026-05-20', stamper({ keys: rsaKeys() }))
      .withValues([authority, root], crls)
      .stamped('archive', '2026-06-20', tsa)
      .facts([revoking('2026-06-25', 1, { from: '2026-06-26', to: '2026-07-26' })]);
    const rsaUntil = (until: string) =>
      policy.algorithms.map((rule) =>
        rule.name === 'rsa' ? { ...rule, until: new Date(until) } : rule,
      );
    const proven = (until: string) => ask(facts, '2026-06-28', { algorithms: rsaUntil(until) });
    expect(proven('2026-06-24')).toMatchObject({
      indication: 'TOTAL_PASSED',
      process: 'LTA',
      bestSignatureTime: '2026-05-20T00:00:00.000Z',
      steps: { longTerm: { subIndication: 'REVOKED_NO_POE' } },
    });
    // The stamp of the signature fell with its algorithm, that of the archive stands.
    expect(proven('2026-06-19')).toMatchObject({
      indication: 'TOTAL_PASSED',
      bestSignatureTime: '2026-06-20T00:00:00.000Z',
      timeStamps: [{ subIndication: 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE' }, {}],
    });
  });

  it('trusts no archive stamp whose data were changed', () => {
    const changed = archived.changed('<xades:CertificateValues', '<xades:CertificateValues Id="x"');
    expect(ask(changed.facts([rootCrl(2027)]), inJanuary(2028))).toMatchObject({
      indication: 'INDETERMINATE',
      timeStamps: [{}, { subIndication: 'HASH_FAILURE' }],
    });
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
