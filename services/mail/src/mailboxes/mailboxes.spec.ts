import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  assignmentChanged,
  figuresOf,
  mailboxClosed,
  mailboxes,
  mailboxOpened,
  mailboxRefused,
  personChanged,
  postChanged,
} from '@eoffice/contracts';
import { assignment, person, post } from '@eoffice/testing/directory';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { stranger } from '@eoffice/testing/tokens';
import { MailModule } from '../mail.module.js';

describe('official mailboxes', () => {
  let house: House;
  const client = () => house.client(mailboxes);
  const announcePerson = (data: ReturnType<typeof person>) =>
    house.announce(personChanged, data.personId, data);

  beforeAll(async () => {
    house = await House.open();
    await house.start('mail', MailModule);
  });
  afterAll(() => house.close());

  it('tell official addresses from private ones by their own domain', async () => {
    const caller = await house.as({});
    const check = async (address: string) =>
      (await client().check({ addresses: [address] }, caller)).items[0]!.verdict;
    expect(await check('"van thu@lamdong.gov.vn" <x@gmail.com>')).toBe('private');
    expect(await check('x@gmail.com.vn.example.org')).toBe('other');
    expect(await check('Văn thư <vanthu@lamdong.gov.vn>')).toBe('official');
    expect(await check('x@fakegov.vn')).toBe('other');
    expect(await check('x@Yahoo.com.VN')).toBe('private');
    expect(await check('không phải thư')).toBe('malformed');
    expect(await problemOf(client().check({ addresses: ['a@b.vn'] }, stranger()))).toBe(
      'unauthenticated',
    );
  });

  it('are opened for people and posts, closed when they end, and never given twice', async () => {
    const officer = await house.as({ permissions: ['mail.read'] });
    const binh = person({ fullName: 'Trần Thị Bình', email: 'binh@lamdong.gov.vn' });
    const held = assignment({ personId: binh.personId });
    await house.announce(assignmentChanged, held.assignmentId, held);
    await announcePerson(binh);
    const desk = post({
      title: 'Văn thư',
      mailbox: 'vanthu@lamdong.gov.vn',
      agencyId: held.agencyId,
    });
    await house.announce(postChanged, desk.postId, desk);
    const opened = await house.announced(mailboxOpened, 2);
    expect(opened.map(({ data }) => data.address).sort()).toEqual([
      'binh@lamdong.gov.vn',
      'vanthu@lamdong.gov.vn',
    ]);

    await announcePerson(person({ email: 'BINH@lamdong.gov.vn' }));
    await announcePerson(person({ email: 'ai.do@gmail.com' }));
    expect(await house.announced(mailboxRefused, 2)).toHaveLength(2);
    await announcePerson({ ...binh, active: false });
    await house.announced(mailboxClosed);
    const { items } = await client().list({ state: 'closed' }, officer);
    expect(items).toMatchObject([{ address: 'binh@lamdong.gov.vn', name: 'Trần Thị Bình' }]);
    const refused = (await client().list({ state: 'refused' }, officer)).items;
    expect(refused.map(({ reason }) => reason!.split(':')[0]).sort()).toEqual(['private', 'taken']);
  });

  it('are listed only for agencies within reach, and measured for inspections', async () => {
    const an = person({ email: 'an@lamdong.gov.vn' });
    const held = assignment({ personId: an.personId });
    await house.announce(assignmentChanged, held.assignmentId, held);
    await announcePerson(an);
    const permissions = ['mail.read', 'inspections.read'];
    const near = await house.as({ permissions, organisationId: held.agencyId });
    const far = await house.as({ permissions, organisationId: randomUUID() });
    await eventually(async () => expect((await client().list({}, near)).items).toHaveLength(1));
    expect((await client().list({}, far)).items).toEqual([]);
    const input = { organisationIds: [held.agencyId], from: '2026-01-01', to: '2026-12-31' };
    const { items } = await house.client(figuresOf('mail')).measure(input, near);
    expect(items).toMatchObject([{ code: 'mail.people-with-mailbox', value: 1, of: 1 }]);
    const official = await house.as({});
    expect(await problemOf(client().list({}, official))).toBe('forbidden');
  });
});
