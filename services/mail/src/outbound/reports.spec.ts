import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliveries, outboundFailed, personChanged } from '@eoffice/contracts';
import { contentOf } from '@eoffice/mime/content/content';
import { parseMessage } from '@eoffice/mime/parse-message';
import { Database } from '@eoffice/platform/database';
import { person } from '@eoffice/testing/directory';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { MailServer } from '@eoffice/testing/mail-servers';
import { NameServer } from '@eoffice/testing/name-server';
import { MailModule } from '../mail.module.js';
import { accept } from '../raw/accept.js';
import { laidDown, outboundRows, reportsTo } from '../testing/sending.js';
import { readReport } from './read-report.js';

const binh = person({ fullName: 'Trần Thị Bình', email: 'binh@lamdong.gov.vn' });
const reversePath = 'binh@lamdong.gov.vn';
const mail = (id: string) =>
  Buffer.from(
    `From: ${reversePath}\r\nTo: a@peer.example\r\nSubject: Báo cáo\r\nMessage-ID: <${id}>\r\n\r\nxin chào\r\n`,
  );

/** A report as another kind of server writes it. */
const foreign = (fields: string, returned: string, more = '') =>
  Buffer.from(
    `From: MAILER-DAEMON@peer.example (Mail Delivery System)\r\nTo: ${reversePath}\r\n` +
      `Content-Type: multipart/report; report-type=delivery-status; boundary="x/y"\r\n\r\n` +
      `--x/y\r\nContent-Description: Notification\r\n\r\nSorry.\r\n` +
      `--x/y\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.peer.example\r\n${more}\r\n${fields}\r\n` +
      `--x/y\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: ${returned}\r\nSubject: x\r\n\r\nMessage-ID: <in@the.body>\r\n--x/y--\r\n`,
  );
const failed = (address: string) =>
  `Final-Recipient: rfc822; ${address}\r\nAction: failed\r\nStatus: 5.1.1\r\n` +
  `Diagnostic-Code: smtp; 550 5.1.1 no\r\n    such user\r\n`;

