import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, messages } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import { eventually, House } from '@eoffice/testing/house';
import { MailModule } from '../mail.module.js';
import { acceptFor, messageOf, openMailbox } from '../testing/mailboxes.js';

describe('the use of official mail', () => {
  let house: House;
  let database: Database;
  let an: Awaited<ReturnType<typeof openMailbox>>;
  let binh: Awaited<ReturnType<typeof openMailbox>>;
  let owner: Caller;
  const client = () => house.client(messages);
  const ledger = (mailboxId: string) =>
    database.query<{ act: string }>(
      `select act, actor, counterpart, automatic from mail_ledger where mailbox_id = $1 order by seq`,
      [mailboxId],
    );
  const settled = async (octets: Buffer, to: string[], more = {}) => {
    const id = await acceptFor(database, octets, to, more);
    await eventually(async () => {
      const [row] = await database.query<{ done: boolean }>(
        'select settled_at is not null as done from acceptance where id = $1',
        [id],
      );
      expect(row!.done).toBe(true);
    });
    return id;
  };
  const emailsOf = async ({ mailboxId }: { mailboxId: string }) =>
    (
      await database.query<{ id: string }>(
        'select id from email where mailbox_id = $1 order by received_at, id',
        [mailboxId],
      )
    ).map(({ id }) => id);

  beforeAll(async () => {
    house = await House.open();
    database = (await house.start('mail', MailModule)).get(Database);
    [an, binh] = [await openMailbox(database, 'an'), await openMailbox(database, 'binh')];
    owner = await house.as({ personId: an.ownerId });
  });
  afterAll(() => house.close());

  it('is what came: from whom, by the worst of envelope and header, and whether a machine wrote it', async () => {
    const letter = (from: string, ...header: string[]) =>
      messageOf(`From: ${from}`, ...header, '', 'x');
    const to = [an.address];
    await settled(letter('dan@gmail.com'), to, { reversePath: 'dan@gmail.com' });
    await settled(letter('bo@example.gov.vn'), to, { reversePath: 'bo@example.gov.vn' });
    await settled(letter('bo@example.gov.vn'), to, { reversePath: 'x@example.org' });
    await settled(letter('x@example.org', 'Precedence: list'), to);
    await settled(letter('x@example.org', 'Auto-Submitted: auto-replied (away)'), to);
    await settled(letter('may-chu@example.org', 'Auto-Submitted: no'), to, { reversePath: '' });
    await settled(letter('old@example.org'), to, { way: 'import' });
    const came = { act: 'received', actor: null };
    const [person, machine] = [
      { ...came, automatic: false },
      { ...came, automatic: true },
    ];
    expect(await ledger(an.mailboxId)).toEqual([
      { ...person, counterpart: 'private' },
      { ...person, counterpart: 'official' },
      { ...person, counterpart: 'other' },
      { ...machine, counterpart: 'other' },
      { ...machine, counterpart: 'other' },
      { ...machine, counterpart: 'other' },
    ]);
  });

  it('is what was sent, once: to whom, by the worst of all who get it, and by whom', async () => {
    const octets = messageOf(`From: ${an.address}`, '', 'x');
    const by = { way: 'submission', reversePath: an.address, mailboxId: an.mailboxId };
    const actor = an.ownerId;
    const id = await settled(octets, [binh.address, 'x@example.org'], { ...by, actor });
    await settled(octets, [binh.address], { ...by, actor });
    // Whoever delivered it died before that was written down.
    await database.query(`update acceptance set settled_at = null, due_at = now() where id = $1`, [
      id,
    ]);
    await eventually(async () => {
      const [row] = await database.query<{ done: boolean }>(
        'select settled_at is not null as done from acceptance where id = $1',
        [id],
      );
      expect(row!.done).toBe(true);
    });
    const sent = { act: 'sent', actor, automatic: false };
    const noted = (await ledger(an.mailboxId)).filter(({ act }) => act === 'sent');
    expect(noted).toEqual([
      { ...sent, counterpart: 'other' },
      { ...sent, counterpart: 'official' },
    ]);
    const came = { act: 'received', actor: null, counterpart: 'official', automatic: false };
    expect(await ledger(binh.mailboxId)).toEqual([came, came]);
  });

  it('is what a person opened, by reading or marking it, once for each of them', async () => {
    const { mailboxId } = an;
    const [first, second, third] = await emailsOf(an);
    await client().read({ mailboxId, id: first! }, owner);
    await client().read({ mailboxId, id: first! }, owner);
    await client().mark({ mailboxId, ids: [first!, second!], seen: true }, owner);
    await client().mark({ mailboxId, ids: [second!], seen: false }, owner);
    await client().mark({ mailboxId, ids: [second!], seen: true }, owner);
    await client().mark({ mailboxId, ids: [third!], flagged: true }, owner);
    await client().list({ mailboxId }, owner);
    const opened = { act: 'opened', actor: an.ownerId, counterpart: null, automatic: false };
    const noted = (await ledger(mailboxId)).filter(({ act }) => act === 'opened');
    expect(noted).toEqual([opened, opened]);
    const days = await database.query('select distinct day::text from mail_ledger');
    expect(days).toEqual([{ day: localDay() }]);
  });
});
