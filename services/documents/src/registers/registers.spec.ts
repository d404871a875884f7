import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  books,
  drafts,
  handling,
  incoming,
  organisationChanged,
  outgoing,
  registers,
  upkeepOf,
} from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { addDays, localDay, localYear } from '@eoffice/platform/local-time';
import { readSheet } from '@eoffice/platform/sheets';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { organisation } from '@eoffice/testing/directory';
import { pdfOf } from '@eoffice/testing/files';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { Client } from 'pg';
import { extractText, getDocumentProxy } from 'unpdf';
import { DocumentsModule } from '../documents.module.js';

const day = localDay().split('-').reverse().join('/');

describe('registers of an agency', () => {
  let house: House;
  let agency: Agency;
  const bookIds: Record<string, string> = {};

  beforeAll(async () => {
    house = await House.open();
    await house.start('documents', DocumentsModule);
    agency = await openAgency(house);
    const open = (direction: 'incoming' | 'outgoing', code: string, name: string) =>
      eventually(async () => {
        const known = { organisationId: agency.organisationId, year: localYear() };
        const book = { ...known, direction, code, name };
        bookIds[`${direction} ${code}`] = (
          await house.client(books).open(book, agency.callers.clerk)
        ).id;
      });
    await open('incoming', 'CHUNG', 'Sổ văn bản đến');
    await open('outgoing', 'QĐ', 'Sổ quyết định');
    await open('outgoing', 'CV', 'Sổ công văn');
  });
  afterAll(() => house.close());

  const receive = (abstract: string, more: object = {}) => {
    const { clerk } = agency.callers;
    const letter = { author: 'Sở Nội vụ', urgency: 'none', medium: 'paper', secrecy: 'none' };
    const input = { ...letter, abstract, bookId: bookIds['incoming CHUNG'], ...more };
    return house.client(incoming).register(input as never, clerk);
  };
  const approved = async (more: object = {}) => {
    const { official, head, clerk, leader } = agency.callers;
    const pdf = await pdfOf('Kính gửi Sở Nội vụ');
    const files = [await house.ticketOf(pdf, 'application/pdf', official, 'tra-loi.pdf')];
    const content = { type: 'QĐ', abstract: 'Về việc khen thưởng', recipients: ['Sở Nội vụ'] };
    const signing = { signerId: agency.people.leader, capacity: 'head', urgency: 'none' };
    const input = { ...content, ...signing, unitId: agency.unitId, files, ...more };
    const { id } = await house.client(drafts).create(input as never, official);
    await house.client(drafts).checkContent({ id, version: 1 }, head);
    await house.client(drafts).checkFormat({ id, version: 2 }, clerk);
    return house.client(drafts).approve({ id, version: 3 }, leader);
  };
  const issue = async (code: string, more: object = {}) => {
    const { id, version } = await approved(more);
    const bookId = bookIds[`outgoing ${code}`]!;
    return house.client(drafts).issue({ id, version, bookId }, agency.callers.clerk);
  };
  const print = (format: 'xlsx' | 'pdf', book = 'incoming CHUNG') => {
    const input = { id: bookIds[book]!, kind: 'tracking' as const, format };
    return house.client(registers).export(input, agency.callers.clerk);
  };
  const contentOf = async (sha256: string) =>
    buffer(await new LocalFileStore(house.filesFolder).open(sha256));

  it('track in seven columns how incoming documents are settled', async () => {
    const { clerk, leader, official } = agency.callers;
    const facts = { reference: '77/KH-SNV', type: 'KH', documentDate: '2026-02-03' };
    const first = await receive('Kế hoạch biên chế', facts);
    await receive('Giấy mời họp');
    const late = await receive('Đôn đốc báo cáo');
    const { id } = first;
    const presented = { id, version: 1, leaderId: agency.people.leader };
    await house.client(handling).present(presented, clerk);
    const assignees = [{ personId: agency.people.official, role: 'lead' as const }];
    await house.client(handling).assign({ id, version: 2, assignees }, leader);
    const { items } = await house.client(handling).inbox({}, official);
    await house.client(handling).complete({ id: items[0]!.id }, official);
    const answer = await issue('CV', { type: 'CV', answers: [id] });
    const sql = new Client({ connectionString: house.database.urlAs('documents') });
    await sql.connect();
    await sql.query(`update documents.incoming_document set due_at = now() - interval '1 day'
      where id = '${late.id}'`);
    await sql.end();

    const file = await print('xlsx');
    expect(file.name).toBe(`so-theo-doi-giai-quyet-van-ban-den-${localYear()}.xlsx`);
    const rows = await readSheet(await contentOf(file.sha256), file.mediaType, { maxRows: 9 });
    expect(rows[0]).toEqual([
      'Số đến',
      'Tên loại, số và ký hiệu, ngày tháng và tác giả văn bản',
      'Đơn vị hoặc người nhận',
      'Thời hạn giải quyết',
      'Tiến độ giải quyết',
      'Số, ký hiệu văn bản trả lời',
      'Ghi chú',
    ]);
    expect(rows[1]).toEqual([
      ...['1', 'KH 77/KH-SNV, ngày 03/02/2026, Sở Nội vụ', "K'Brêm"],
      ...[expect.stringMatching(/^\d\d\/\d\d\/\d{4}$/), `Đã giải quyết ngày ${day}`],
      ...[answer.symbol, ''],
    ]);
    expect(rows[2]!.slice(0, 3)).toEqual(['2', 'Sở Nội vụ', '']);
    expect(rows.map((row) => row[4]).slice(2)).toEqual(['Chưa trình', 'Chưa trình, quá hạn']);
    const { items: steps } = await house.client(handling).steps({ id }, clerk);
    expect(steps.map(({ name }) => name)).toEqual([
      ...['Đăng ký', 'Trình lãnh đạo', 'Giao xử lý', 'Hoàn thành', 'Có văn bản trả lời'],
    ]);
  });

  it('are printed, and written down; outgoing documents are not tracked', async () => {
    const { sha256 } = await print('pdf');
    const pdf = await getDocumentProxy(new Uint8Array(await contentOf(sha256)));
    const { text } = await extractText(pdf);
    expect(text[0]!.normalize('NFC')).toContain('SỔ THEO DÕI GIẢI QUYẾT VĂN BẢN ĐẾN');
    expect(text[1]!.normalize('NFC')).toContain('(7)');
    expect(await problemOf(print('pdf', 'outgoing QĐ'))).toBe('invalid');
    const auditor = await house.as({ permissions: ['upkeep.audit'] });
    const stream = bookIds['incoming CHUNG']!;
    const { items } = await house.client(upkeepOf('documents')).journal({ stream }, auditor);
    expect(items[0]).toMatchObject({
      action: 'documents.registers.exported',
      data: { kind: 'tracking', format: 'pdf', rows: 3 },
    });
  });

  it('number side by side, and never give a symbol twice in a year', async () => {
    const one = await issue('QĐ');
    const two = await issue('CV', { type: 'CV' });
    expect([one.symbol, two.symbol]).toEqual(['01/QĐ-UBND', '02/UBND-KT']);
    expect((await issue('QĐ')).number).toBe(2);
    for (let number = 3; number <= 4; number++) await issue('CV', { type: 'CV' });

    const { id, version } = await approved({ type: 'CV' });
    const into = (code: string) => {
      const bookId = bookIds[`outgoing ${code}`]!;
      return house.client(drafts).issue({ id, version, bookId }, agency.callers.clerk);
    };
    await expect(into('QĐ')).rejects.toMatchObject({
      ...{ status: 409, type: 'documents/symbol-taken' },
      detail: { vi: expect.stringContaining('Số 03/UBND-KT đã cấp trong “Sổ công văn”') },
    });
    const book = { id: bookIds['outgoing QĐ']! };
    const { lastNumber } = await house.client(books).find(book, agency.callers.clerk);
    expect(lastNumber).toBe(2);
    expect((await into('CV')).symbol).toBe('05/UBND-KT');
    expect((await issue('QĐ')).symbol).toBe('03/QĐ-UBND');
  });

  it('write down who read a file, once for all the pieces a viewer asks for', async () => {
    const { clerk, leader } = agency.callers;
    const { id } = await issue('QĐ');
    const { files } = await house.client(outgoing).find({ id }, clerk);
    const { sha256 } = files[0]!;
    const read = (caller = clerk) => house.client(outgoing).file({ id, sha256 }, caller);
    for (let piece = 0; piece < 5; piece++) await read();
    await read(leader);
    const auditor = await house.as({ permissions: ['upkeep.audit'] });
    const { items } = await house.client(upkeepOf('documents')).journal({ stream: id }, auditor);
    const reads = items.filter(({ action }) => action === 'documents.file-read');
    expect(reads.map(({ actor }) => actor)).toEqual([leader.personId, clerk.personId]);
    expect(reads[0]).toMatchObject({ data: { sha256 } });
  });

  it('keep the names that things had, and forget a change that was called off', async () => {
    const { clerk } = agency.callers;
    const { unitId, organisationId } = agency;
    const sql = new Client({ connectionString: house.database.urlAs('documents') });
    await sql.connect();
    const versions = async () => {
      const text = 'select name from documents.known_organisation where organisation_id = $1';
      return (await sql.query<{ name: string }>(text, [unitId])).rows.map(({ name }) => name);
    };
    const later = organisation({
      ...{ organisationId: unitId, agencyId: organisationId, agency: false, symbol: 'MOI' },
      ...{ name: 'Phòng Mới', validFrom: addDays(localDay(), 1) },
    });
    await house.announce(organisationChanged, unitId, later);
    await eventually(async () => expect(await versions()).toHaveLength(2));
    const book = { id: bookIds['outgoing QĐ']!, kind: 'registration' as const };
    const file = await house.client(registers).export({ ...book, format: 'xlsx' }, clerk);
    const rows = await readSheet(await contentOf(file.sha256), file.mediaType, { maxRows: 20 });
    expect(new Set(rows.slice(1).map((row) => row[5]))).toEqual(new Set(['Phòng Kinh tế']));
    await house.announce(organisationChanged, unitId, { ...later, cancelled: true });
    await eventually(async () => expect(await versions()).toEqual(['Phòng Kinh tế']));
    await sql.end();
  });
});
