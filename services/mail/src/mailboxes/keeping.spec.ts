import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, folders, mailboxKeeping } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { House, problemOf } from '@eoffice/testing/house';
import { MailModule } from '../mail.module.js';
import { recipientOf } from '../store/recipients.js';
import { openMailbox } from '../testing/mailboxes.js';

describe('keeping mailboxes', () => {
  let house: House;
  let database: Database;
  let officer: Caller;
  const client = () => house.client(mailboxKeeping);
  const to = (address: string) => recipientOf(database.manager, address);

  beforeAll(async () => {
    house = await House.open();
    database = (await house.start('mail', MailModule)).get(Database);
    officer = await house.as({ permissions: ['mail.manage'] });
  });
  afterAll(() => house.close());

  it('is for those who keep the mailboxes of the agency, and shows an owner their own', async () => {
    const { mailboxId, ownerId } = await openMailbox(database, 'an');
    const permissions = ['mail.manage'];
    const elsewhere = await house.as({ permissions, organisationId: randomUUID() });
    const owner = await house.as({ personId: ownerId });
    const suspend = { mailboxId, reason: 'x' };
    expect(await problemOf(client().suspend(suspend, owner))).toBe('forbidden');
    expect(await problemOf(client().suspend(suspend, elsewhere))).toBe('not-found');
    const domain = { domain: 'x.gov.vn', validFrom: '2026-01-01', legalBasis: 'Quy chế' };
    expect(await problemOf(client().host(domain, elsewhere))).toBe('forbidden');
    expect(await problemOf(client().find({ mailboxId }, await house.as({})))).toBe('not-found');
    expect(await client().find({ mailboxId }, owner)).toMatchObject({
      ...{ mailboxId, used: 0, quota: 5 * 2 ** 30, aliases: [] },
    });
  });

  it('hosts domains and gives other addresses, none of them ever to two', async () => {
    const [an, binh] = await Promise.all([
      openMailbox(database, 'mot'),
      openMailbox(database, 'hai'),
    ]);
    const address = 'Phong.Mot@xa.lamdong.gov.vn';
    const given = { mailboxId: an.mailboxId, address, reason: 'Quyết định 7' };
    expect(await problemOf(client().giveAlias(given, officer))).toBe('mail/not-hosted');
    const hosted = { domain: 'xa.lamdong.gov.vn', validFrom: '2026-01-01', legalBasis: 'Quy chế' };
    await client().host(hosted, officer);
    expect((await client().domains({}, officer)).items).toContainEqual(hosted);
    await client().giveAlias(given, officer);
    expect(await to(address)).toEqual({ mailboxId: an.mailboxId });
    const again = { ...given, mailboxId: binh.mailboxId };
    expect(await problemOf(client().giveAlias(again, officer))).toBe('mail/address-taken');
    const own = { ...again, address: an.address };
    expect(await problemOf(client().giveAlias(own, officer))).toBe('mail/address-taken');
    await client().endAlias({ mailboxId: an.mailboxId, address }, officer);
    expect(await to(address)).toBe('unknown');
    expect(await problemOf(client().giveAlias(again, officer))).toBe('mail/address-taken');
    const { aliases } = await client().find({ mailboxId: an.mailboxId }, officer);
    expect(aliases).toMatchObject([
      { address: address.toLowerCase(), endedAt: expect.any(String) },
    ]);
  });

  it('suspends, fills and forwards, and says so to whoever delivers', async () => {
    const { mailboxId, address, ownerId } = await openMailbox(database, 'ba');
    const owner = await house.as({ personId: ownerId });
    await client().suspend({ mailboxId, reason: 'Lộ mật khẩu' }, officer);
    expect(await to(address)).toBe('suspended');
    expect(await problemOf(house.client(folders).list({ mailboxId }, owner))).toBe('not-found');
    expect(await client().find({ mailboxId }, officer)).toMatchObject({ suspended: 'Lộ mật khẩu' });
    await client().resume({ mailboxId }, officer);
    expect(await to(address)).toEqual({ mailboxId });
    await database.query('update mailbox set octets = 100 where id = $1', [mailboxId]);
    await client().setQuota({ mailboxId, quota: 100 }, officer);
    expect(await to(address)).toBe('full');
    await client().setQuota({ mailboxId }, officer);
    expect(await to(address)).toEqual({ mailboxId });

    const successor = await openMailbox(database, 'bon');
    const forward = { mailboxId, toMailboxId: successor.mailboxId, legalBasis: 'Quyết định 9' };
    expect(await problemOf(client().forward(forward, officer))).toBe('mail/mailbox-still-open');
    await database.query(`update mailbox set state = 'closed' where id = $1`, [mailboxId]);
    const today = localDay();
    expect(await client().forward(forward, officer)).toEqual({
      ...{ toMailboxId: successor.mailboxId, validFrom: today, validTo: addDays(today, 180) },
    });
    expect(await to(address)).toEqual({ mailboxId: successor.mailboxId });
  });
});
