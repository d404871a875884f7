import { beforeAll, describe, expect, it } from '@jest/globals';
import { Der } from '../../asn1/der.js';
import { crl } from '../../testing/revocation.js';
import { measure } from '../../testing/measure.js';
import { anchorOf } from '../../x509/trust-anchor.js';
import { verifyPdfCommand, signPdfCommand } from '../cli-pdf.js';
import { joined } from '../sign/prepare.js';
import { signPdf, timestampPdf } from '../sign/sign-pdf.js';
import { addValidationData } from '../sign/validation-data.js';
import { makePdf, onePage } from '../testing/made-pdf.js';
import {
  authority,
  chain,
  clerk,
  leader,
  root,
  signerOf,
  stampAt,
  stampingSignerOf,
} from '../testing/signers.js';
import { examinePdf } from './examine.js';
import { verifyPdf, type PdfQuestion } from './verify-pdf.js';

const signedAt = new Date('2026-06-01T03:00:00Z');
const stampedAt = new Date('2026-06-01T04:00:00Z');
const pdf = makePdf(onePage);
const crls = [crl(root), crl(authority)];
const revokedLater = crl(authority, {
  from: '2027-01-01',
  to: '2027-02-01',
  revoked: [{ certificate: leader.certificate, at: '2026-09-01' }],
});

/** Everything a later check needs, added and stamped: PAdES B-LTA. */
async function archived(signed: Buffer): Promise<Buffer> {
  const key = examinePdf(signed).signatures.at(-1)!.vriKey;
  const data = {
    certificates: chain.map(({ bytes }) => bytes),
    crls: crls.map(({ bytes }) => bytes),
    ocspResponses: [],
  };
  const stored = joined(addValidationData(signed, data, { bySignature: new Map([[key, data]]) }));
  return joined(await timestampPdf(stored, {}, stampAt(stampedAt)));
}

const question = (time: string, more: Partial<PdfQuestion> = {}): PdfQuestion => ({
  anchors: [anchorOf(root.certificate)],
  requirements: { time: new Date(time) },
  ...more,
});

