import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailboxClosed, mailboxOpened, personChanged } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { person } from '@eoffice/testing/directory';
import { House } from '@eoffice/testing/house';
import { MailModule } from '../mail.module.js';
import { recipientOf } from './recipients.js';

describe('recipients', () => {
  let house: House;
  let database: Database;
  const announce = (data: ReturnType<typeof person>) =>
    house.announce(personChanged, data.personId, data);
  const to = (address: string) => recipientOf(database.manager, address);
  const idOf = async (address: string) =>
    (
      await database.query<{ id: string }>('select id from mailbox where address = $1', [address])
    )[0]!.id;

  beforeAll(async () => {
    house = await House.open();
    database = (await house.start('mail', MailModule)).get(Database);
    await database.query(
      `insert into hosted_domain (domain, valid_from, legal_basis)
       values ('lamdong.gov.vn', '2021-01-01', 'Quy chế thư công vụ')`,
    );
  });
  afterAll(() => house.close());

  it('are found by address, former address and alias, in whatever form they are written', async () => {
    const an = person({ email: 'an@lamdong.gov.vn' });
    await announce(an);
    await house.announced(mailboxOpened);
    const mailboxId = await idOf('an@lamdong.gov.vn');
    expect(await to('AN@LamDong.gov.vn.')).toEqual({ mailboxId });
    expect(await to('binh@lamdong.gov.vn')).toBe('unknown');
    expect(await to('an@example.org')).toBe('not-here');
    expect(await to('an@xa.lamdong.gov.vn')).toBe('not-here');

    await announce({ ...an, email: 'nguyenvanan@lamdong.gov.vn' });
    await house.announced(mailboxOpened, 2);
    expect(await to('nguyenvanan@lamdong.gov.vn')).toEqual({ mailboxId });
    expect(await to('an@lamdong.gov.vn')).toEqual({ mailboxId });

    await announce(person({ email: 'An@lamdong.gov.vn' }));
    await announce(person({ email: 'last@lamdong.gov.vn' }));
    await house.announced(mailboxOpened, 3);
    expect(await to('an@lamdong.gov.vn')).toEqual({ mailboxId });
  });

  it('are told full, suspended and closed, and forwarded from a closed one while that lasts', async () => {
    const binh = person({ email: 'binh@lamdong.gov.vn' });
    await announce(binh);
    await house.announced(mailboxOpened, 4);
    const mailboxId = await idOf('binh@lamdong.gov.vn');
    await database.query('update mailbox set octets = 10, quota_octets = 10 where id = $1', [
      mailboxId,
    ]);
    expect(await to('binh@lamdong.gov.vn')).toBe('full');
    await database.query(
      `insert into mailbox_suspension (mailbox_id, reason, suspended_by) values ($1, 'lộ mật khẩu', $1)`,
      [mailboxId],
    );
    expect(await to('binh@lamdong.gov.vn')).toBe('suspended');
    await announce({ ...binh, active: false });
    await house.announced(mailboxClosed);
    expect(await to('binh@lamdong.gov.vn')).toBe('unknown');
    const an = await idOf('nguyenvanan@lamdong.gov.vn');
    await database.query(
      `insert into forwarding values ($1, $2, current_date - 9, current_date + 9, 'Quyết định 1')`,
      [mailboxId, an],
    );
    expect(await to('binh@lamdong.gov.vn')).toEqual({ mailboxId: an });
    await database.query('update forwarding set valid_to = current_date - 2');
    expect(await to('binh@lamdong.gov.vn')).toBe('unknown');
  });
});
