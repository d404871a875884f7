import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailboxOpened, mailRefused, personChanged } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { person } from '@eoffice/testing/directory';
import { House } from '@eoffice/testing/house';
import { Peer } from '@eoffice/testing/smtp';
import { createTransport } from 'nodemailer';
import { MailModule } from '../mail.module.js';
import { rawOf } from '../raw/raw-messages.js';
import { MailEdge } from './edge.js';

const box = 'an@lamdong.gov.vn';
const settings = {
  ...{ MAIL_HOSTNAME: 'mail.lamdong.gov.vn', MESSAGE_LIMIT_MB: '1', SMTP_PEER_CONNECTIONS: '3' },
  ...{ SMTP_PEER_PER_MINUTE: '60', POSTMASTER_ADDRESS: box },
};

describe('mail of other servers', () => {
  let house: House;
  let database: Database;
  let port: number;

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('mail', MailModule, settings);
    database = app.get(Database);
    port = app.get(MailEdge).ports.exchange;
    await database.query(
      `insert into hosted_domain (domain, valid_from, legal_basis)
       values ('lamdong.gov.vn', '2021-01-01', 'Quy chế thư công vụ')`,
    );
    const an = person({ email: box });
    await house.announce(personChanged, an.personId, an);
    await house.announced(mailboxOpened);
  });
  afterAll(() => house.close());

  const acceptance = async (id: string) =>
    (
      await database.query<{
        sha256: string;
        recipients: string[];
        reverse_path: string;
        received: string;
        peer: object;
      }>(`select *, encode(sha256, 'hex') as sha256 from acceptance where id = $1`, [id])
    )[0]!;
  const idIn = (reply: string) => /^250 2\.0\.0 (\S+) accepted/.exec(reply)?.[1] ?? reply;
  const transport = () =>
    createTransport({ port, host: '127.0.0.1', tls: { rejectUnauthorized: false } });

  it('is not relayed, and not taken for mailboxes that are not there', async () => {
    const peer = await Peer.greet(port);
    await peer.say('MAIL FROM:<dan@example.org>');
    expect(await peer.say('RCPT TO:<x@gmail.com>')).toMatch(/^550 5\.7\.1 /);
    expect(await peer.say('RCPT TO:<nobody@lamdong.gov.vn>')).toBe(
      '550 5.1.1 There is no such mailbox / Khong co hop thu nay',
    );
    expect(await peer.say('DATA')).toMatch(/^503 /);
    expect(await peer.say('AUTH PLAIN AGEAYg==')).toMatch(/^500 /);
    peer.end();
  });

  it('is taken by STARTTLS as it is, with where it came from', async () => {
    const text = 'Kính gửi văn thư,\n.một dòng có dấu chấm\n';
    const { response } = await transport().sendMail({
      ...{ from: 'Dân <dan@example.org>', to: box, subject: 'Hỏi thủ tục', text },
      envelope: { from: 'dan@example.org', to: [box] },
      messageId: '<one@example.org>',
    });
    const kept = await acceptance(idIn(response));
    expect(kept).toMatchObject({ reverse_path: 'dan@example.org', recipients: [box] });
    expect(kept.peer).toMatchObject({ address: '127.0.0.1', protocol: 'ESMTPS' });
    expect(kept.received).toMatch(
      /^Received: from \S+ \(\[127\.0\.0\.1\]\)\r\n\tby mail\.lamdong\.gov\.vn with ESMTPS id \w+\r\n\ttls \w+\r\n\tfor <an@lamdong\.gov\.vn>;\r\n\t\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0700$/,
    );
    const raw = (await rawOf(database.manager, kept.sha256)).toString();
    expect(raw).toContain('Message-ID: <one@example.org>');
    expect(raw).not.toContain('..m');
  });

  it('has addresses beyond ASCII when it says so, and domains as DNS knows them', async () => {
    const peer = await Peer.greet(port);
    const utf8 = Buffer.from('MAIL FROM:<dân@thư.example>', 'utf8').toString('latin1');
    expect(await peer.say(utf8)).toMatch(/^553 5\.6\.7 /);
    expect(await peer.say(`${utf8} SMTPUTF8 BODY=8BITMIME`)).toMatch(/^250 /);
    const nobody = Buffer.from('RCPT TO:<khôngcó@lamdong.gov.vn>', 'utf8').toString('latin1');
    expect(await peer.say(nobody)).toContain('Không có hộp thư này');
    await peer.say(`RCPT TO:<${box}>`);
    await peer.say('DATA');
    const kept = await acceptance(idIn(await peer.say('Subject: utf8\r\n\r\n.')));
    expect(kept.reverse_path).toBe('dân@xn--th-e0a.example');
    expect(kept.received).toContain('with UTF8SMTP id');
    peer.end();
  });

  it('reaches whoever is in charge, as postmaster of anything', async () => {
    const peer = await Peer.greet(port);
    await peer.say('MAIL FROM:<>');
    expect(await peer.say('RCPT TO:<Postmaster>')).toMatch(/^250 /);
    await peer.say('DATA');
    const kept = await acceptance(idIn(await peer.say('Subject: hello\r\n\r\n.')));
    expect(kept).toMatchObject({ reverse_path: '', recipients: [box] });
    peer.end();
  });

  it('is kept once when a sender that heard no 250 sends it again', async () => {
    const send = async (message: string, to = box) => {
      const peer = await Peer.greet(port);
      await peer.say('MAIL FROM:<dan@example.org>');
      await peer.say(`RCPT TO:<${to}>`);
      await peer.say('DATA');
      const id = idIn(await peer.say(`${message}\r\n\r\nx\r\n.`));
      peer.end();
      return id;
    };
    const id = await send('Message-ID: <two@example.org>');
    expect(await send('Message-ID: <two@example.org>')).toBe(id);
    expect(await send('Message-ID: <two@example.org>', 'AN@lamdong.gov.vn')).not.toBe(id);
    expect(await send('Message-ID: <three@example.org>')).not.toBe(id);
    const unnamed = await send('Subject: no name of its own');
    expect(await send('Subject: no name of its own')).not.toBe(unnamed);
  });

  it('is refused when it is too large, before it is sent or after', async () => {
    const peer = await Peer.greet(port);
    expect(await peer.say('MAIL FROM:<dan@example.org> SIZE=1048577')).toMatch(/^552 5\.3\.4 /);
    await peer.say('MAIL FROM:<dan@example.org> SIZE=10');
    await peer.say(`RCPT TO:<${box}>`);
    await peer.say('DATA');
    peer.send(`Subject: large\r\n\r\n${`${'x'.repeat(998)}\r\n`.repeat(1_100)}.\r\n`);
    expect(await peer.reply()).toMatch(/^552 5\.3\.4 /);
    expect(await peer.say('NOOP')).toMatch(/^250 /);
    peer.end();
  });

  it('is refused when it goes in circles, and that is announced with the rule', async () => {
    const peer = await Peer.greet(port);
    await peer.say('MAIL FROM:<dan@example.org>');
    await peer.say(`RCPT TO:<${box}>`);
    await peer.say('DATA');
    const hops = 'Received: from a by b; Mon, 1 Jan 2026 00:00:00 +0700\r\n'.repeat(51);
    expect(await peer.say(`${hops}Subject: loop\r\n\r\n.`)).toMatch(/^554 5\.4\.6 /);
    peer.end();
    const [{ data }] = await house.announced(mailRefused);
    expect(data).toMatchObject({
      ...{ way: 'exchange', rule: 'loop', version: '1', peer: '127.0.0.1' },
      ...{ reversePath: 'dan@example.org', recipients: [box] },
    });
  });

  it('comes over a few connections of one address at once, and guesses end one', async () => {
    const peers = await Promise.all([1, 2, 3].map(() => Peer.greet(port)));
    const fourth = await Peer.early(port, '');
    expect(fourth).toMatch(/^421 4\.7\.0 /);
    const [guesser] = peers;
    await guesser!.say('MAIL FROM:<dan@example.org>');
    for (let n = 1; n < 20; n++)
      expect(await guesser!.say(`RCPT TO:<n${n}@lamdong.gov.vn>`)).toMatch(/^550 /);
    expect(await guesser!.say('RCPT TO:<n20@lamdong.gov.vn>')).toMatch(/^421 /);
    for (const peer of peers) peer.end();
  });

  it('waits when a mailbox is full, and when one address sends too much', async () => {
    await database.query('update mailbox set quota_octets = 1, octets = 1');
    const peer = await Peer.greet(port);
    await peer.say('MAIL FROM:<dan@example.org>');
    // Not as it was written before: what was found of an address is believed for a moment.
    expect(await peer.say('RCPT TO:<An@LamDong.gov.vn>')).toMatch(/^452 4\.2\.2 /);
    let reply = '';
    for (let n = 0; n < 61 && !reply.startsWith('450'); n++) {
      await peer.say('RSET');
      reply = await peer.say('MAIL FROM:<dan@example.org>');
    }
    expect(reply).toMatch(/^450 4\.7\.0 /);
    peer.end();
  });
});
