import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  books,
  type Caller,
  handling,
  incoming,
  incomingQuarantined,
  policies,
  registers,
  search,
  statistics,
} from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { localDay, localYear } from '@eoffice/platform/local-time';
import { readSheet } from '@eoffice/platform/sheets';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { docxOf, pdfOf } from '@eoffice/testing/files';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { ticketFor } from '@eoffice/testing/tokens';
import { extractText, getDocumentProxy } from 'unpdf';
import { DocumentsModule } from '../documents.module.js';

const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

describe('finding documents', () => {
  let house: House;
  let agency: Agency;
  let stranger: Agency;
  let bookId: string;
  let store: LocalFileStore;

  const register = async (abstract: string, more: object = {}, file?: [Buffer, string]) => {
    const { clerk } = agency.callers;
    const files = [];
    if (file) {
      const kept = await store.put(Readable.from([file[0]]), { maxBytes: 10_000_000 });
      files.push(await ticketFor({ ...kept, name: 'van-ban', mediaType: file[1] }, clerk));
    }
    const input = { bookId, author: 'Sở Nội vụ', abstract, files, ...more };
    return house.client(incoming).register(input as never, clerk);
  };
  const find = async (q: string, caller: Caller = agency.callers.clerk, more: object = {}) =>
    (await house.client(search).find({ q, ...more }, caller)).items;
  const found = (q: string, ...ids: string[]) =>
    eventually(async () =>
      expect((await find(q)).map(({ documentId }) => documentId)).toEqual(ids),
    );

  beforeAll(async () => {
    house = await House.open();
    store = new LocalFileStore(house.filesFolder);
    await house.start('documents', DocumentsModule);
    agency = await openAgency(house);
    stranger = await openAgency(house);
    const { organisationId } = agency;
    const book = { organisationId, direction: 'incoming' as const, year: localYear() };
    const open = () =>
      house
        .client(books)
        .open({ ...book, code: 'CHUNG', name: 'Sổ văn bản đến' }, agency.callers.clerk);
    bookId = (await eventually(open)).id;
  });
  afterAll(() => house.close());

  it('works with and without marks, whatever the form of Unicode, exact matches first', async () => {
    const first = await register('Kế hoạch phường 1 Bảo Lộc'.normalize('NFD'), {
      reference: '77/KH-X',
    });
    const second = await register('Ke hoach cho Bao Loc');
    await found('bao loc', second.id, first.id);
    await found('Bảo Lộc', first.id, second.id);
    await found('BẢO LỘC'.normalize('NFD'), first.id, second.id);
    await found('77/KH', first.id);
    await found('phường 1 bảo', first.id);
    await found('lộc bảo');
    await found('Bảo Lọc', second.id, first.id);
    expect((await find('bảo lộc'))[0]).toMatchObject({ exact: true, party: 'Sở Nội vụ' });
  });

  it('looks into PDF and Word files, page by page of results', async () => {
    const pdf = await register('Báo cáo một', {}, [
      await pdfOf('Diện tích chè Ô Long tại xã Lộc Tân'),
      'application/pdf',
    ]);
    const docx = await register('Báo cáo hai', {}, [
      docxOf('Diện tích cà phê', 'Hồ Đồng Nai'),
      word,
    ]);
    await found('chè ô long', pdf.id);
    await found('ca phe', docx.id);
    const page = await house
      .client(search)
      .find({ q: 'dien tich', limit: 1 }, agency.callers.clerk);
    const next = await house
      .client(search)
      .find({ q: 'dien tich', limit: 1, after: page.next }, agency.callers.clerk);
    expect([page.items[0]!.documentId, next.items[0]!.documentId]).toEqual([docx.id, pdf.id]);
  });

  it('survives files that are not what they seem', async () => {
    const broken = await register('Tệp hỏng thứ nhất', {}, [
      Buffer.from('%PDF-1.7 nothing'),
      'application/pdf',
    ]);
    const empty = await register('Tệp hỏng thứ hai', {}, [Buffer.from('PK'), word]);
    await found('tệp hỏng', empty.id, broken.id);
  });

  it('finds only what the searcher may read, also after a document has gone further', async () => {
    const { id } = await register('Tờ trình xin kinh phí tu bổ');
    await found('kinh phí tu bổ', id);
    const { official, leader } = agency.callers;
    expect(await find('kinh phí tu bổ', official)).toEqual([]);
    expect(await find('kinh phí tu bổ', stranger.callers.leader)).toEqual([]);
    const assignees = [{ personId: agency.people.official, role: 'lead' as const }];
    await house.client(handling).assign({ id, version: 1, assignees }, leader);
    await eventually(async () => expect(await find('kinh phi tu bo', official)).toHaveLength(1));
  });

  it('locks away a document with a mark of secrecy and tells of it', async () => {
    const pdf = await pdfOf('ỦY BAN NHÂN DÂN', 'TỐI MẬT', 'Kho đạn khu vực phía bắc');
    const { id } = await register('Văn bản thường', {}, [pdf, 'application/pdf']);
    const [event] = await house.announced(incomingQuarantined);
    expect(event!.data).toMatchObject({ documentId: id, reason: 'secrecy mark: top_secret' });
    const { clerk } = agency.callers;
    const shown = await house.client(incoming).find({ id }, clerk);
    expect(shown.quarantine).toBeTruthy();
    const { sha256 } = shown.files[0]!;
    expect(await problemOf(house.client(incoming).file({ id, sha256 }, clerk))).toBe('not-found');
    expect(await find('kho đạn')).toEqual([]);
  });

  it('refuses a search for nothing', async () => {
    expect(await problemOf(find('x'))).toBe('invalid');
    expect(await find("' :* & |")).toEqual([]);
  });

  it('prints the register in ten columns, as a table and as pages', async () => {
    const { clerk, official } = agency.callers;
    const client = house.client(registers);
    const whole = { id: bookId, kind: 'registration' as const };
    expect(await problemOf(client.export({ ...whole, format: 'xlsx' }, official))).toBe(
      'forbidden',
    );
    const { clerk: other } = stranger.callers;
    expect(await problemOf(client.export({ ...whole, format: 'xlsx' }, other))).toBe('not-found');
    const xlsx = await client.export({ ...whole, format: 'xlsx' }, clerk);
    expect(xlsx.name).toBe(`so-van-ban-den-${localYear()}.xlsx`);
    const content = await buffer(await store.open(xlsx.sha256));
    const rows = await readSheet(content, xlsx.mediaType, { maxRows: 100 });
    expect(rows[0]).toHaveLength(10);
    expect(rows[1]!.slice(1, 4)).toEqual(['1', 'Sở Nội vụ', '77/KH-X']);
    expect(rows.slice(1).map((row) => Number(row[1]))).toEqual(rows.slice(1).map((_, i) => i + 1));
    const pdf = await client.export({ ...whole, format: 'pdf', from: 1, to: 3 }, clerk);
    const pages = await buffer(await store.open(pdf.sha256));
    const { text } = await extractText(await getDocumentProxy(new Uint8Array(pages)));
    expect(text[0]!.normalize('NFC')).toContain('SỔ VĂN BẢN ĐẾN');
    expect(text[1]!.normalize('NFC')).toContain('phường 1 Bảo Lộc');
  });

  it('counts what units were given, and how long a document may take is a row', async () => {
    const { organisationId, unitId } = agency;
    const { leader, official } = agency.callers;
    const input = { organisationId, from: localDay(), to: localDay() };
    expect(await problemOf(house.client(statistics).show(input, official))).toBe('forbidden');
    expect(await problemOf(house.client(statistics).show(input, stranger.callers.leader))).toBe(
      'forbidden',
    );
    const shown = await house.client(statistics).show(input, leader);
    expect(shown.units).toEqual([
      {
        unitId,
        unit: 'Phòng Kinh tế',
        received: 1,
        doneInTime: 0,
        doneLate: 0,
        waiting: 1,
        late: 0,
      },
    ]);
    const administrator = await house.as({
      permissions: ['documents.keep-policies', 'documents.read'],
    });
    const policy = {
      organisationId,
      workingDays: 30,
      validFrom: '2020-01-01',
      legalBasis: 'Quy chế',
    };
    expect(
      await problemOf(house.client(policies).enact({ ...policy, workingHours: 3 }, administrator)),
    ).toBe('invalid');
    const enacted = await house.client(policies).enact(policy, administrator);
    expect((await house.client(policies).list({}, administrator)).items).toContainEqual(enacted);
  });
});