describe('what senders are told', () => {
  let house: House;
  let database: Database;
  let names: NameServer;
  let peer: MailServer;
  let mailboxId: string;
  beforeAll(async () => {
    house = await House.open();
    peer = await MailServer.open();
    names = await NameServer.open({
      'peer.example': { a: ['127.0.0.1'] },
      'mute.example': { fails: true },
    });
    await house.start('mail', MailModule, {
      MAIL_HOSTNAME: 'mail.lamdong.gov.vn',
      MAIL_DNS_SERVERS: names.address,
      MAIL_PEER_PORT: String(peer.port),
      MAIL_PRIVATE_NETWORKS: '127.0.0.1/32',
    });
    database = new Database('mail', house.database.urlAs('mail'), 2, []);
    await database.open();
    await house.announce(personChanged, binh.personId, binh);
    mailboxId = await eventually(async () => {
      const [row] = await database.query<{ id: string }>('select id from mailbox');
      return row!.id;
    });
  });
  afterAll(async () => {
    await database.close();
    await house.close();
    await peer.close();
    await names.close();
  });
  const sentBy = async (recipients: string[], messageId = `${randomUUID()}@lamdong.gov.vn`) => {
    const given = { recipients, reversePath, mailboxId, octets: mail(messageId) };
    const id = await laidDown(database, given);
    const rows = await eventually(async () => {
      const rows = await outboundRows(database, id);
      for (const { state } of rows) expect(state).toBe('sent');
      return rows;
    });
    return { id, rows, messageId: `<${messageId}>` };
  };
  const arrives = (octets: Buffer, to = reversePath) =>
    database.transaction({}, (manager) =>
      accept(manager, {
        ...{
          octets,
          way: 'exchange',
          reversePath: '',
          recipients: [to],
          received: 'Received: by us',
        },
      }),
    );
  const lookedAt = (report: string) =>
    eventually(async () => {
      const [row] = await database.query<{ recipients: number }>(
        'select recipients from arrived_report where acceptance_id = $1',
        [report],
      );
      return row!.recipients;
    });
  const later = (id: string, hours: number) =>
    database.transaction({}, (manager) =>
      manager.query(
        `update outbound_recipient set due_at = due_at - make_interval(hours => $2)
         where acceptance_id = $1`,
        [id, hours],
      ),
    );

  it('is that a mail still waits, once, and then that it is given up', async () => {
    const recipients = ['a@mute.example', 'bà@mute.example'];
    const id = await laidDown(database, {
      recipients,
      reversePath,
      mailboxId,
      octets: mail('w@x'),
    });
    await eventually(async () =>
      expect((await outboundRows(database, id))[0]!.reply).toMatch(/^DNS: mute.example: ESERVFAIL/),
    );
    expect(await reportsTo(database, reversePath)).toEqual([]);
    await later(id, 5);
    const [warning] = await eventually(async () => {
      const reports = await reportsTo(database, reversePath);
      expect(reports).toHaveLength(1);
      return reports;
    });
    const parsed = parseMessage(warning!);
    expect(parsed.defects).toEqual([]);
    const [words, status, header] = parsed.root.subParts!;
    expect(contentOf(warning!, words!).toString()).toMatch(
      /Bạn không cần làm gì[^]*it is tried again/,
    );
    expect(status!.type).toBe('message/global-delivery-status');
    expect(contentOf(warning!, header!).toString()).toContain('Subject: Báo cáo\r\n');
    expect(readReport(warning!)).toMatchObject({
      messageId: '<w@x>',
      recipients: [
        { action: 'delayed', addresses: ['a@mute.example'], status: '4.4.3' },
        { action: 'delayed', addresses: ['bà@mute.example'], status: '4.4.3' },
      ],
    });

    await later(id, 120);
    const [, end] = await eventually(async () => {
      const reports = await reportsTo(database, reversePath);
      expect(reports).toHaveLength(2);
      return reports;
    });
    expect(readReport(end!)!.recipients.map(({ action, status }) => `${action} ${status}`)).toEqual(
      ['failed 4.4.7', 'failed 4.4.7'],
    );
    const rows = await outboundRows(database, id);
    expect(rows.map(({ state }) => state)).toEqual(['failed', 'failed']);
    const facts = (await house.announced(outboundFailed, 2)).map(({ data }) => data);
    expect(facts).toContainEqual(expect.objectContaining({ acceptanceId: id, mailboxId }));
  });

  it('is what another server reports afterwards, by envelope or by Message-ID', async () => {
    const one = await sentBy(['a@peer.example', 'c@peer.example']);
    const byEnvelope = foreign(
      `${failed('A@peer.example')}\r\nFinal-Recipient: rfc822;c@peer.example\r\nAction: delayed (soon)\r\nStatus: 4.2.2\r\n`,
      '<else@where>',
      `Original-Envelope-Id: ${one.id}\r\n`,
    );
    expect(await lookedAt(await arrives(byEnvelope))).toBe(2);
    expect((await outboundRows(database, one.id)).map(({ reported }) => reported)).toEqual([
      'failed',
      'delayed',
    ]);
    const two = await sentBy(['list@peer.example']);
    // The other side has another name for them.
    const byId = foreign(failed('hidden@inside.peer.example'), two.messageId);
    expect(await lookedAt(await arrives(byId))).toBe(1);
    const owner = await house.as({ personId: binh.personId });
    const { items } = await house.client(deliveries).of({ acceptanceId: two.id }, owner);
    expect(items).toMatchObject([
      {
        ...{ recipient: 'list@peer.example', state: 'sent', reported: 'failed', status: '5.1.1' },
        reportedReply: '550 5.1.1 no such user',
      },
    ]);
    const told = async () =>
      (await house.announced(outboundFailed))
        .map(({ data }) => data.acceptanceId)
        .filter((id) => [one.id, two.id].includes(id));
    await eventually(async () => expect((await told()).sort()).toEqual([one.id, two.id].sort()));
    // The same again changes nothing, and is announced to nobody.
    expect(await lookedAt(await arrives(byId))).toBe(0);
    expect(await told()).toHaveLength(2);
  });

  it('is nothing that a stranger makes up', async () => {
    const { id, messageId } = await sentBy(['a@peer.example', 'b@peer.example']);
    const toOthers = await arrives(
      foreign(failed('a@peer.example'), messageId),
      'an@lamdong.gov.vn',
    );
    const ofOthers = await arrives(foreign(failed('x@peer.example'), messageId));
    const noReport = await arrives(Buffer.from('Subject: nghỉ phép\r\n\r\nTôi vắng mặt\r\n'));
    const broken = await arrives(
      Buffer.from('Content-Type: multipart/report; boundary=\r\n\r\n--\r\n'),
    );
    for (const report of [toOthers, ofOthers, noReport, broken]) {
      expect(await lookedAt(report)).toBe(0);
    }
    for (const { reported } of await outboundRows(database, id)) expect(reported).toBeNull();
  });

  it('is theirs and of who keeps the mail alone', async () => {
    const client = house.client(deliveries);
    const { id, rows } = await sentBy(['a@peer.example']);
    const stranger = await house.as({});
    const keeper = await house.as({ permissions: ['mail.manage'] });
    const owner = await house.as({ personId: binh.personId });
    expect(await problemOf(client.of({ acceptanceId: id }, stranger))).toBe('not-found');
    expect(await problemOf(client.of({ acceptanceId: randomUUID() }, keeper))).toBe('not-found');
    expect((await client.of({ acceptanceId: id }, keeper)).items).toHaveLength(1);
    expect(await problemOf(client.retry({ id: rows[0]!.id }, owner))).toBe('mail/not-waiting');
    expect(await problemOf(client.queue({}, owner))).toBe('forbidden');

    const given = { recipients: ['m@mute.example'], reversePath, mailboxId };
    const waiting = await laidDown(database, given);
    const [row] = await outboundRows(database, waiting);
    expect(await problemOf(client.cancel({ id: row!.id }, stranger))).toBe('not-found');
    const { state } = await eventually(() => client.cancel({ id: row!.id }, owner));
    expect(state).toBe('cancelled');
    expect(await problemOf(client.retry({ id: row!.id }, owner))).toBe('mail/not-waiting');
    const page = await client.queue({ state: 'sent', domain: 'peer.example', limit: 1 }, keeper);
    const next = await client.queue({ state: 'sent', limit: 1, after: page.next }, keeper);
    expect(next.items[0]!.id).not.toBe(page.items[0]!.id);
  });
});
