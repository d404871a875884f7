import { beforeAll, describe, expect, it } from '@jest/globals';
import { joined } from '../pdf/sign/prepare.js';
import { signPdf, timestampPdf } from '../pdf/sign/sign-pdf.js';
import { addValidationData } from '../pdf/sign/validation-data.js';
import { makePdf, onePage } from '../pdf/testing/made-pdf.js';
import * as papers from '../pdf/testing/signers.js';
import { issue } from '../testing/authority.js';
import { crl } from '../testing/revocation.js';
import { attributeOf, elementsBelow, textOf } from '../xml/tree.js';
import { parseXml } from '../xml/parse.js';
import { validationCommands } from './cli-validation.js';
import { diagnose } from './diagnose.js';
import { report } from './report.js';
import { reportXml } from './report-xml.js';
import { authority, base64, policy, root, Signed, stamper } from './testing.js';

const crls = [crl(root), crl(authority)];
const party = issue({ issuer: authority, subject: 'CN=Văn thư & lưu trữ' });
const signed = Signed.by(party)
  .stamped('signature', '2026-05-20', stamper())
  .withValues([authority, root], crls)
  .stamped('archive', '2026-06-10', stamper());
const now = new Date('2026-06-15');

describe('the report of TS 119 102-2', () => {
  const facts = signed.facts();
  const xml = reportXml(report(facts, policy, now), facts);
  const document = parseXml(xml);
  const all = [...elementsBelow(document)];
  const texts = (name: string) =>
    all.filter(({ localName }) => localName === name).map((one) => textOf(one));

  it('says what the other report says', () => {
    expect(texts('MainIndication')).toEqual([
      'urn:etsi:019102:mainindication:total-passed',
      'urn:etsi:019102:mainindication:passed',
      'urn:etsi:019102:mainindication:passed',
    ]);
    expect(texts('SignatureValidationProcessID')).toEqual([
      'urn:etsi:019102:validationprocess:LTVM',
    ]);
    expect(texts('Signer')).toEqual(['CN=Văn thư & lưu trữ']);
    expect(texts('ValidationTime')).toEqual(['2026-06-15T00:00:00Z']);
    expect(texts('POETime')[0]).toBe('2026-05-20T00:00:00Z');
    expect(texts('TimeStampValue')).toEqual(['2026-05-20T00:00:00Z', '2026-06-10T00:00:00Z']);
    const failing = reportXml(report(signed.facts(), { ...policy, signers: [] }, now), facts);
    expect(failing).toContain('urn:etsi:019102:subindication:NO_CERTIFICATE_CHAIN_FOUND');
    expect(failing).toContain('danh sách tin cậy');
  });

  it('refers only to what it holds, once each', () => {
    const ids = all.flatMap((one) => attributeOf(one, 'id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const references = all.flatMap((one) => attributeOf(one, 'VOReference') ?? []);
    expect(references.length).toBeGreaterThan(5);
    for (const one of references) expect(ids).toContain(one);
  });

  it('keeps the order of its schema', () => {
    const [signature] = all.filter(({ localName }) => localName === 'SignatureValidationReport');
    const names = signature!.children.map((child) =>
      child.kind === 'element' ? child.localName : '',
    );
    expect(names).toEqual([
      'SignatureIdentifier',
      'ValidationConstraintsEvaluationReport',
      'ValidationTimeInfo',
      'SignersDocument',
      'SignatureAttributes',
      'SignerInformation',
      'SignatureValidationProcess',
      'SignatureValidationStatus',
    ]);
  });
});

describe('a PDF', () => {
  const { leader } = papers;
  const kept = [crl(papers.root), crl(papers.authority)];
  const asked = {
    ...policy,
    signers: [{ name: 'official-duty', anchors: [{ certificate: base64(papers.root) }] }],
    timeStamps: [{ name: 'time', anchors: [{ certificate: base64(papers.root) }] }],
  };
  let plain: Buffer;
  let stamped: Buffer;
  let stored: Buffer;
  let archived: Buffer;
  beforeAll(async () => {
    const pdf = makePdf(onePage);
    plain = joined(await signPdf(pdf, {}, papers.signerOf(leader)));
    stamped = joined(
      await signPdf(pdf, {}, papers.stampingSignerOf(leader, new Date('2026-05-20'))),
    );
    const data = {
      certificates: papers.chain.map(({ bytes }) => bytes),
      crls: kept.map(({ bytes }) => bytes),
      ocspResponses: [],
    };
    stored = joined(addValidationData(stamped, data));
    archived = joined(await timestampPdf(stored, {}, papers.stampAt(new Date('2026-06-10'))));
  });
  const ask = (pdf: Buffer, at: string, crls = kept) =>
    report(diagnose(pdf, { crls }), asked, new Date(at)).signatures[0]!;

  it('is validated with what it carries, and what it was stamped with', () => {
    expect(ask(plain, '2026-06-15')).toMatchObject({
      indication: 'TOTAL_PASSED',
      form: 'PAdES',
      process: 'Basic',
    });
    expect(ask(archived, '2026-06-15', [])).toMatchObject({
      indication: 'TOTAL_PASSED',
      process: 'LTVM',
      bestSignatureTime: '2026-05-20T00:00:00.000Z',
      timeStamps: [{ kind: 'signature' }, { kind: 'archive', indication: 'PASSED' }],
    });
    const fresh = crl(papers.root, { from: '2027-12-01', to: '2028-02-01' });
    const revoking = crl(papers.authority, {
      from: '2027-12-01',
      to: '2028-02-01',
      revoked: [{ certificate: leader.certificate, at: '2027-01-01' }],
    });
    expect(ask(archived, '2028-01-15', [fresh, revoking])).toMatchObject({
      indication: 'TOTAL_PASSED',
      bestSignatureTime: '2026-05-20T00:00:00.000Z',
    });
    expect(ask(plain, '2028-01-15', [fresh, revoking])).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'REVOKED_NO_POE',
    });
  });

  it('has the level that what is in the file makes', async () => {
    const level = (pdf: Buffer) => diagnose(pdf, { crls: kept }).signatures[0]!.level;
    expect([plain, stamped, stored, archived].map(level)).toEqual(['B', 'T', 'LT', 'LTA']);
    const data = { certificates: [], ocspResponses: [] };
    const [ofRoot, ofAuthority] = kept.map(({ bytes }) => bytes);
    // The status of the signer alone, or of its authority alone, is not that of the chain.
    for (const one of [ofRoot!, ofAuthority!]) {
      expect(level(joined(addValidationData(stamped, { ...data, crls: [one] })))).toBe('T');
    }
    const forger = issue({ subject: 'CN=CA,O=Cơ quan', issuer: papers.root, ca: true });
    const forged = [ofRoot!, crl(forger).bytes];
    expect(level(joined(addValidationData(stamped, { ...data, crls: forged })))).toBe('T');
    // A stamp before the data does not keep them.
    const early = joined(await timestampPdf(stamped, {}, papers.stampAt(new Date('2026-06-10'))));
    expect(level(early)).toBe('T');
    const late = { ...data, crls: [ofRoot!, ofAuthority!] };
    expect(level(joined(addValidationData(early, late)))).toBe('LT');
    expect(ask(archived, '2026-06-15', []).level).toBe('LTA');
    expect(ask(archived, '2028-01-15', []).level).toBe('LTA');
  });

  it('fails when it was changed', () => {
    const changed = Buffer.from(plain);
    changed[changed.indexOf('/Page') + 20]! ^= 1;
    expect(ask(changed, '2026-06-15').indication).toBe('TOTAL_FAILED');
  });
});

