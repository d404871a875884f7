import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  books,
  type Caller,
  handling,
  incoming,
  incomingCompleted,
  incomingRegistered,
  type ListIncoming,
  upkeepOf,
} from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { localDay, localYear } from '@eoffice/platform/local-time';
import { spreadsheet, writeSheet } from '@eoffice/platform/sheets';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { ticketFor } from '@eoffice/testing/tokens';
import { DocumentsModule } from '../documents.module.js';

describe('incoming documents', () => {
  let house: House;
  let agency: Agency;
  let other: Agency;
  let bookId: string;
  const letter = {
    author: 'Sở Nội vụ',
    abstract: 'Về việc báo cáo nhân sự',
    urgency: 'urgent' as const,
  };
  const inbound = () => house.client(incoming);
  const work = () => house.client(handling);
  const register = (more: object = {}, caller?: Caller) =>
    inbound().register({ ...letter, bookId, ...more } as never, caller ?? agency.callers.clerk);

  beforeAll(async () => {
    house = await House.open();
    await house.start('documents', DocumentsModule);
    agency = await openAgency(house);
    other = await openAgency(house);
    const open = (organisationId: string, caller: Caller) =>
      eventually(() =>
        house.client(books).open(
          {
            organisationId,
            direction: 'incoming',
            year: localYear(),
            code: 'CHUNG',
            name: 'Sổ đến',
          },
          caller,
        ),
      );
    bookId = (await open(agency.organisationId, agency.callers.clerk)).id;
    await open(other.organisationId, other.callers.clerk);
  });
  afterAll(() => house.close());

  const upload = async (name: string, text: string, caller: Caller, mediaType = 'text/plain') => {
    const store = new LocalFileStore(house.filesFolder);
    const kept = await store.put(Readable.from([Buffer.from(text)]), { maxBytes: 10_000_000 });
    return ticketFor({ ...kept, name, mediaType }, caller);
  };

  it('are registered only by a clerk of the agency, and never when secret', async () => {
    expect(await problemOf(register({}, agency.callers.official))).toBe('forbidden');
    expect(await problemOf(register({}, other.callers.clerk))).toBe('forbidden');
    expect(await problemOf(register({ bookId: randomUUID() }))).toBe('not-found');
    expect(await problemOf(register({ secrecy: 'secret' }))).toBe('documents/secret');
    expect(await problemOf(register({ abstract: '' }))).toBe('invalid');
    const stolen = await upload('a.txt', 'x', agency.callers.official);
    expect(await problemOf(register({ files: [stolen] }))).toBe('forbidden');
  });

  it('get consecutive numbers and a deadline, whoever comes at the same instant', async () => {
    const given = await Promise.all(Array.from({ length: 30 }, () => register()));
    const numbers = given.map(({ number }) => number).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(given[0]).toMatchObject({
      state: 'registered',
      receivedOn: localDay(),
      year: localYear(),
    });
    expect(new Date(given[0]!.dueAt!).getTime()).toBeGreaterThan(Date.now());
    const facts = await house.announced(incomingRegistered, 30);
    expect(new Set(facts.map(({ data }) => data.number)).size).toBe(30);
  });

  it('give the same answer to the same key, and no second number', async () => {
    const again = await house.as({
      ...{ personId: agency.people.clerk, organisationId: agency.organisationId },
      ...{
        permissions: ['documents.register', 'documents.read', 'documents.read-all'],
        idempotencyKey: 'k1',
      },
    });
    const [one, two] = await Promise.all([register({}, again), register({}, again)]);
    expect(one).toEqual(two);
    expect((await register()).number).toBe(one.number + 1);
  });

  it('are kept though they look like one before, and the clerk is warned', async () => {
    const first = await register({ reference: '15/QĐ-SNV' });
    expect(first.duplicates).toEqual([]);
    const same = await register({ reference: 'Số: 15 / QD – SNV', author: 'SỞ NỘI VỤ' });
    expect(same.duplicates).toEqual([
      { documentId: first.id, number: first.number, receivedOn: localDay() },
    ]);
    expect((await register({ reference: '15/QĐ-SNV', author: 'Sở Tài chính' })).duplicates).toEqual(
      [],
    );
    const { clerk } = agency.callers;
    const copy = async () => register({ files: [await upload('b.txt', 'cùng nội dung', clerk)] });
    const { id } = await copy();
    expect((await copy()).duplicates.map(({ documentId }) => documentId)).toEqual([id]);
  });

  it('are shown to those they concern and to nobody else, page by page', async () => {
    const { clerk, leader, official } = agency.callers;
    const page = await inbound().list({ limit: 20 }, clerk);
    const next = await inbound().list({ limit: 20, after: page.next }, clerk);
    const seen = [...page.items, ...next.items].map(({ id }) => id);
    expect(new Set(seen).size).toBe(seen.length);
    expect(page.items[0]!.number).toBeGreaterThan(next.items[0]!.number);
    expect((await inbound().list({}, leader)).items).toHaveLength(
      50 > seen.length ? seen.length : 50,
    );
    expect((await inbound().list({}, official)).items).toEqual([]);
    expect((await inbound().list({}, other.callers.clerk)).items).toEqual([]);
    const { id } = page.items[0]!;
    expect(await problemOf(inbound().find({ id }, official))).toBe('not-found');
    expect(await problemOf(work().steps({ id }, other.callers.leader))).toBe('not-found');
  });

  it('go to a leader, a unit, a person and to their end; every step is kept', async () => {
    const { clerk, leader, head, official } = agency.callers;
    const { people, unitId } = agency;
    const { id } = await register({ abstract: 'Kế hoạch tưới chè' });
    const present = { id, version: 1, leaderId: people.leader };
    expect(await problemOf(work().present({ ...present, version: 7 }, clerk))).toBe('changed');
    expect(
      await problemOf(work().present({ ...present, leaderId: other.people.leader }, clerk)),
    ).toBe('invalid');
    expect(await problemOf(work().present(present, other.callers.clerk))).toBe('not-found');
    const presented = await work().present(present, clerk);
    expect(presented).toMatchObject({ state: 'presented', version: 2 });
    expect((await work().counts({}, leader)).waiting).toBe(1);

    const two = [
      { unitId, role: 'lead' as const },
      { personId: people.official, role: 'lead' as const },
    ];
    const assign = { id, version: 2, assignees: two, opinion: 'Giải quyết sớm' };
    expect(await problemOf(work().assign(assign, leader))).toBe('invalid');
    expect(await problemOf(work().assign(assign, official))).toBe('forbidden');
    two[1] = { personId: people.clerk, role: 'inform' as never };
    await work().assign({ ...assign, assignees: two }, leader);
    expect((await work().counts({}, leader)).waiting).toBe(0);

    const [task] = (await work().inbox({}, head)).items;
    expect(task).toMatchObject({
      documentId: id,
      role: 'lead',
      state: 'open',
      abstract: 'Kế hoạch tưới chè',
    });
    expect(await problemOf(work().complete({ id: task!.id }, official))).toBe(
      'documents/not-your-task',
    );
    await work().transfer(
      { id: task!.id, personId: people.official, note: 'Đồng chí xử lý' },
      head,
    );
    expect((await inbound().find({ id }, official)).abstract).toBe('Kế hoạch tưới chè');
    await work().opine({ id, text: 'Đã khảo sát' }, official);
    const [own] = (await work().inbox({ show: 'waiting' }, official)).items;
    expect(await work().complete({ id: own!.id, note: 'Xong' }, official)).toMatchObject({
      state: 'done',
    });
    expect(await problemOf(work().complete({ id: own!.id }, official))).toBe(
      'documents/not-in-this-state',
    );
    expect(await inbound().find({ id }, clerk)).toMatchObject({ state: 'completed' });
    for (const caller of [clerk, official]) {
      const ids = async (filter: ListIncoming) =>
        (await inbound().list(filter, caller)).items.map((document) => document.id);
      expect(await ids({ state: 'completed' })).toEqual([id]);
      expect(await ids({ state: 'registered' })).not.toContain(id);
      expect(await ids({ organisationId: agency.organisationId })).toContain(id);
      expect(await ids({ organisationId: other.organisationId })).toEqual([]);
    }
    await house.announced(incomingCompleted);
    const steps = (await work().steps({ id }, clerk)).items;
    expect(steps.map(({ kind }) => kind)).toEqual([
      'registered',
      'presented',
      'assigned',
      'assigned',
      'transferred',
      'opinion',
      'completed',
    ]);
    expect(steps[4]).toMatchObject({
      person: 'Phạm Văn Dũng',
      to: "K'Brêm",
      note: 'Đồng chí xử lý',
    });
    expect((await work().counts({}, official)).done).toBe(1);
  });

  it('come back with a reason, and a substitute acts with both names', async () => {
    const { clerk, leader } = agency.callers;
    const { people, organisationId, unitId } = agency;
    const { id } = await register();
    await work().present({ id, version: 1, leaderId: people.leader }, clerk);
    const assignees = [{ personId: people.official, role: 'lead' as const }];
    await work().assign({ id, version: 2, assignees }, leader);
    const standIn = await house.as({
      personId: people.head,
      positions: [
        {
          ...{
            postId: randomUUID(),
            unitId,
            organisationId,
            bloc: 'government',
            reach: 'organisation',
          },
          ...{ permissions: ['documents.read', 'documents.handle'], forPersonId: people.official },
        },
      ],
    });
    const [task] = (await work().inbox({}, standIn)).items.filter((each) => each.documentId === id);
    await work().returnTask({ id: task!.id, reason: 'Không đúng chức năng' }, standIn);
    expect(await inbound().find({ id }, clerk)).toMatchObject({ state: 'returned' });
    const last = (await work().steps({ id }, clerk)).items.at(-1);
    expect(last).toMatchObject({
      ...{
        kind: 'returned',
        person: 'Phạm Văn Dũng',
        forPerson: "K'Brêm",
        note: 'Không đúng chức năng',
      },
    });
    expect((await work().inbox({}, leader)).items[0]).toMatchObject({
      documentId: id,
      role: 'present',
    });
  });

  it('come in by the hundred from a table: a result for every row, numbers without a gap', async () => {
    const heading = ['Cơ quan ban hành', 'Số, ký hiệu', 'Ngày văn bản', 'Trích yếu', 'Độ khẩn'];
    const rows = Array.from({ length: 500 }, (_, index) => [
      `Sở ${index}`,
      `${index + 1}/BC-S`,
      '05/01/2026',
      index === 7 ? '' : `Báo cáo số ${index}`,
      index === 9 ? 'rất gấp' : 'Hỏa tốc',
    ]);
    const content = await writeSheet(
      'Văn bản',
      heading.map((text) => ({ heading: text })),
      rows,
    );
    const { clerk } = agency.callers;
    const store = new LocalFileStore(house.filesFolder);
    const kept = await store.put(Readable.from([content]), { maxBytes: 10_000_000 });
    const ticket = await ticketFor({ ...kept, name: 'so.xlsx', mediaType: spreadsheet }, clerk);
    const before = (await register()).number;
    const result = await inbound().registerMany({ bookId, ticket }, clerk);
    expect(result).toMatchObject({ registered: 498, refused: 2 });
    const problems = result.rows
      .filter(({ problem }) => problem)
      .map(({ row, problem }) => [row, problem]);
    expect(problems).toEqual([
      [9, expect.stringContaining('“Trích yếu”')],
      [
        11,
        expect.stringContaining('“Độ khẩn” phải là một trong: Thường, Khẩn, Thượng khẩn, Hỏa tốc'),
      ],
    ]);
    const numbers = result.rows.flatMap(({ number }) => number ?? []);
    expect(numbers).toEqual(Array.from({ length: 498 }, (_, index) => before + 1 + index));
    const { items } = await inbound().list({ limit: 100 }, clerk);
    expect(items.map(({ number }) => number)).toEqual(numbers.slice(-100).reverse());
  });

  it('leave a journal whose chain holds, and shows where it was touched', async () => {
    const auditor = await house.as({ permissions: ['upkeep.audit'] });
    const upkeep = house.client(upkeepOf('documents'));
    expect(await upkeep.verify({}, auditor)).toMatchObject({ intact: true, faults: [] });
  });
});
