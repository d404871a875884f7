import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@eoffice/platform/database';
import { eventually, House } from '@eoffice/testing/house';
import { ServiceProcess } from '@eoffice/testing/service-process';
import { Client } from 'pg';
import { MailModule } from '../mail.module.js';
import { acceptFor, messageOf, openMailbox } from '../testing/mailboxes.js';

interface Delivered {
  id: string;
  threadId: string;
  subject: string | null;
  parsed: string;
  preview: string;
}

describe('delivering', () => {
  let house: House;
  let database: Database;
  let count = 0;
  const emailsOf = (mailboxId: string) =>
    database.query<Delivered>(
      `select id, thread_id as "threadId", subject, parsed, preview from email
       where mailbox_id = $1 order by id`,
      [mailboxId],
    );
  const inboxOf = async (mailboxId: string) =>
    (
      await database.query(
        `select total_emails as emails, unread_emails as unread, total_threads as threads,
           unread_threads as "unreadThreads" from folder where mailbox_id = $1 and role = 'inbox'`,
        [mailboxId],
      )
    )[0];
  const settled = (id: string) =>
    eventually(async () => {
      const [row] = await database.query<{ settled: boolean }>(
        'select settled_at is not null as settled from acceptance where id = $1',
        [id],
      );
      expect(row!.settled).toBe(true);
    });
  const send = async (octets: Buffer, recipients: string[], more = {}) => {
    const id = await acceptFor(database, octets, recipients, more);
    await settled(id);
    return id;
  };
  const letter = (subject: string, headers: string[] = [], body = 'Kính gửi các đơn vị') =>
    messageOf(
      `Message-ID: <${++count}@example.org>`,
      'From: =?utf-8?B?U+G7nyBO4buZaSB24bul?= <noivu@example.org>',
      `Subject: ${subject}`,
      ...headers,
      '',
      body,
    );

  beforeAll(async () => {
    house = await House.open();
    database = (await house.start('mail', MailModule)).get(Database);
  });
  afterAll(() => house.close());

  it('puts one message into many mailboxes, once each, and says what became of all others', async () => {
    const boxes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => openMailbox(database, `xa${index}`)),
    );
    const [first] = boxes;
    await database.query(
      `insert into alias (address, mailbox_id, kind, reason) values ($1, $2, 'alias', 'x')`,
      ['vanthu.xa0@lamdong.gov.vn', first!.mailboxId],
    );
    const recipients = [
      ...boxes.map(({ address }) => address),
      ...['VANTHU.xa0@lamdong.gov.vn', 'khong.co@lamdong.gov.vn', 'bo@example.gov.vn'],
    ];
    const octets = letter('Giấy mời họp', ['To: cac-xa@lamdong.gov.vn']);
    const sender = await openMailbox(database, 'sender');
    const id = await send(octets, recipients, { reversePath: sender.address });
    for (const { mailboxId } of boxes) {
      expect(await emailsOf(mailboxId)).toMatchObject([
        { subject: 'Giấy mời họp', parsed: 'whole', preview: 'Kính gửi các đơn vị' },
      ]);
      expect(await inboxOf(mailboxId)).toEqual({
        ...{ emails: 1, unread: 1, threads: 1, unreadThreads: 1 },
      });
    }
    const [kept] = await database.query(
      `select count(distinct sha256)::int as blobs, count(*)::int as emails from email
       where acceptance_id = $1`,
      [id],
    );
    expect(kept).toEqual({ blobs: 1, emails: 20 });
    const states = await database.query(
      `select state, count(*)::int, min(reason) as reason from delivery where acceptance_id = $1
       group by state order by state`,
      [id],
    );
    expect(states).toMatchObject([
      { state: 'delivered', count: 21 },
      { state: 'refused', count: 1, reason: expect.stringMatching(/^5\.1\.1 No such mailbox/) },
      { state: 'relayed', count: 1 },
    ]);
    const queued = await database.query(
      'select recipient from outbound_recipient where acceptance_id = $1',
      [id],
    );
    expect(queued).toEqual([{ recipient: 'bo@example.gov.vn' }]);
    await eventually(async () => {
      const reports = (await emailsOf(sender.mailboxId)).map(({ preview }) => preview);
      expect(reports.some((preview) => preview.includes('khong.co@lamdong.gov.vn'))).toBe(true);
    });
  });

  it('makes threads of answers, in each mailbox for itself, and of nothing else', async () => {
    const [an, binh] = await Promise.all([openMailbox(database, 'an'), openMailbox(database, 'b')]);
    const root = letter('Kế hoạch năm', ['Message-ID: <plan@example.org>'].slice(1));
    const ids = { root: `<${count}@example.org>` };
    await send(root, [an.address, binh.address]);
    await send(letter('Trả lời: RE: kế hoạch  năm', [`References: <x@y> ${ids.root}`]), [
      an.address,
    ]);
    await send(letter('Kế hoạch khác', [`In-Reply-To: ${ids.root}`]), [an.address]);
    await send(root, [an.address]);
    const emails = await emailsOf(an.mailboxId);
    expect(emails).toHaveLength(4);
    const [first, answer, other, again] = emails.map(({ threadId }) => threadId);
    expect([answer, again]).toEqual([first, first]);
    expect(other).not.toBe(first);
    const [own] = await emailsOf(binh.mailboxId);
    expect(own!.threadId).not.toBe(first);
    expect(await inboxOf(an.mailboxId)).toMatchObject({ emails: 4, threads: 2 });

    const nameless = messageOf('Message-ID: <>', 'Subject: Thông báo', '', 'Một');
    const alike = messageOf('Message-ID: <>', 'Subject: Thông báo', '', 'Hai');
    await send(nameless, [binh.address]);
    await send(alike, [binh.address]);
    const threads = (await emailsOf(binh.mailboxId)).map(({ threadId }) => threadId);
    expect(new Set(threads).size).toBe(3);
  });

  it('reads what it can of anything, and holds nothing up for what resists', async () => {
    const { mailboxId, address } = await openMailbox(database, 'chi');
    const hostile = [
      Buffer.alloc(0),
      Buffer.from('\0\xff\r\n\r\n\0', 'latin1'),
      Buffer.from(`Subject: ${'=?utf-8?Q?a?= '.repeat(100_000)}\r\n\r\n`),
      Buffer.from(`To: ${'"('.repeat(500_000)}\r\n\r\n`),
      Buffer.from(`Content-Type: text/html\r\n\r\n${'<div '.repeat(400_000)}`),
    ];
    const nested = Array.from(
      { length: 20_000 },
      (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
    ).join('');
    hostile.push(Buffer.from(nested));
    const accepted = [];
    for (const octets of hostile) accepted.push(await acceptFor(database, octets, [address]));
    await send(letter('Thư thường'), [address]);
    for (const id of accepted) await settled(id);
    const emails = await emailsOf(mailboxId);
    expect(emails).toHaveLength(hostile.length + 1);
    expect(emails.map(({ subject }) => subject)).toContain('Thư thường');
  });

  it('comes into each mailbox once, although what delivers is killed again and again', async () => {
    const other = await House.open();
    const service = new ServiceProcess(other, 'mail');
    const client = new Client({ connectionString: other.database.urlAs('mail') });
    try {
      const started = await other.start('mail', MailModule);
      const elsewhere = started.get(Database);
      const mailboxes = await Promise.all(
        ['d', 'e', 'f'].map((name) => openMailbox(elsewhere, name)),
      );
      const octets = Array.from({ length: 150 }, (_, at) => letter(`Số ${at}`));
      await client.connect();
      // Nothing is due before the process that is killed runs.
      await client.query(
        `alter table acceptance alter due_at set default now() + interval '1 day'`,
      );
      const recipients = mailboxes.map(({ address }) => address);
      for (const each of octets) await acceptFor(elsewhere, each, recipients);
      await other.stop(started);
      const left = async () => {
        const { rows } = await client.query<{ left: number }>(
          'select count(*)::int as left from acceptance where settled_at is null',
        );
        return rows[0]!.left;
      };
      const leftWithin = (most: number) =>
        eventually(async () => expect(await left()).toBeLessThanOrEqual(most), 30_000);
      for (const most of [140, 90, 45, 0]) {
        // Whoever held them is dead: nobody waits for the end of a lease here.
        await client.query('update acceptance set due_at = now() where settled_at is null');
        service.start();
        await leftWithin(most);
        await service.kill();
      }
      const { rows } = await client.query(
        `select m.address, f.total_emails as counted, count(distinct e.id)::int as emails,
           count(distinct e.acceptance_id)::int as different
         from mailbox m join folder f on f.mailbox_id = m.id and f.role = 'inbox'
         join email e on e.mailbox_id = m.id group by 1, 2 order by 1`,
      );
      const whole = { counted: 150, emails: 150, different: 150 };
      expect(rows).toMatchObject([whole, whole, whole]);
    } finally {
      await service.kill();
      await client.end();
      await other.close();
    }
  }, 120_000);
});