describe('the command', () => {
  const validate = (input: object) =>
    validationCommands['validate']!({ ...input }) as Record<string, never>;
  const anchors = [base64(root)];
  const question = {
    document: signed.xml.toString('base64'),
    time: now.toISOString(),
    anchors,
    policyDocument: { timeStamps: policy.timeStamps, revocation: policy.revocation },
    crls: crls.map(({ bytes }) => bytes.toString('base64')),
  };

  it('validates a document, and its facts once more under another policy', () => {
    const first = validate({ ...question, give: ['facts', 'xml'] });
    expect(first).toMatchObject({
      verdict: 'valid',
      signatures: [{ indication: 'TOTAL_PASSED' }],
      xml: expect.stringContaining('<ValidationReport'),
    });
    const again = { facts: first['facts'], time: question.time };
    expect(validate({ ...again, anchors, policyDocument: question.policyDocument })).toMatchObject({
      verdict: 'valid',
    });
    expect(validate({ ...again, anchors: [] })).toMatchObject({
      verdict: 'indeterminate',
      signatures: [{ subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' }],
    });
  });

  it('says what it cannot read', () => {
    for (const document of ['<a>', '%PDF-1.7', '0']) {
      expect(
        validate({ ...question, document: Buffer.from(document).toString('base64') }),
      ).toMatchObject({
        verdict: 'invalid',
        reasons: [{ code: 'unreadable' }],
      });
    }
    expect(
      validate({ ...question, document: Buffer.from('<a/>').toString('base64') }),
    ).toMatchObject({ verdict: 'invalid', signatures: [] });
    expect(() => validate({ ...question, facts: {} })).toThrow('facts');
  });
});