describe('The verdict on a signed PDF', () => {
  let plain: Buffer;
  let stamped: Buffer;
  let kept: Buffer;
  beforeAll(async () => {
    plain = joined(await signPdf(pdf, {}, signerOf(leader)));
    stamped = joined(await signPdf(pdf, {}, stampingSignerOf(leader, signedAt)));
    kept = await archived(stamped);
  });

  it('reads a signature of indefinite length, and refuses what stands behind its end', async () => {
    const indefinite = (tail: string) =>
      signPdf(pdf, {}, async (...asked) => {
        const { content } = Der.read(await signerOf(leader)(...asked));
        return Buffer.concat([Buffer.of(0x30, 0x80), content, Buffer.from(tail, 'hex')]);
      });
    const verdictOn = async (tail: string) =>
      verifyPdf(joined(await indefinite(tail)), question('2026-06-02')).signatures[0]!;
    expect(await verdictOn('0000')).toMatchObject({ valid: true, failures: [] });
    expect((await verdictOn('000005')).facts.findings).toMatchObject([
      { code: 'contents-padding' },
    ]);
  });

  it('is about the moment of asking without a time stamp (B-B)', () => {
    const [one] = verifyPdf(plain, question('2030-01-01')).signatures;
    expect(one).toMatchObject({ valid: true, proved: false, moment: new Date('2030-01-01') });
    expect(verifyPdf(plain, question('2045-01-01')).signatures[0]!.failures).toContainEqual(
      expect.objectContaining({ code: 'expired' }),
    );
  });

  it('is about the moment that was stamped (B-T)', () => {
    const [one] = verifyPdf(stamped, question('2030-01-01')).signatures;
    expect(one).toMatchObject({ valid: true, proved: true, moment: signedAt });
  });

  it('rests on what was archived, and on fresh data for the last time stamp alone (B-LTA)', () => {
    const fresh = crl(authority, { from: '2034-12-31', to: '2035-02-01' });
    const target = { scope: 'target' } as const;
    const asked = question('2035-01-01', {
      revocation: { crls: [fresh] },
      revocationOptions: target,
    });
    const { signatures } = verifyPdf(kept, asked);
    expect(signatures).toMatchObject([
      { valid: true, proved: true, moment: signedAt, facts: { kind: 'signature' } },
      { valid: true, proved: true, moment: stampedAt, facts: { kind: 'timestamp' } },
    ]);
    expect(signatures[0]!.facts.changes.map(({ code }) => code)).toEqual([
      'validation-data-added',
      'timestamp-added',
    ]);
    const stale = verifyPdf(kept, { ...asked, revocation: {} }).signatures;
    expect(stale[1]!.failures).toContainEqual(
      expect.objectContaining({ code: 'revocation-unknown' }),
    );
  });

  it('is not harmed by a revocation after the stamped moment', () => {
    const asked = question('2027-01-15', { revocation: { crls: [revokedLater, crls[0]!] } });
    const later = { scope: 'target' } as const;
    expect(verifyPdf(stamped, { ...asked, revocationOptions: later }).signatures[0]!.valid).toBe(
      true,
    );
    const [unproved] = verifyPdf(plain, { ...asked, revocationOptions: later }).signatures;
    expect(unproved!.failures).toContainEqual(expect.objectContaining({ code: 'revoked' }));
  });

  it('is invalid when one byte was changed, wherever it is', () => {
    const at = plain.indexOf('100 dong');
    const forged = Buffer.from(plain);
    forged.write('900 dong', at, 'latin1');
    const [one] = verifyPdf(forged, question('2026-06-01')).signatures;
    expect(one).toMatchObject({ valid: false, facts: { sound: true } });
    expect(one!.failures).toMatchObject([{ code: 'digest-mismatch' }]);
  });

  it('refuses a CMS with anything but one signer', async () => {
    const forged = joined(
      await signPdf(pdf, {}, () => Promise.resolve(Buffer.from('3000', 'hex'))),
    );
    const [one] = verifyPdf(forged, question('2026-06-01')).signatures;
    expect(one!.valid).toBe(false);
  });

  it('answers a file of ten archived signatures in less than 150 ms', async () => {
    let file: Buffer = pdf;
    for (let count = 0; count < 5; count += 1) {
      const party = count % 2 === 0 ? leader : clerk;
      const next = joined(await signPdf(file, {}, stampingSignerOf(party, signedAt)));
      file = await archived(next);
    }
    const { signatures } = verifyPdf(file, question('2030-01-01', { revocation: {} }));
    expect(signatures).toHaveLength(10);
    expect(signatures.every(({ facts }) => facts.sound)).toBe(true);
    const asked = {
      ...{ pdf: file.toString('base64'), time: '2030-01-01', revocation: 'required' },
      anchors: [root.certificate.bytes.toString('base64')],
    };
    const rounds = Array.from({ length: 4 }, () => 'verify-pdf' as const);
    const { runs } = measure(JSON.stringify(asked), ...rounds);
    expect(runs.map(({ outcome }) => outcome)).toEqual(rounds.map(() => '10 signatures'));
    expect(Math.min(...runs.map(({ ms }) => ms))).toBeLessThan(150);
  });
});

describe('From the command line', () => {
  const inputs = {
    pdf: pdf.toString('base64'),
    certificate: leader.certificate.bytes.toString('base64'),
    chain: [authority.certificate.bytes.toString('base64')],
    key: leader.keys.privateKey.export({ format: 'pem', type: 'pkcs8' }),
  };
  const asked = {
    anchors: [root.certificate.bytes.toString('base64')],
    time: '2026-06-01T00:00:00Z',
  };

  it('signs and verifies', async () => {
    const signed = (await signPdfCommand({ ...inputs, reason: 'Phê duyệt' })) as { pdf: string };
    expect(await verifyPdfCommand({ ...asked, pdf: signed.pdf })).toMatchObject({
      verdict: 'valid',
      revisions: 2,
      signatures: [{ field: 'Signature1', reach: 'whole-file', claims: { reason: 'Phê duyệt' } }],
    });
    expect(await verifyPdfCommand({ ...asked, pdf: inputs.pdf })).toMatchObject({
      verdict: 'indeterminate',
      signatures: [],
    });
  });

  it('names what is wrong', async () => {
    expect(await verifyPdfCommand({ ...asked, pdf: 'AAAA' })).toEqual({
      verdict: 'invalid',
      reasons: [{ code: 'not-pdf', detail: 'The file is not a PDF' }],
    });
    await expect(verifyPdfCommand({ ...asked, file: '/no/such/file' })).rejects.toThrow('file:');
    await expect(signPdfCommand({ ...inputs, certify: 4 })).rejects.toThrow('certify:');
  });
});
