import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  bookClosed,
  bookOpened,
  books,
  type Caller,
  organisationChanged,
} from '@eoffice/contracts';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { DocumentsModule } from '../documents.module.js';

const organisationId = randomUUID();
const book = {
  organisationId,
  direction: 'incoming' as const,
  year: 2026,
  code: 'CHUNG',
  name: 'Sổ văn bản đến',
};

describe('register books', () => {
  let house: House;
  let clerk: Caller;
  let official: Caller;

  beforeAll(async () => {
    house = await House.open();
    await house.start('documents', DocumentsModule);
    await house.announce(organisationChanged, organisationId, {
      organisationId,
      agencyId: organisationId,
      bloc: 'government',
      kind: 'province',
      agency: true,
      name: 'Ủy ban nhân dân tỉnh Lâm Đồng',
      shortName: 'UBND tỉnh',
      symbol: 'UBND',
      validFrom: '2026-01-01',
      legalBasis: 'Luật Tổ chức chính quyền địa phương',
    });
    const permissions = ['documents.keep-books', 'documents.read'];
    clerk = await house.as({ permissions, organisationId });
    official = await house.as({ permissions: ['documents.read'], organisationId });
  });
  afterAll(() => house.close());

  const client = () => house.client(books);

  it('are opened only by who may, and only for an agency we know', async () => {
    expect(await problemOf(client().open(book, official))).toBe('forbidden');
    const elsewhere = await house.as({
      permissions: ['documents.keep-books'],
      organisationId: randomUUID(),
    });
    await eventually(async () =>
      expect(await problemOf(client().open(book, elsewhere))).toBe('forbidden'),
    );
    expect(await problemOf(client().open({ ...book, organisationId: randomUUID() }, clerk))).toBe(
      'not-found',
    );
  });

  it('refuse a wrong input by naming its fields', async () => {
    const wrong = { ...book, year: 26, direction: 'sideways', extra: 1 } as never;
    await expect(client().open(wrong, clerk)).rejects.toMatchObject({
      type: 'invalid',
      errors: [{ pointer: '/extra' }, { pointer: '/direction' }, { pointer: '/year' }],
    });
  });

  it('are opened once, listed, and announced', async () => {
    const opened = await client().open(book, clerk);
    expect(opened).toMatchObject({ ...book, lastNumber: 0, closed: false, version: 1 });
    expect(await problemOf(client().open(book, clerk))).toBe('documents/book-exists');
    expect((await client().list({ organisationId }, clerk)).items).toEqual([opened]);
    expect(await client().find({ id: opened.id }, clerk)).toEqual(opened);
    const elsewhere = { permissions: ['documents.read'], organisationId: randomUUID() };
    const stranger = await house.as(elsewhere);
    expect((await client().list({ organisationId }, stranger)).items).toEqual([]);
    expect(await problemOf(client().find({ id: opened.id }, stranger))).toBe('not-found');
    const wide = await house.as({ ...elsewhere, reach: 'bloc' });
    expect((await client().list({ organisationId }, wide)).items).toEqual([opened]);
    const [event] = await house.announced(bookOpened);
    expect(event).toMatchObject({
      subject: opened.id,
      actor: clerk.personId,
      data: { organisationId },
    });
  });

  it('are closed once, by who has read them', async () => {
    const { items } = await client().list({ organisationId }, clerk);
    const { id, version } = items[0]!;
    expect(await problemOf(client().close({ id, version: version + 1 }, clerk))).toBe('changed');
    expect(await client().close({ id, version }, clerk)).toMatchObject({
      closed: true,
      version: 2,
    });
    expect(await problemOf(client().close({ id, version: 2 }, clerk))).toBe(
      'documents/book-closed',
    );
    await house.announced(bookClosed);
  });

  it('give the same answer to the same key, and a problem for the key of another request', async () => {
    const identity = {
      permissions: ['documents.keep-books'],
      organisationId,
      accountId: randomUUID(),
    };
    const again = await house.as({ ...identity, idempotencyKey: 'open-2027' });
    const next = { ...book, year: 2027 };
    const [one, two] = await Promise.all([client().open(next, again), client().open(next, again)]);
    expect(one).toEqual(two);
    expect(await client().open(next, again)).toEqual(one);
    expect(await problemOf(client().open({ ...book, year: 2028 }, again))).toBe(
      'idempotency-key-reused',
    );
  });
});
