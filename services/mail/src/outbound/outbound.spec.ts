import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deliveries, outboundFailed } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { MailServer } from '@eoffice/testing/mail-servers';
import { NameServer } from '@eoffice/testing/name-server';
import { MailModule } from '../mail.module.js';
import { laidDown, outboundRows, reportsTo } from '../testing/sending.js';

const mail = (subject: string, body = 'Kính gửi quý cơ quan.\r\n') =>
  `From: Van thu <vanthu@lamdong.gov.vn>\r\nTo: <a@peer.example>\r\nBcc: <hidden@peer.example>\r\n` +
  `Subject: ${subject}\r\nMessage-ID: <${subject}@lamdong.gov.vn>\r\n\r\n${body}`;

describe('mail to other servers', () => {
  let house: House;
  let database: Database;
  let names: NameServer;
  let peer: MailServer;
  let app: Awaited<ReturnType<House['start']>>;

  beforeAll(async () => {
    house = await House.open();
    peer = await MailServer.open();
    names = await NameServer.open({
      'peer.example': { mx: [[10, 'mx.peer.example']] },
      'mx.peer.example': { a: ['127.0.0.1'] },
    });
    app = await house.start('mail', MailModule, {
      MAIL_HOSTNAME: 'mail.lamdong.gov.vn',
      MAIL_DNS_SERVERS: names.address,
      MAIL_PEER_PORT: String(peer.port),
      MAIL_PRIVATE_NETWORKS: '127.0.0.0/30',
      MAIL_PEER_TIMEOUT_MS: '1500',
    });
    database = new Database('mail', house.database.urlAs('mail'), 2, []);
    await database.open();
  });
  beforeEach(() => {
    peer.script = {};
    peer.taken.length = 0;
  });
  afterEach(() =>
    database.transaction({}, (manager) =>
      manager.query(`update outbound_domain set rests_until = '-infinity', failures = 0`),
    ),
  );
  afterAll(async () => {
    await database.close();
    await house.close();
    await peer.close();
    await names.close();
  });

  const send = (
    recipients: string[],
    octets = mail('thu'),
    reversePath = 'vanthu@lamdong.gov.vn',
  ) => laidDown(database, { recipients, octets: Buffer.from(octets), reversePath });
  const rowsOf = (acceptanceId: string) => outboundRows(database, acceptanceId);
  const settled = (acceptanceId: string, attempts = 1) =>
    eventually(async () => {
      const rows = await rowsOf(acceptanceId);
      for (const { state, attempts: made } of rows) {
        expect(state).not.toBe('sending');
        expect(made >= attempts || state !== 'waiting').toBe(true);
      }
      return rows;
    });
  const reportsFor = async (address: string) =>
    (await reportsTo(database, address)).map((octets) => octets.toString());
  const tryNow = (acceptanceId: string) =>
    database.transaction({}, (manager) =>
      manager.query(
        `update outbound_recipient set next_attempt_at = now() where acceptance_id = $1`,
        [acceptanceId],
      ),
    );

  it('goes in one transaction to all recipients of a domain, over TLS, without Bcc', async () => {
    const id = await send(['a@peer.example', 'b@peer.example'], mail('mot', 'một\nhai\r\n.\r\n'));
    const rows = await settled(id);
    expect(rows.map(({ state }) => state)).toEqual(['sent', 'sent']);
    expect(rows[0]!.reply).toMatch(/^250 /);
    expect(rows[0]!.host).toBe('mx.peer.example (127.0.0.1)');
    expect(rows[0]!.tls).toMatch(/^TLSv1.3 \w+ unverified$/);
    expect(peer.taken).toMatchObject([
      { from: 'vanthu@lamdong.gov.vn', to: ['a@peer.example', 'b@peer.example'], secure: true },
    ]);
    const { text } = peer.taken[0]!;
    expect(text).toMatch(/^Received: from pc by mail.lamdong.gov.vn; /);
    expect(text).not.toContain('hidden@');
    expect(Buffer.from(text, 'latin1').toString()).toMatch(/\r\n\r\nmột\r\nhai\r\n\.\r\n$/);
  });

  it('is settled for each recipient by what the server says of them', async () => {
    peer.script = {
      rcpt: (address) => {
        if (address.startsWith('no')) return [550, '5.1.1 khong co <nguoi> nay'];
        if (address.startsWith('full')) return [452, '4.2.2 mailbox full'];
        return undefined;
      },
    };
    const id = await send(['full@peer.example', 'no@peer.example', 'yes@peer.example']);
    const [full, no, yes] = await settled(id);
    expect(full).toMatchObject({
      state: 'waiting',
      status: '4.2.2',
      reply: '452 4.2.2 mailbox full',
    });
    expect(full!.wait).toBeGreaterThan(45);
    expect(full!.wait).toBeLessThan(70);
    expect(no).toMatchObject({ state: 'failed', status: '5.1.1' });
    expect(yes).toMatchObject({ state: 'sent' });
    const failed = (await house.announced(outboundFailed)).find(
      ({ data }) => data.acceptanceId === id,
    );
    expect(failed!.data).toMatchObject({ recipient: 'no@peer.example', status: '5.1.1' });

    const [report] = (await reportsFor('vanthu@lamdong.gov.vn')).filter((text) =>
      text.includes('no@'),
    );
    expect(report).toContain('report-type=delivery-status');
    expect(report).toContain(
      'Final-Recipient: rfc822; no@peer.example\r\nAction: failed\r\nStatus: 5.1.1',
    );
    expect(report).toContain('Diagnostic-Code: smtp; 550 5.1.1 khong co <nguoi> nay');
    expect(report).toContain('Remote-MTA: dns; mx.peer.example\r\n');
    expect(report).toContain('In-Reply-To: <thu@lamdong.gov.vn>');
    expect(report).not.toContain('full@');

    // Only who waits is tried again, and once they have room, it goes to them alone.
    peer.script = {};
    await tryNow(id);
    expect((await settled(id, 2)).filter(({ state }) => state === 'sent')).toHaveLength(2);
    expect(peer.taken.map(({ to }) => to)).toEqual([['yes@peer.example'], ['full@peer.example']]);
  });

  const temporary: [string, MailServer['script'], RegExp][] = [
    ['421 after the octets', { data: () => [421, '4.3.2 closing'] }, /^421 4\.3\.2 closing/],
    ['450 for the recipient', { rcpt: () => [450, '4.7.1 greylisted'] }, /^450 4\.7\.1 greylisted/],
    ['a line that breaks after the octets', { data: () => 'drop' }, /closed|lost/i],
    ['a server that falls silent', { data: () => 'silent' }, /timeout/i],
  ];
  it.each(temporary)('waits after %s', async (_, script, reply) => {
    peer.script = script;
    const id = await send(['a@peer.example']);
    const [row] = await settled(id);
    expect(row).toMatchObject({ state: 'waiting', attempts: 1 });
    expect(row!.reply).toMatch(reply);
    peer.script = {};
    await tryNow(id);
    expect((await settled(id, 2))[0]).toMatchObject({ state: 'sent' });
    expect(peer.taken).toHaveLength(1);
  });

  it('is refused whole when the octets are, and a report is never made about a report', async () => {
    peer.script = { data: () => [554, '5.7.1 spam'] };
    const before = (await reportsFor('vanthu@lamdong.gov.vn')).length;
    const [row] = await settled(await send(['a@peer.example'], mail('bao'), ''));
    expect(row).toMatchObject({ state: 'failed', status: '5.7.1' });
    expect(await reportsFor('')).toEqual([]);
    expect(await reportsFor('vanthu@lamdong.gov.vn')).toHaveLength(before);
  });

  it('finds servers as RFC 5321 says, and fails at once where there can be none', async () => {
    Object.assign(names.records, {
      'implicit.example': { a: ['127.0.0.1'] },
      'null.example': { mx: [[0, '']] },
      'loop.example': {
        mx: [
          [10, 'mail.lamdong.gov.vn'],
          [20, 'mx.peer.example'],
        ],
      },
      'backup.example': {
        mx: [
          [5, 'dead.example'],
          [10, 'mx.peer.example'],
          [20, 'mail.lamdong.gov.vn'],
        ],
      },
      'dead.example': { a: ['127.0.0.2'] },
      'inside.example': { mx: [[10, 'printer.example']] },
      'printer.example': { a: ['10.1.2.3'] },
      'metadata.example': { a: ['169.254.169.254'] },
      'mute.example': { fails: true },
    });
    const outcome = async (domain: string) => {
      const [row] = await settled(await send([`a@${domain}`]));
      return `${row!.state} ${row!.status}`;
    };
    expect(await outcome('implicit.example')).toMatch(/^sent/);
    expect(await outcome('backup.example')).toMatch(/^sent/);
    expect(await outcome('null.example')).toBe('failed 5.1.10');
    expect(await outcome('nowhere.example')).toBe('failed 5.1.2');
    expect(await outcome('loop.example')).toBe('failed 5.4.6');
    expect(await outcome('inside.example')).toBe('failed 5.4.4');
    expect(await outcome('metadata.example')).toBe('failed 5.4.4');
    expect(await outcome('[127.0.0.1]')).toBe('failed 5.1.3');
    expect(await outcome('mute.example')).toBe('waiting 4.4.3');
    expect(peer.taken.map(({ to }) => to[0])).toEqual(['a@implicit.example', 'a@backup.example']);
  });

  it('goes round no more than so often', async () => {
    const hops = 'Received: from a by b; Tue, 24 Nov 2026 08:00:00 +0700\r\n'.repeat(60);
    const [row] = await settled(await send(['a@peer.example'], hops + mail('vong')));
    expect(row).toMatchObject({ state: 'failed', status: '5.4.6' });
    expect(peer.taken).toEqual([]);
  });

  it('lets a domain rest that does not answer, and goes on when asked to', async () => {
    names.records['down.example'] = { a: ['127.0.0.2'] };
    const first = await send(['a@down.example']);
    expect((await settled(first))[0]!.reply).toMatch(/ECONNREFUSED/);
    const second = await send(['b@down.example']);
    const operator = await house.as({ permissions: ['mail.manage'] });
    const client = house.client(deliveries);
    const { items } = await client.domains({}, operator);
    const domain = items.find(({ domain }) => domain === 'down.example');
    expect(domain).toMatchObject({ waiting: 2, failures: 1 });
    expect(Date.parse(domain!.restsUntil!) - Date.now()).toBeGreaterThan(40_000);
    expect((await rowsOf(second))[0]).toMatchObject({ state: 'waiting', attempts: 0 });

    names.records['down.example'] = { a: ['127.0.0.1'] };
    const [row] = await rowsOf(first);
    expect((await client.retry({ id: row!.id }, operator)).state).toBe('waiting');
    await eventually(async () =>
      expect(peer.taken.map(({ to }) => to[0]).sort()).toEqual([
        'a@down.example',
        'b@down.example',
      ]),
    );
  });

  it('opens no more connections to a domain, and begins no more mails a minute, than a row says', async () => {
    const operator = await house.as({ permissions: ['mail.manage'] });
    const client = house.client(deliveries);
    const rule = { tls: 'opportunistic' as const, warnAfterHours: 4, giveUpAfterHours: 120 };
    const dated = { validFrom: '2026-01-01', legalBasis: 'trong bài thử' };
    const narrow = { domain: 'peer.example', connections: 2, perMinute: 5, ...rule, ...dated };
    const row = await client.enactPolicy(narrow, operator);
    expect(await problemOf(client.enactPolicy(narrow, operator))).toBe('conflict');
    await database.transaction({}, (manager) =>
      manager.query(`update outbound_domain set minute_began_at = '-infinity'`),
    );
    peer.mostAtOnce = 0;
    peer.script = { data: () => wait(150, undefined) };
    const ids = await Promise.all(Array.from({ length: 8 }, () => send(['a@peer.example'])));
    await eventually(() => expect(peer.taken).toHaveLength(5));
    expect(peer.mostAtOnce).toBe(2);
    const { items } = await client.domains({}, operator);
    const rests = items.find(({ domain }) => domain === 'peer.example')!.restsUntil;
    expect(Date.parse(rests!) - Date.now()).toBeGreaterThan(30_000);
    const { id, ...rest } = row;
    await client.endPolicy({ id, validTo: '2026-01-02' }, operator);
    expect((await client.policies({}, operator)).items).toContainEqual({
      ...rest,
      ...{ id, validTo: '2026-01-02' },
    });
    await database.transaction({}, (manager) =>
      manager.query(`update outbound_domain set rests_until = '-infinity'`),
    );
    await Promise.all(ids.map((each) => settled(each)));
    expect(peer.taken).toHaveLength(8);
  });

  it('is counted: what waits, since when, and what tries came to', async () => {
    const figures = await (await fetch(`${await app.getUrl()}/metrics`)).text();
    const figure = (name: string) =>
      Number(new RegExp(`^eoffice_mail_outbound_${name} ([\\d.]+)$`, 'm').exec(figures)?.[1]);
    const [{ waiting }] = (await database.query<{ waiting: number }>(
      `select count(*)::int as waiting from outbound_recipient where state = 'waiting'`,
    )) as [{ waiting: number }];
    expect(waiting).toBeGreaterThan(0);
    expect(figure('waiting\\{service="mail"\\}')).toBe(waiting);
    expect(figure('oldest_seconds\\{service="mail"\\}')).toBeGreaterThan(0);
    expect(figure('total\\{outcome="sent",service="mail"\\}')).toBeGreaterThan(10);
    expect(figure('total\\{outcome="failed",service="mail"\\}')).toBeGreaterThan(5);
  });
});
