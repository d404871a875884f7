import { describe, expect, it } from '@jest/globals';
import { issue, rsaKeys } from '../testing/authority.js';
import { crl } from '../testing/revocation.js';
import { report } from './report.js';
import {
  ask,
  authority,
  crls,
  now,
  party,
  policy,
  revoking,
  root,
  shortLived,
  Signed,
  stamper,
  stampRoot,
  verdict,
} from './testing.js';

const tsa = stamper();

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
