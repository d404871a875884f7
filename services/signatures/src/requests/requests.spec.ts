import { buffer } from 'node:stream/consumers';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AskLine,
  type Caller,
  certificateRequests,
  certificateRequestSent,
  certificates,
  upkeepOf,
} from '@eoffice/contracts';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { LocalFileStore } from '@eoffice/platform/files';
import { readSheet, spreadsheet } from '@eoffice/platform/sheets';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { certificateOf } from '@eoffice/testing/certificates';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { startMail } from '@eoffice/testing/mail-service';
import type { ServiceProcess } from '@eoffice/testing/service-process';
import mammoth from 'mammoth';
import { extractText, getDocumentProxy } from 'unpdf';
import { SignaturesModule } from '../signatures.module.js';

describe('requests to the provider', () => {
  let house: House;
  let mail: ServiceProcess;
  let agency: Agency;
  let other: Agency;
  let officer: Caller;
  const client = () => house.client(certificateRequests);
  const person = (fields: AskLine['fields'] = {}): AskLine => ({
    ...{ form: '01', holderKind: 'person', holderId: agency.people.leader },
    fields: {
      ...{ fullName: 'Lê Đức Anh', personalId: '068123456789', idIssuedOn: '2021-05-01' },
      ...{ idIssuedBy: 'Cục CSQLHC về TTXH', email: 'anh.ld@lamdong.gov.vn', keyKind: 'token' },
      ...{ position: 'Chủ tịch', organisation: 'UBND phường', mobile: '0912345678', ...fields },
    },
  });
  const draft = (lines: AskLine[], caller = agency.callers.clerk) =>
    client().create({ agencyId: agency.organisationId, lines }, caller);
  const journalOf = async (stream: string) => {
    const auditor = await house.as({ permissions: ['upkeep.audit'] });
    const { items } = await house.client(upkeepOf('signatures')).journal({ stream }, auditor);
    return items.map(({ action }) => action);
  };

  beforeAll(async () => {
    house = await House.open();
    await house.start('signatures', SignaturesModule);
    mail = await startMail(house);
    [agency, other] = [await openAgency(house), await openAgency(house)];
    const permissions = ['signatures.read', 'signatures.manage', 'signatures.prepare'];
    officer = await house.as({ permissions, reach: 'bloc' });
    await eventually(async () => expect((await draft([person()])).state).toBe('draft'));
  });
  afterAll(async () => {
    await mail.kill();
    await house.close();
  });

  it('are made only by the managing agency, and only for its own people', async () => {
    expect(await problemOf(draft([person()], agency.callers.official))).toBe('forbidden');
    expect(await problemOf(draft([person()], other.callers.clerk))).toBe('forbidden');
    const stranger = { ...person(), holderId: randomUUID() };
    expect(await problemOf(draft([stranger]))).toBe('not-found');
    const wrong = { ...person(), form: '02' as const };
    expect(await problemOf(draft([wrong]))).toBe('invalid');
  });

  it('name every field that is missing or wrong before they go out, in both languages', async () => {
    const request = await draft([person({ personalId: '68', mobile: undefined })]);
    expect(request.lines[0]!.missing).toEqual(['personalId', 'mobile']);
    const { id, version } = request;
    await expect(client().send({ id, version }, agency.callers.clerk)).rejects.toMatchObject({
      type: 'signatures/form-incomplete',
      errors: [
        {
          pointer: '/lines/0/fields/personalId',
          detail: { vi: '“Số định danh cá nhân” không đúng dạng', en: expect.any(String) },
        },
        { pointer: '/lines/0/fields/mobile', detail: { en: '“Mobile phone” is missing' } },
      ],
    });
    const rewritten = await client().rewrite({ id, version, lines: [person()] }, officer);
    expect(rewritten).toMatchObject({ version: version + 1, lines: [{ missing: [] }] });
    expect(await problemOf(client().send({ id, version }, officer))).toBe('changed');
    const sent = await client().send({ id, version: version + 1 }, agency.callers.clerk);
    expect(sent).toMatchObject({ state: 'sent', lines: [{ state: 'requested' }] });
    // Three working days are never fewer than three days.
    expect(sent.dueOn! >= addDays(localDay(), 3)).toBe(true);
    await house.announced(certificateRequestSent);
    expect(await problemOf(client().send({ id, version: sent.version }, officer))).toBe(
      'signatures/out-of-order',
    );
  });

  it('do not go out with the address of a private provider, nor while nobody can tell', async () => {
    const email = '"vanthu@lamdong.gov.vn"@gmail.com';
    const lines = [person(), person({ email: 'anh@yahoo.com.vn' }), person({ email })];
    const { id, version } = await draft(lines);
    const send = () => client().send({ id, version }, officer);
    await expect(send()).rejects.toMatchObject({
      type: 'signatures/form-incomplete',
      errors: [
        {
          pointer: '/lines/1/fields/email',
          detail: { vi: '“anh@yahoo.com.vn” không phải thư công vụ: không dùng hộp thư riêng' },
        },
        { pointer: '/lines/2/fields/email' },
      ],
    });
    await mail.kill();
    expect(await problemOf(send())).toBe('unavailable');
    mail = await startMail(house);
    expect((await client().find({ id }, officer)).state).toBe('draft');
  });

  it('mask personal data, and show it in full to who may, with an entry in the journal', async () => {
    const { id, lines } = await draft([person()]);
    const [line] = lines;
    expect(line!.fields).toMatchObject({ personalId: '*********789', mobile: '*******678' });
    const input = { id, lineId: line!.id };
    expect(await problemOf(client().personalData(input, agency.callers.official))).toBe(
      'forbidden',
    );
    expect(await problemOf(client().personalData(input, other.callers.clerk))).toBe('not-found');
    expect(await client().personalData(input, agency.callers.clerk)).toEqual({
      ...{ personalId: '068123456789', mobile: '0912345678' },
    });
    expect(await journalOf(id)).toContain('signatures.requests.personal-data-read');
  });

  it('renew only a certificate with enough days left, by the numbers of the policy', async () => {
    const certificate = (days: number) =>
      house.client(certificates).register(
        {
          ...{ pem: certificateOf(`/CN=Còn ${days} ngày`, days).pem, holderKind: 'person' },
          ...{ holderId: agency.people.leader, agencyId: agency.organisationId, device: 'token' },
        },
        officer,
      );
    const renewal = ({ id, serial }: { id: string; serial: string }): AskLine => ({
      ...{ form: '04', holderKind: 'person', holderId: agency.people.leader, certificateId: id },
      fields: { name: 'Lê Đức Anh', certificateSerial: serial, change: 'renew', email: 'a@b.vn' },
    });
    const [late, early] = [await certificate(40), await certificate(70)];
    expect(await problemOf(draft([renewal(late)]))).toBe('signatures/not-renewable');
    expect((await draft([renewal(early)])).lines).toMatchObject([{ form: '04', missing: [] }]);
    expect(await problemOf(draft([{ ...renewal(early), certificateId: undefined }]))).toBe(
      'invalid',
    );
  });

  it('print in their forms as PDF and Word, and go out as rows', async () => {
    const agencyLine: AskLine = {
      ...{ form: '02', holderKind: 'agency', holderId: agency.organisationId },
      fields: { name: 'UBND phường <1> & "B\'Lao"', address: '1 Lê Lợi', province: 'Lâm Đồng' },
    };
    const { id, reference } = await draft([person(), agencyLine]);
    const content = async (format: 'pdf' | 'docx' | 'xlsx') => {
      const file = await client().export({ id, format }, agency.callers.clerk);
      const store = new LocalFileStore(house.filesFolder);
      return buffer(await store.open(file.sha256));
    };
    const pdf = await getDocumentProxy(new Uint8Array(await content('pdf')));
    const { text } = await extractText(pdf, { mergePages: true });
    const printed = text.normalize('NFC');
    expect(printed).toContain('068123456789');
    expect(printed).toContain('mẫu rút gọn, chưa xác nhận');
    const word = await mammoth.extractRawText({ buffer: await content('docx') });
    expect(word.value).toContain('UBND phường <1> & "B\'Lao"');
    expect(word.value).toContain('Mẫu 01. Văn bản đề nghị cấp mới');
    const rows = await readSheet(await content('xlsx'), spreadsheet, { maxRows: 10 });
    expect(rows[1]!.slice(0, 3)).toEqual([`${reference}/1`, '01', 'Lê Đức Anh']);
    expect(await problemOf(client().export({ id, format: 'pdf' }, other.callers.clerk))).toBe(
      'not-found',
    );
    const { items } = await client().list({ agencyId: agency.organisationId }, officer);
    expect(items[0]).toMatchObject({ reference, lines: 2, unanswered: 0, state: 'draft' });
    expect((await client().list({}, other.callers.clerk)).items).toEqual([]);
  });
});
