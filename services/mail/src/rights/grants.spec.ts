import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assignmentChanged, type Caller, folders, grants, messages } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { assignment } from '@eoffice/testing/directory';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { MailModule } from '../mail.module.js';
import { acceptFor, messageOf, openMailbox } from '../testing/mailboxes.js';

describe('rights to a mailbox', () => {
  let house: House;
  let database: Database;
  let owner: Caller;
  let mailboxId: string;
  const client = () => house.client(grants);
  const list = (caller: Caller) => house.client(messages).list({ mailboxId }, caller);
  const today = localDay();
  const give = (caller: Caller, more: object, by = owner) =>
    client().give(
      { mailboxId, personId: caller.personId, validFrom: today, reason: 'Nghỉ phép', ...more },
      by,
    );

  beforeAll(async () => {
    house = await House.open();
    database = (await house.start('mail', MailModule)).get(Database);
    const opened = await openMailbox(database, 'giamdoc');
    mailboxId = opened.mailboxId;
    owner = await house.as({ personId: opened.ownerId });
    const letter = messageOf('Subject: Mời họp', '', 'Kính mời');
    await acceptFor(database, letter, [opened.address]);
    await eventually(async () => expect((await list(owner)).items).toHaveLength(1));
  });
  afterAll(() => house.close());

  it('are given for days, each right apart, and seen by the owner', async () => {
    const deputy = await house.as({});
    expect(await problemOf(give(deputy, { read: true }, deputy))).toBe('not-found');
    expect(await problemOf(give(deputy, {}))).toBe('invalid');
    await give(deputy, { read: true, validFrom: addDays(today, 1) });
    await give(deputy, { read: true, validFrom: addDays(today, -9), validTo: addDays(today, -1) });
    const sending = await give(deputy, { sendOnBehalf: true });
    expect(await problemOf(list(deputy))).toBe('not-found');
    const { items } = await client().mine({}, deputy);
    expect(items).toMatchObject([
      { mailboxId, own: false, read: false, sendAs: false, sendOnBehalf: true },
    ]);
    const reading = await give(deputy, { read: true, validTo: today });
    expect((await list(deputy)).items).toHaveLength(1);
    const ids = (await list(deputy)).items.map(({ id }) => id);
    const marks = { mailboxId, ids, seen: true };
    expect(await problemOf(house.client(messages).mark(marks, deputy))).toBe('mail/read-only');
    expect((await client().list({ mailboxId }, owner)).items).toHaveLength(4);
    expect(await problemOf(client().list({ mailboxId }, deputy))).toBe('not-found');
    for (const grant of [reading, sending]) {
      await client().end({ mailboxId, id: grant.id }, owner);
      expect(await problemOf(client().end({ mailboxId, id: grant.id }, owner))).toBe(
        'mail/grant-ended',
      );
    }
    expect(await problemOf(list(deputy))).toBe('not-found');
    expect((await client().mine({}, deputy)).items).toEqual([]);
  });

  it('leave a trace that the owner can read, and nobody else', async () => {
    const clerk = await house.as({ name: 'Văn thư' });
    await give(clerk, { read: true });
    const { items } = await list(clerk);
    const one = { mailboxId, id: items[0]!.id };
    await house.client(messages).read(one, clerk);
    await house.client(messages).read(one, clerk);
    await house.client(messages).raw(one, clerk);
    await house.client(messages).search({ mailboxId, q: 'họp' }, clerk);
    await house.client(folders).list({ mailboxId }, clerk);
    await house.client(messages).read(one, owner);
    expect(await problemOf(client().accesses({ mailboxId }, clerk))).toBe('not-found');
    const first = await client().accesses({ mailboxId, limit: 3 }, owner);
    const rest = await client().accesses({ mailboxId, after: first.next }, owner);
    const seen = [...first.items, ...rest.items].filter(
      ({ personId }) => personId === clerk.personId,
    );
    expect(seen.map(({ action }) => action)).toEqual([
      ...['mail.folders.list', 'mail.messages.search', 'mail.messages.raw', 'mail.messages.read'],
      'mail.messages.list',
    ]);
    expect(seen[3]!.data).toEqual({ messageId: one.id });
  });

  it('go with a post to whoever holds it, and are nobody’s while the mailbox is suspended', async () => {
    const post = await openMailbox(database, 'vanthu', { kind: 'post' });
    const holder = await house.as({});
    const at = { mailboxId: post.mailboxId };
    expect(await problemOf(house.client(folders).list(at, holder))).toBe('not-found');
    const held = assignment({ personId: holder.personId, postId: post.ownerId });
    await house.announce(assignmentChanged, held.assignmentId, held);
    await eventually(async () => {
      expect((await client().mine({}, holder)).items).toMatchObject([{ ...at, own: true }]);
    });
    await house.client(folders).create({ ...at, name: 'Sổ' }, holder);
    await database.query(
      `insert into mailbox_suspension (mailbox_id, reason, suspended_by) values ($1, 'x', $1)`,
      [post.mailboxId],
    );
    expect(await problemOf(house.client(folders).list(at, holder))).toBe('not-found');
    await database.query('update mailbox_suspension set until = now()');
    await database.query(`update mailbox set state = 'closed' where id = $1`, [post.mailboxId]);
    await house.client(folders).list(at, holder);
    expect(await problemOf(house.client(folders).create({ ...at, name: 'Mới' }, holder))).toBe(
      'mail/read-only',
    );
    const ended = { ...held, validTo: addDays(today, -1) };
    await house.announce(assignmentChanged, held.assignmentId, ended);
    await eventually(async () =>
      expect(await problemOf(house.client(folders).list(at, holder))).toBe('not-found'),
    );
  });
});
