import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  books,
  type Caller,
  drafts,
  handling,
  incoming,
  outgoing,
  outgoingIssued,
} from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { localDay, localYear } from '@eoffice/platform/local-time';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { ticketFor } from '@eoffice/testing/tokens';
import { DocumentsModule } from '../documents.module.js';
import { dateLine } from '../rules/number-and-symbol.js';

describe('outgoing documents', () => {
  let house: House;
  let agency: Agency;
  let bookId: string;
  let inBookId: string;
  const flow = () => house.client(drafts);
  const issued = () => house.client(outgoing);

  beforeAll(async () => {
    house = await House.open();
    await house.start('documents', DocumentsModule);
    agency = await openAgency(house, { place: 'Bảo Lộc' });
    const open = (direction: 'incoming' | 'outgoing') =>
      eventually(() =>
        house.client(books).open(
          {
            organisationId: agency.organisationId,
            direction,
            year: localYear(),
            code: 'CHUNG',
            name: 'Sổ',
          },
          agency.callers.clerk,
        ),
      );
    bookId = (await open('outgoing')).id;
    inBookId = (await open('incoming')).id;
  });
  afterAll(() => house.close());

  const docx = 'text/plain';
  const ticket = async (text: string, caller: Caller, mediaType = docx) => {
    const store = new LocalFileStore(house.filesFolder);
    const kept = await store.put(Readable.from([Buffer.from(text)]), { maxBytes: 1_000_000 });
    return ticketFor({ ...kept, name: 'du-thao.pdf', mediaType }, caller);
  };
  const contentOf = (more: object = {}) => ({
    ...{ type: 'QĐ', abstract: 'Về việc phê duyệt kế hoạch', urgency: 'none' as const },
    ...{
      recipients: ['Sở Nội vụ', 'Lưu: VT'],
      signerId: agency.people.leader,
      capacity: 'head' as const,
    },
    ...more,
  });
  const create = async (more: object = {}, text = 'Điều 1. Phê duyệt kế hoạch ngày 05.') => {
    const { official } = agency.callers;
    const files = [await ticket(text, official, 'application/vnd.oasis.opendocument.text')];
    return flow().create({ ...contentOf(more), unitId: agency.unitId, files } as never, official);
  };
  const approved = async (more: object = {}) => {
    const { head, clerk, leader } = agency.callers;
    const { id } = await create(more);
    await flow().checkContent({ id, version: 1 }, head);
    await flow().checkFormat({ id, version: 2 }, clerk);
    return flow().approve({ id, version: 3 }, leader);
  };
  const issue = async (more: object = {}) => {
    const { id, version } = await approved(more);
    return flow().issue({ id, version, bookId }, agency.callers.clerk);
  };

  it('go from draft to issue in order, each step by who answers for it', async () => {
    const { official, head, clerk, leader } = agency.callers;
    const { id } = await create();
    expect(await problemOf(flow().approve({ id, version: 1 }, leader))).toBe(
      'documents/not-in-this-state',
    );
    expect(await problemOf(flow().checkContent({ id, version: 1 }, official))).toBe('forbidden');
    await flow().checkContent({ id, version: 1 }, head);
    expect(await problemOf(flow().checkFormat({ id, version: 1 }, clerk))).toBe('changed');
    await flow().checkFormat({ id, version: 2 }, clerk);
    expect(await problemOf(flow().approve({ id, version: 3 }, clerk))).toBe('forbidden');
    await flow().approve({ id, version: 3 }, leader);
    const { version } = await flow().find({ id }, clerk);
    const document = await flow().issue({ id, version, bookId }, clerk);
    expect(document).toMatchObject({
      ...{ number: 1, symbol: '01/QĐ-UBND', state: 'issued', issuedOn: localDay() },
      dateLine: dateLine(localDay(), 'Bảo Lộc'),
    });
    expect(await issued().find({ id: document.id }, official)).toMatchObject({
      symbol: '01/QĐ-UBND',
    });
    expect(await problemOf(flow().issue({ id, version: version + 1, bookId }, clerk))).toBe(
      'documents/not-in-this-state',
    );
    await house.announced(outgoingIssued);
    const kinds = (await flow().steps({ id }, clerk)).items.map(({ kind }) => kind);
    expect(kinds).toEqual(['version', 'content_checked', 'format_checked', 'approved', 'issued']);
  });

  it('name the drafting unit when they are official letters', async () => {
    expect(await issue({ type: 'CV' })).toMatchObject({ symbol: '02/UBND-KT' });
  });

  it('never share or skip a number when many are issued at once', async () => {
    const ready = [];
    for (let count = 0; count < 12; count++) ready.push(await approved());
    const all = await Promise.all(
      ready.map(({ id, version }) => flow().issue({ id, version, bookId }, agency.callers.clerk)),
    );
    expect(all.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 3),
    );
  });

  it('must be decided again after a change, and show what changed', async () => {
    const { official, clerk, head } = agency.callers;
    const before = await approved();
    const { id } = before;
    const files = [await ticket('Điều 1. Phê duyệt kế hoạch ngày 15.', official, 'text/plain')];
    const changed = await flow().addVersion(
      {
        ...contentOf({ abstract: 'Về việc phê duyệt kế hoạch mới' }),
        id,
        version: before.version,
        files,
      },
      official,
    );
    expect(changed).toMatchObject({ state: 'drafting', lastVersion: 2 });
    expect(await problemOf(flow().issue({ id, version: changed.version, bookId }, clerk))).toBe(
      'documents/not-in-this-state',
    );
    const { abstract } = await flow().compare({ id, from: 1, to: 2 }, head);
    expect(abstract.filter(({ kind }) => kind === 'added')[0]!.text.trim()).toBe('mới');
    const steps = await flow().comment({ id, text: 'Xem lại Điều 1' }, head);
    expect(steps.items.at(-1)).toMatchObject({
      kind: 'comment',
      number: 2,
      person: 'Phạm Văn Dũng',
    });
    const back = await flow().sendBack(
      { id, version: changed.version, reason: 'Sửa căn cứ' },
      head,
    );
    expect(back.state).toBe('drafting');
  });

  it('are refused for their form, their signer, a mark of secrecy, or what they name', async () => {
    const { head, clerk, leader } = agency.callers;
    const bad = await create({ abstract: 'Về việc nghỉ.', recipients: [] });
    await flow().checkContent({ id: bad.id, version: 1 }, head);
    await expect(flow().checkFormat({ id: bad.id, version: 2 }, clerk)).rejects.toMatchObject({
      type: 'documents/form-faults',
      errors: [{ pointer: '/recipients' }, { pointer: '/abstract' }],
    });
    const wrong = await create({ signerId: agency.people.head });
    await flow().checkContent({ id: wrong.id, version: 1 }, head);
    await flow().checkFormat({ id: wrong.id, version: 2 }, clerk);
    expect(await problemOf(flow().approve({ id: wrong.id, version: 3 }, leader))).toBe(
      'documents/may-not-sign',
    );
    const { official } = agency.callers;
    const files = [await ticket('UBND\n\nTỐI MẬT\n\nSố 01', official, 'text/plain')];
    const secret = flow().create({ ...contentOf(), unitId: agency.unitId, files }, official);
    expect(await problemOf(secret)).toBe('documents/secret');
    expect(await problemOf(create({ type: 'XX' }))).toBe('invalid');
  });

  it('link to what they answer, replace and correct; cancelled numbers stay visible', async () => {
    const { clerk, leader } = agency.callers;
    const question = await house.client(incoming).register(
      {
        bookId: inBookId,
        author: 'Sở Tài chính',
        abstract: 'Xin ý kiến',
        urgency: 'none',
        medium: 'paper',
        secrecy: 'none',
      },
      clerk,
    );
    const answer = await issue({ type: 'CV', answers: [question.id] });
    const { links } = await house.client(incoming).find({ id: question.id }, leader);
    expect(links).toEqual([
      {
        kind: 'answers',
        documentId: answer.id,
        direction: 'from',
        reference: answer.symbol,
        abstract: answer.abstract,
      },
    ]);
    const steps = await house.client(handling).steps({ id: question.id }, clerk);
    expect(steps.items.at(-1)!.kind).toBe('answered');

    const decision = await issue();
    expect(
      await problemOf(create({ type: 'TB', relatedId: decision.id, relation: 'replaces' })),
    ).toBe('invalid');
    const next = await issue({ relatedId: decision.id, relation: 'replaces' });
    expect((await issued().find({ id: decision.id }, clerk)).links[0]).toMatchObject({
      ...{ kind: 'replaces', documentId: next.id, direction: 'from' },
    });
    const end = { id: next.id, version: 1, reason: 'Cấp nhầm số' };
    expect(await problemOf(issued().cancel(end, leader))).toBe('forbidden');
    expect(await issued().cancel(end, clerk)).toMatchObject({
      state: 'cancelled',
      number: next.number,
    });
    expect(await problemOf(issued().recall({ ...end, version: 2 }, clerk))).toBe(
      'documents/not-in-this-state',
    );
    expect((await issue()).number).toBe(next.number + 1);
    const shown = (await issued().list({ state: 'cancelled' }, clerk)).items;
    expect(shown.map(({ symbol }) => symbol)).toEqual([next.symbol]);
  });
});
