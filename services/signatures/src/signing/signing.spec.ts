import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  authorityEnded,
  type Caller,
  certificates,
  documentSigned,
  incomingSignable,
  type PreparedSigning,
  signing,
  signingChanged,
  type Wanted,
} from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { CmsSigner, LocalKey } from '@eoffice/signing/cms/sign-cms';
import { textLinesOf } from '@eoffice/signing/pdf/content/text-items';
import { PdfFile } from '@eoffice/signing/pdf/reader/pdf-file';
import { signPdf } from '@eoffice/signing/pdf/sign/sign-pdf';
import { examinePdf } from '@eoffice/signing/pdf/verify/examine';
import { ecKeys, issue, rsaKeys, signWith } from '@eoffice/signing/testing/authority';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { requireProgram } from '@eoffice/testing/programs';
import { type Registered, SigningOffice } from '@eoffice/testing/signing-office';
import { buffer } from 'node:stream/consumers';
import { SignaturesModule } from '../signatures.module.js';

const run = promisify(execFile);
const sha256Of = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const bare = (text: string) => text.replace(/\s/g, '');

describe('signing', () => {
  let house: House;
  let office: SigningOffice;
  let leaders: Registered;
  let agencys: Registered;
  let folder: string;
  const client = () => house.client(signing);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eoffice-signing-'));
    house = await House.open();
    await house.start('signatures', SignaturesModule);
    office = await SigningOffice.open(house);
    leaders = await office.certificateFor('leader');
    agencys = await office.certificateFor('agency', { keys: rsaKeys() });
    await office.addStamper('/tsa', 1, 20);
  });
  afterAll(async () => {
    await office?.close();
    await house.close();
    await rm(folder, { recursive: true, force: true });
  });

  const stored = async (sha256: string) =>
    buffer(await new LocalFileStore(house.filesFolder).open(sha256));
  const prepare = (documentId: string, more: Partial<Wanted & { certificateId: string }> = {}) =>
    eventually(() =>
      client().prepare(
        { kind: 'personal', documentId, certificateId: leaders.id, ...more },
        office.leader,
      ),
    );
  const seal = (documentId: string, caller = office.clerk, certificateId = agencys.id) =>
    client().prepare({ kind: 'agency', documentId, certificateId }, caller);
  /** What a key far away makes of the octets. */
  const madeBy = ({ keys }: Registered, { toBeSigned }: PreparedSigning) =>
    signWith(keys, Buffer.from(toBeSigned, 'base64')).toString('base64');
  const complete = (
    prepared: PreparedSigning,
    given: { signature?: string; cms?: string; ticket?: string },
    caller: Caller = office.leader,
    token = prepared.token,
  ) => client().complete({ id: prepared.id, token, ...given }, caller);
  const signed = async (prepared: PreparedSigning, by = leaders, caller = office.leader) =>
    complete(prepared, { signature: madeBy(by, prepared) }, caller);

  async function pdfsig(sha256: string) {
    const file = join(folder, `${sha256}.pdf`);
    await writeFile(file, await stored(sha256));
    const { stdout } = await run(requireProgram('pdfsig'), ['-nocert', file]);
    return {
      valid: stdout.match(/Signature is Valid\./g)?.length ?? 0,
      total: stdout.match(/ - Total document signed/g)?.length ?? 0,
    };
  }

  it('is prepared here, done by a key elsewhere, and completed with what it made', async () => {
    const { id, files, pdf } = await office.document();
    const prepared = await prepare(id);
    expect(prepared).toMatchObject({ digestAlgorithm: 'sha256' });
    const made = await signed(prepared);
    expect(made).toMatchObject({ state: 'signed', level: 'B-T', kind: 'personal' });
    expect(await pdfsig(made.sha256!)).toEqual({ valid: 1, total: 1 });
    const content = await stored(made.sha256!);
    expect(content.subarray(0, pdf.length).equals(pdf)).toBe(true);
    const told = await house.announced(documentSigned);
    expect(told.at(-1)!.data).toMatchObject({
      ...{ signatureId: made.id, draftId: id, kind: 'personal', rootSha256: files[0] },
      ...{ sha256: made.sha256, level: 'B-T' },
    });
    const file = await client().file({ id: made.id }, office.clerk);
    expect(file).toMatchObject({ sha256: made.sha256, name: '07-BC-SKHCN.pdf' });
  });

  it('goes on with the agency’s signature, by other hands, where the form wants it', async () => {
    const { id } = await office.document();
    await answerOn(id);
    expect(await problemOf(seal(id))).toBe('signatures/out-of-order');
    await signed(await prepare(id));
    expect(await problemOf(seal(id, office.leader))).toBe('forbidden');
    const { organisationId, people } = office.agency;
    const both = await house.as({
      ...{ personId: people.leader, organisationId },
      permissions: ['signatures.sign', 'signatures.seal'],
    });
    expect(await problemOf(seal(id, both))).toBe('signatures/not-the-signer');
    const made = await signed(await seal(id), agencys, office.clerk);
    expect(await pdfsig(made.sha256!)).toEqual({ valid: 2, total: 1 });
    const content = await stored(made.sha256!);
    const { signatures, findings } = examinePdf(content);
    expect(findings).toEqual([]);
    expect(signatures).toMatchObject([
      { sound: true, field: 'signer', reach: 'whole-revision' },
      { sound: true, field: 'agency', reach: 'whole-file' },
    ]);
    expect(await problemOf(seal(id))).toBe('signatures/out-of-order');
  });

  it('fills in number and date when the draft was signed before it was numbered', async () => {
    const draft = await office.document({ documentId: undefined, symbol: undefined });
    const { id, pdf: _, wanted, ...wish } = draft;
    const first = await signed(await prepare(id));
    expect(await problemOf(seal(id))).toBe('signatures/out-of-order');
    const documentId = crypto.randomUUID();
    const numbered = { ...wish, wanted, documentId, symbol: '08/BC-SKHCN', issuedOn: '2026-02-05' };
    await house.announce(signingChanged, id, numbered);
    const made = await signed(await eventually(() => seal(documentId)), agencys, office.clerk);
    const content = await stored(made.sha256!);
    const { signatures } = examinePdf(content);
    expect(signatures).toMatchObject([{ sound: true }, { sound: true, reach: 'whole-file' }]);
    expect(signatures[0]!.changes.map(({ code }) => code)).toContain('field-filled');
    const text = await run('pdftotext', ['-layout', join(folder, `${made.sha256}.pdf`), '-']).catch(
      async () => {
        await pdfsig(made.sha256!);
        return run('pdftotext', ['-layout', join(folder, `${made.sha256}.pdf`), '-']);
      },
    );
    expect(bare(text.stdout)).toContain('Số:08/BC-SKHCN');
    expect(bare(text.stdout)).toContain('ngày05tháng02năm2026');
    expect((await client().find({ id: first.id }, office.leader)).documentId).toBe(documentId);
  });

  it('takes a detached CMS, and a whole file with exactly one revision more', async () => {
    const one = await prepare((await office.document()).id);
    const signer = new CmsSigner({ certificate: leaders.certificate });
    const key = new LocalKey(leaders.keys.privateKey, signer);
    const digest = Buffer.from(one.documentDigest, 'base64');
    const cms = key.sign({ content: { digest } }).toString('base64');
    expect(await complete(one, { cms })).toMatchObject({ state: 'signed', level: 'B-T' });

    const { id } = await office.document();
    const other = await prepare(id);
    const given = await client().document({ id: other.id }, office.leader);
    expect(given.sha256).toBe(other.sha256);
    const base = await stored(other.sha256);
    const whole = async (from: Buffer, field = 'signer') => {
      const { increment } = await signPdf(from, { field, contentsBytes: 40_000 }, (hash) =>
        Promise.resolve(key.sign({ content: { digest: hash } })),
      );
      return Buffer.concat([from, increment]);
    };
    const send = async (file: Buffer) =>
      complete(other, { ticket: await house.ticketOf(file, 'application/pdf', office.leader) });
    const twice = await whole(await whole(base), 'another');
    expect(await problemOf(send(twice))).toBe('signatures/signature-refused');
    const cramped = await signPdf(base, { field: 'signer', contentsBytes: 8_000 }, (hash) =>
      Promise.resolve(key.sign({ content: { digest: hash } })),
    );
    expect(await problemOf(send(Buffer.concat([base, cramped.increment])))).toBe(
      'signatures/signature-refused',
    );
    const foreign = await whole((await office.document()).pdf);
    expect(await problemOf(send(foreign))).toBe('signatures/signature-refused');
    const changed = await whole(base);
    changed[base.length - 40]! ^= 1;
    expect(await problemOf(send(changed))).toBe('signatures/signature-refused');
    expect(await send(await whole(base))).toMatchObject({ state: 'signed', level: 'B-T' });
  });

  it('refuses tokens of others, used or wrong ones, and what another key made', async () => {
    const [one, two] = [
      await prepare((await office.document()).id),
      await prepare((await office.document()).id),
    ];
    const right = { signature: madeBy(leaders, one) };
    expect(await problemOf(complete(one, right, office.clerk))).toBe('not-found');
    expect(await problemOf(complete(one, right, office.leader, two.token))).toBe(
      'signatures/token-refused',
    );
    const refused = 'signatures/signature-refused';
    expect(await problemOf(complete(one, { signature: madeBy(agencys, one) }))).toBe(refused);
    expect(await problemOf(complete(one, { signature: madeBy(leaders, two) }))).toBe(refused);
    expect(await problemOf(complete(one, { cms: 'AAAA' }))).toBe(refused);
    const key = new LocalKey(leaders.keys.privateKey, new CmsSigner(leaders));
    const wrong = Buffer.from(two.documentDigest, 'base64');
    const cms = key.sign({ content: { digest: wrong } }).toString('base64');
    expect(await problemOf(complete(one, { cms }))).toBe(refused);
    expect(await problemOf(complete(one, {}))).toBe('invalid');
    expect(await problemOf(complete(one, { ...right, cms }))).toBe('invalid');
    expect(await complete(one, right)).toMatchObject({ state: 'signed' });
    expect(await problemOf(complete(one, right))).toBe('signatures/token-refused');
  });

  it('is completed once, however many try at the same time', async () => {
    const { id } = await office.document();
    const [one, two] = [await prepare(id), await prepare(id)];
    const tries = [one, one, two].map((each) => problemOf(signed(each)));
    const answers = await Promise.all(tries);
    expect(answers.filter((answer) => answer === 'none')).toHaveLength(1);
    const { items } = await client().list({ documentId: id }, office.clerk);
    expect(items.filter(({ state }) => state === 'signed')).toHaveLength(1);
  });

  it('is the signer’s alone, while they are entitled', async () => {
    const { head } = office.agency.people;
    const someone = await office.document({ signerId: head, signerName: 'Phạm Văn Dũng' });
    expect(await answerOn(someone.id)).toBe('signatures/not-the-signer');
    const authorityId = crypto.randomUUID();
    const delegated = { capacity: 'TUQ', authorityId, authorityUntil: localDay() } as const;
    const ended = await office.document({ ...delegated, authorityUntil: addDays(localDay(), -1) });
    expect(await answerOn(ended.id)).toBe('signatures/not-the-signer');
    const holds = await office.document(delegated);
    const prepared = await prepare(holds.id);
    const fact = { organisationId: office.agency.organisationId, personId: head };
    await house.announce(authorityEnded, authorityId, { authorityId, ...fact });
    await eventually(async () => {
      expect(await problemOf(prepareOnce(holds.id))).toBe('signatures/not-the-signer');
    });
    expect(await problemOf(signed(prepared))).toBe('signatures/not-the-signer');
    const { id, pdf: _, ...wish } = await office.document();
    const before = await prepare(id);
    await house.announce(signingChanged, id, { ...wish, wanted: false });
    await eventually(async () => {
      expect(await problemOf(prepareOnce(id))).toBe('signatures/out-of-order');
    });
    expect(await problemOf(signed(before))).toBe('signatures/out-of-order');
  });
  /** What the attempt is told, once the document is known. */
  const answerOn = (documentId: string) =>
    eventually(async () => {
      const answer = await problemOf(prepareOnce(documentId));
      if (answer === 'not-found') throw new Error('not known yet');
      return answer;
    });
  const prepareOnce = (documentId: string, certificateId = leaders.id) =>
    client().prepare({ kind: 'personal', documentId, certificateId }, office.leader);

  describe('refuses a certificate', () => {
    let documentId: string;
    beforeAll(async () => {
      documentId = (await office.document()).id;
      await prepare(documentId);
    });
    const refusal = 'signatures/certificate-refused';
    const subject = 'O=Sở Khoa học và Công nghệ,CN=Lê Đức Anh';

    it.each<[string, () => Promise<Registered>]>([
      ['of somebody else', async () => agencys],
      ['that has expired', () => office.certificateFor('leader', { to: '2026-01-01' })],
      ['that is not valid yet', () => office.certificateFor('leader', { from: '2039-01-01' })],
      [
        'of another name',
        () => office.certificateFor('leader', { subject: subject.replace('Lê', 'Lê Văn') }),
      ],
      [
        'of another agency',
        () => office.certificateFor('leader', { subject: 'O=Sở Nội vụ,CN=Lê Đức Anh' }),
      ],
      [
        'that states a position not held',
        () => office.certificateFor('leader', { subject: `${subject},2.5.4.12=Giám đốc` }),
      ],
      ['from an unknown authority', () => office.register('leader', issue({ subject }))],
      ['for encryption only', () => office.certificateFor('leader', { keyUsage: 4 })],
      ['with a weak key', () => office.certificateFor('leader', { keys: rsaKeys(1024) })],
      [
        'that its authority has revoked',
        async () => {
          const revoked = await office.certificateFor('leader');
          office.certifying.revoke(revoked);
          return revoked;
        },
      ],
      [
        'that is blocked here',
        async () => {
          const blocked = await office.certificateFor('leader');
          const reason = 'Mất thiết bị';
          await house.client(certificates).block({ id: blocked.id, reason }, office.officer);
          return blocked;
        },
      ],
    ])('%s', async (_, made) => {
      const { id } = await made();
      expect(await problemOf(prepareOnce(documentId, id))).toBe(refusal);
    });

    it('whose authority does not answer, or lies, but only until it does', async () => {
      for (const way of ['down', 'lying'] as const) {
        office.certifying.ocsp = way;
        expect(await problemOf(prepareOnce(documentId))).toBe('signatures/status-unknown');
      }
      office.certifying.ocsp = 'well';
      expect(await problemOf(prepareOnce(documentId))).toBe('none');
    });

    it('that is revoked between the two halves, and keeps nothing of it', async () => {
      const own = await office.certificateFor('leader', { keys: ecKeys('P-384', 'sha384') });
      const { id } = await office.document();
      const prepared = await prepare(id, { certificateId: own.id });
      office.certifying.revoke(own);
      expect(await problemOf(signed(prepared, own))).toBe(refusal);
      const row = await client().find({ id: prepared.id }, office.leader);
      expect(row).toMatchObject({ state: 'prepared' });
      expect(row.sha256).toBeUndefined();
    });
  });

  it('of a file that is no PDF is refused, and says so', async () => {
    const { id } = await office.document({}, Buffer.from('không phải PDF'));
    expect(await answerOn(id)).toBe('signatures/not-signable');
  });

  it('marks appendices and copies in the corner with what the form wants', async () => {
    const { pdf } = await office.document();
    const { organisationId: agencyId } = office.agency;
    const ticket = await house.ticketOf(pdf, 'application/pdf', office.clerk, 'ban-quet.pdf');
    const wanted = { kind: 'copy', ticket, agencyId, form: 'SAO Y' } as const;
    const input = { ...wanted, certificateId: agencys.id };
    expect(await problemOf(client().prepare(input, office.leader))).toBe('forbidden');
    const copy = await signed(await client().prepare(input, office.clerk), agencys, office.clerk);
    expect(await pdfsig(copy.sha256!)).toEqual({ valid: 1, total: 1 });
    const { stdout } = await run('pdftotext', [join(folder, `${copy.sha256}.pdf`), '-']);
    expect(stdout).toContain('SAO Y');
    expect(stdout).toContain('Sở Khoa học và Công nghệ');
    expect(stdout).toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00/);
    const { placement } = examinePdf(await stored(copy.sha256!)).signatures[0]!;
    expect(placement).toMatchObject({ page: 0 });
    expect(placement!.rectangle[2]).toBeGreaterThan(500);

    const documentId = crypto.randomUUID();
    const files = [{ sha256: sha256Of(pdf), size: pdf.length }];
    const received = { documentId, organisationId: agencyId, number: 12, year: 2026, files };
    await house.announce(incomingSignable, documentId, received);
    const stampIt = (caller: Caller) =>
      client().prepare({ kind: 'incoming', documentId, certificateId: agencys.id }, caller);
    const stamp = await eventually(() => stampIt(office.clerk));
    expect(await problemOf(stampIt(office.leader))).toBe('forbidden');
    const stamped = await signed(stamp, agencys, office.clerk);
    expect(await pdfsig(stamped.sha256!)).toEqual({ valid: 1, total: 1 });
    const shown = await run('pdftotext', [join(folder, `${stamped.sha256}.pdf`), '-']);
    expect(shown.stdout).toMatch(/ĐẾN\s+Số: 12\s+Ngày: \d\d\/\d\d\/20\d\d/);
    expect(await problemOf(stampIt(office.clerk))).toBe('signatures/out-of-order');

    const [main, appendix] = [await office.document(), (await office.document()).files[0]!];
    const { id: _, pdf: __, ...wish } = main;
    const both = [main.files[0]!, appendix];
    await house.announce(signingChanged, main.draftId, { ...wish, files: both });
    await signed(await prepare(main.id));
    const addition = await eventually(() =>
      client().prepare(
        { kind: 'appendix', documentId: main.id, sha256: appendix, certificateId: agencys.id },
        office.clerk,
      ),
    );
    const marked = await signed(addition, agencys, office.clerk);
    await pdfsig(marked.sha256!);
    const text = await run('pdftotext', [join(folder, `${marked.sha256}.pdf`), '-']);
    expect(text.stdout).toContain('07/BC-SKHCN');
    expect(
      textLinesOf(PdfFile.open(await readFile(join(folder, `${marked.sha256}.pdf`)))).length,
    ).toBeGreaterThan(3);
  });
});
