import { hash, randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Caller,
  trust,
  type Validation,
  validationConcluded,
  validationPolicies,
  validations,
} from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { authority, leader } from '@eoffice/signing/pdf/testing/signers';
import { CmsSigner, LocalKey } from '@eoffice/signing/cms/sign-cms';
import { TooCostly } from '@eoffice/platform/threads';
import { issue, signWith } from '@eoffice/signing/testing/authority';
import { completeXmlSignature } from '@eoffice/signing/xml/sign/complete';
import { prepareXmlSignature } from '@eoffice/signing/xml/sign/prepare';
import { makePdf, onePage, stream } from '@eoffice/signing/pdf/testing/made-pdf';
import { pdfOf } from '@eoffice/testing/files';
import { House, problemOf } from '@eoffice/testing/house';
import { signAgain, signedPdf, tampered, trustOfSigners } from '@eoffice/testing/signed-files';
import { SignaturesModule } from '../signatures.module.js';
import { printedReport } from './printed-report.js';
import { Validators } from './validators.js';

describe('validation of what people upload', () => {
  let house: House;
  let asker: Caller;
  let keeper: Caller;
  let sound: Buffer;
  let kept: Validation;
  let validators: Validators;
  const client = () => house.client(validations);
  const validate = async (content: Buffer, policy?: string, name = 'van-ban.pdf') => {
    const ticket = await house.ticketOf(content, 'application/pdf', asker, name);
    return client().validate({ files: [ticket], policy }, asker);
  };

  beforeAll(async () => {
    house = await House.open();
    validators = (await house.start('signatures', SignaturesModule)).get(Validators);
    asker = await house.as({ permissions: [] });
    keeper = await house.as({
      permissions: ['signatures.keep-trust', 'signatures.keep-policies'],
      reach: 'all',
    });
    sound = await signedPdf(['QUYẾT ĐỊNH', 'Về việc tặng Bằng khen']);
  });
  afterAll(() => house.close());

  it('trusts nobody who was not entered', async () => {
    const { verdict, signatures } = await validate(sound);
    expect(verdict).toBe('INDETERMINATE');
    expect(signatures).toMatchObject([
      { indication: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' },
    ]);
    expect(signatures[0]!.signer!.list).toBeUndefined();
  });

  it('passes a sound signature, says who signed when, under which list, and announces it', async () => {
    for (const row of trustOfSigners('official-duty')) {
      await house.client(trust).addAnchor(row, keeper);
    }
    kept = await validate(sound);
    expect(kept).toMatchObject({
      ...{ verdict: 'TOTAL_PASSED', name: 'van-ban.pdf', size: sound.length, policy: 'general' },
      signatures: [
        {
          ...{ form: 'PAdES', level: 'LT', indication: 'TOTAL_PASSED', proven: true },
          message: { vi: 'Chữ ký số hợp lệ.', en: 'The signature is valid.' },
          signer: { name: 'Nguyễn Văn Ánh', list: 'official-duty' },
          timeStamps: [{ kind: 'signature', indication: 'PASSED' }],
        },
      ],
    });
    const told = await house.announced(validationConcluded, 2);
    expect(told.at(-1)!.data).toEqual({
      ...{ validationId: kept.id, sha256: kept.sha256, verdict: 'TOTAL_PASSED' },
      lists: ['official-duty'],
    });
  });

  it.each<[string, () => Buffer | Promise<Buffer>, string, string | undefined]>([
    ['what was changed after it', () => tampered(sound), 'TOTAL_FAILED', 'HASH_FAILURE'],
    [
      'a revision that adds to what was signed',
      () => Buffer.concat([sound, Buffer.from('% thêm\n')]),
      'TOTAL_FAILED',
      'FORMAT_FAILURE',
    ],
    [
      'a certificate that was revoked before',
      () => {
        const at = new Date(Date.now() - 30 * 86_400_000).toISOString();
        return signedPdf(['Văn bản'], { revoked: [{ certificate: leader.certificate, at }] });
      },
      'INDETERMINATE',
      'REVOKED_NO_POE',
    ],
    [
      'a signer nobody vouches for',
      () => signedPdf(['Văn bản'], { party: issue({ subject: 'CN=Kẻ lạ' }) }),
      'INDETERMINATE',
      'NO_CERTIFICATE_CHAIN_FOUND',
    ],
    [
      'a status that nobody knows',
      () => signedPdf(['Văn bản'], { lasting: false }),
      'INDETERMINATE',
      'TRY_LATER',
    ],
    [
      'one bad signature beside a good one',
      async () => signAgain(sound, { party: issue({ subject: 'CN=Kẻ lạ' }) }),
      'INDETERMINATE',
      undefined,
    ],
    ['a document without any', () => pdfOf('Công văn'), 'NO_SIGNATURE', undefined],
  ])('does not pass %s', async (_, make, verdict, subIndication) => {
    const found = await validate(await make());
    expect(found.verdict).toBe(verdict);
    if (subIndication) expect(found.signatures[0]).toMatchObject({ subIndication });
  });

  it.each<[string, () => Buffer | Promise<Buffer>]>([
    ['noise', () => randomBytes(10_000_000)],
    [
      'noise that says it is a PDF',
      () => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(10_000_000)]),
    ],
    ['XML whose elements never end', () => Buffer.from('<a>'.repeat(2_000_000))],
    ['XML with entities', () => Buffer.from('<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>')],
    ['lengths that lie', () => Buffer.from('3084ffffffff0000', 'hex')],
    [
      'a stream that unpacks to gigabytes',
      () => {
        const bomb = deflateSync(deflateSync(Buffer.alloc(200_000_000)));
        return makePdf(
          {
            ...onePage,
            4: stream(bomb, '/Filter[/FlateDecode/FlateDecode/FlateDecode]'),
          },
          { section: 'stream' },
        );
      },
    ],
    [
      'pages that are their own parents',
      () => makePdf({ ...onePage, 2: '<</Type/Pages/Kids[2 0 R]/Parent 2 0 R/Count 9>>' }),
    ],
  ])('answers soon to %s, and goes on', async (_, make) => {
    const content = await make();
    await validate(await pdfOf('Công văn'));
    const started = performance.now();
    const { verdict, problem } = await validate(content);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(['UNREADABLE', 'NO_SIGNATURE']).toContain(verdict);
    if (verdict === 'UNREADABLE') expect(problem!.vi).toMatch(/^(Tệp|Cấu trúc|Việc)/);
    expect((await validate(sound)).verdict).toBe('TOTAL_PASSED');
  });

  it('reads CMS with its content inside or beside, and XML', async () => {
    const { certificate, keys } = leader;
    const chain = [authority.certificate];
    const key = new LocalKey(keys.privateKey, new CmsSigner({ certificate, chain }));
    const content = Buffer.from('Công văn');
    const send = async (...octets: Uint8Array[]) => {
      const type = 'application/pkcs7-mime';
      const files = await Promise.all(
        octets.map((one) => house.ticketOf(Buffer.from(one), type, asker)),
      );
      const { verdict, signatures } = await client().validate({ files }, asker);
      const [{ form, subIndication } = {} as never] = signatures;
      return [verdict, form, subIndication];
    };
    const detached = key.sign({ content: { digest: hash('sha256', content, 'buffer') } });
    expect(await send(key.sign({ content, attached: true }))).toEqual([
      'INDETERMINATE',
      'CAdES',
      'TRY_LATER',
    ]);
    expect(await send(detached, content)).toEqual(['INDETERMINATE', 'CAdES', 'TRY_LATER']);
    expect(await send(detached)).toEqual(['INDETERMINATE', 'CAdES', 'SIGNED_DATA_NOT_FOUND']);
    const other = Buffer.from('Tờ trình');
    expect(await send(detached, other)).toEqual(['TOTAL_FAILED', 'CAdES', 'HASH_FAILURE']);
    const edxml = Buffer.from(
      '<edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016"/>',
    );
    expect(await send(edxml)).toEqual(['NO_SIGNATURE', undefined, undefined]);
    const prepared = prepareXmlSignature(edxml, {
      ...{ placement: { kind: 'enveloped' }, scheme: keys.scheme, certificate, chain },
      xades: { signingTime: new Date() },
    });
    const signed = completeXmlSignature(prepared, signWith(keys, prepared.toBeSigned));
    expect(await send(signed)).toEqual(['INDETERMINATE', 'XAdES', 'TRY_LATER']);
    const changed = Buffer.from(signed.toString().replace('2016"', '2016" a="b"'));
    expect(await send(changed)).toEqual(['TOTAL_FAILED', 'XAdES', 'HASH_FAILURE']);
  });

  it('ends a thread that costs more than it may, and begins another', async () => {
    const head = Buffer.from('%PDF-1.7\n');
    const document = new Uint8Array(Buffer.concat([head, randomBytes(20_000_000)]));
    const tight = { cpuMs: 10_000, wallMs: 1 };
    const input = { document, certificates: [] };
    await expect(validators.run('diagnose', input, tight)).rejects.toThrow(TooCostly);
    expect((await validate(sound)).verdict).toBe('TOTAL_PASSED');
  });

  it('judges the facts again, under another policy and as of another time', async () => {
    const unknown = client().replay({ id: kept.id, policy: 'khong-co' }, asker);
    expect(await problemOf(unknown)).toBe('signatures/no-such-policy');
    const strict = await client().replay({ id: kept.id, policy: 'strict' }, asker);
    expect(strict).toMatchObject({ verdict: 'TOTAL_PASSED', policy: 'strict', replayOf: kept.id });
    expect(strict.policyDigest).not.toBe(kept.policyDigest);
    const early = '2023-06-01T00:00:00Z' as unknown as Date;
    const before = await client().replay({ id: kept.id, at: early }, asker);
    expect(before.verdict).not.toBe('TOTAL_PASSED');
    const rules = (await house.client(validationPolicies).list({}, asker)).items.find(
      ({ name }) => name === 'strict',
    )!;
    const { id: _, validTo: __, ...rest } = rules;
    const without = rest.algorithms.filter(({ name }) => name !== 'sha256');
    const enacted = { ...rest, name: 'no-sha256', algorithms: without };
    expect(await problemOf(house.client(validationPolicies).enact(enacted, asker))).toBe(
      'forbidden',
    );
    await house.client(validationPolicies).enact(enacted, keeper);
    const weak = await client().replay({ id: kept.id, policy: 'no-sha256' }, asker);
    expect(weak).toMatchObject({
      verdict: 'INDETERMINATE',
      signatures: [{ subIndication: expect.stringContaining('CRYPTO_CONSTRAINTS_FAILURE') }],
    });
    const unreadable = await validate(Buffer.from('không phải'));
    expect(await problemOf(client().replay({ id: unreadable.id }, asker))).toBe(
      'signatures/nothing-to-replay',
    );
  });

  it('is read by who asked, page by page, and by nobody else', async () => {
    const stranger = await house.as({ permissions: ['signatures.read-validations'] });
    expect(await problemOf(client().find({ id: kept.id }, stranger))).toBe('not-found');
    expect(await client().find({ id: kept.id }, asker)).toEqual(kept);
    const first = await client().list({ limit: 3 }, asker);
    const second = await client().list({ limit: 3, after: first.next }, asker);
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
    expect((await client().list({}, stranger)).items).toEqual([]);
  });

  it('reports for programs and for people, the same each time', async () => {
    const store = new LocalFileStore(house.filesFolder);
    const print = (format: 'json' | 'xml' | 'pdf') =>
      client().print({ id: kept.id, format }, asker);
    const json = await print('json');
    expect(json).toEqual(await print('json'));
    const report = JSON.parse(await text(await store.open(json.sha256)));
    expect(report).toMatchObject({
      ...{ policy: 'general', policyDigest: kept.policyDigest, time: kept.at },
      signatures: [{ indication: 'TOTAL_PASSED' }],
    });
    const xml = await text(await store.open((await print('xml')).sha256));
    expect(xml).toContain('urn:etsi:019102:mainindication:total-passed');
    const pdf = await print('pdf');
    expect(pdf).toMatchObject({ mediaType: 'application/pdf' });
    const page = await buffer(await store.open(pdf.sha256));
    expect(page.subarray(0, 5).toString()).toBe('%PDF-');
    expect(page.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1);
    const { blocks } = printedReport(kept);
    expect(JSON.stringify(blocks)).toContain('PAdES B-LT: có dấu thời gian, kèm dữ liệu');
  });

  it('shows names without what is invisible or turns the direction', async () => {
    const party = issue({ subject: 'CN=Giám\u202e đốc\u0007', issuer: authority });
    const { signatures } = await validate(await signedPdf(['Văn bản'], { party }));
    expect(signatures[0]!.signer!.name).toBe('Giám đốc');
    expect(signatures[0]!.signer!.issuer).toBe(authority.certificate.subject.toString());
  });
});
