import { generateKeyPairSync } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailboxOpened, personChanged } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { person } from '@eoffice/testing/directory';
import { eventually, House } from '@eoffice/testing/house';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { MailModule } from '../mail.module.js';
import { MailEdge } from '../smtp/edge.js';

const box = 'an@lamdong.gov.vn';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const signedBy = (domainName: string) => ({
  dkim: { domainName, keySelector: 's1', privateKey: pem },
});

/** Texts of a small DNS of our own; `down` does not answer. */
const records: Record<string, string | 'down'> = {
  'strict.example': 'v=spf1 ip4:127.0.0.1 -all',
  '_dmarc.strict.example': 'v=DMARC1; p=reject; aspf=s; adkim=s',
  's1._domainkey.strict.example': `v=DKIM1; p=${key}`,
  'sub.strict.example': 'v=spf1 ip4:127.0.0.1 -all',
  's1._domainkey.sub.strict.example': `v=DKIM1; p=${key}`,
  'relaxed.example': 'v=spf1 -all',
  '_dmarc.relaxed.example': 'v=DMARC1; p=quarantine; sp=reject',
  's1._domainkey.mail.relaxed.example': `v=DKIM1; p=${key}`,
  'down.example': 'down',
  '_dmarc.down.example': 'down',
};

/** Answers questions for TXT by `records` (RFC 1035), and that there is nothing else. */
async function ownDns(): Promise<{ server: Socket; port: number }> {
  const server = createSocket('udp4');
  server.on('message', (question, { port, address }) => {
    const labels: string[] = [];
    let at = 12;
    for (; question[at]! > 0; at += question[at]! + 1)
      labels.push(question.toString('latin1', at + 1, at + 1 + question[at]!));
    const asked = question.subarray(12, at + 5);
    const text = records[labels.join('.').toLowerCase()];
    if (text === 'down') return;
    const found = text !== undefined && question.readUInt16BE(at + 1) === 16;
    const pieces = (found ? text.match(/.{1,200}/g)! : []).map((piece) =>
      Buffer.concat([Buffer.from([piece.length]), Buffer.from(piece)]),
    );
    const data = Buffer.concat(pieces);
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(found ? 0x8180 : 0x8183, 2);
    for (const [offset, count] of [
      [4, 1],
      [6, found ? 1 : 0],
      [8, 0],
      [10, 0],
    ] as const)
      head.writeUInt16BE(count, offset);
    const row = Buffer.from([
      0xc0,
      12,
      0,
      16,
      0,
      1,
      0,
      0,
      0,
      60,
      data.length >> 8,
      data.length & 255,
    ]);
    server.send(Buffer.concat([head, asked, ...(found ? [row, data] : [])]), port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

describe('who really sent mail of other servers', () => {
  let house: House;
  let database: Database;
  let dns: Awaited<ReturnType<typeof ownDns>>;
  let port: number;

  beforeAll(async () => {
    [house, dns] = await Promise.all([House.open(), ownDns()]);
    const settings = {
      ...{ MAIL_DNS_SERVERS: `127.0.0.1:${dns.port}`, MAIL_HOSTNAME: 'mx.lamdong.gov.vn' },
      SMTP_PEER_CONNECTIONS: '100',
    };
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
  afterAll(async () => {
    await house.close();
    dns.server.close();
  });

  interface Found {
    spf: string;
    dkim: string;
    dmarc: string;
    arc: string;
    header: string;
  }
  async function found(path: string, message: SendMailOptions, signing: object = {}) {
    const transport = createTransport({
      ...{ host: '127.0.0.1', port, name: 'peer.example', tls: { rejectUnauthorized: false } },
      ...signing,
    });
    const { response } = await transport.sendMail({
      ...{ to: box, subject: 'Kính gửi', text: 'x', ...message },
      envelope: { from: path, to: [box] },
    });
    const [, id] = /^250 2\.0\.0 (\S+)/.exec(response)!;
    return eventually(async () => {
      const rows = await database.query<Found>(
        'select spf, dkim, dmarc, arc, header from authentication where acceptance_id = $1',
        [id],
      );
      expect(rows).toHaveLength(1);
      return rows[0]!;
    }, 25_000);
  }

  it('is proven by SPF and DKIM of the same domain, and told to readers', async () => {
    const from = 'A <a@strict.example>';
    const { header, ...rest } = await found(
      'a@strict.example',
      { from },
      signedBy('strict.example'),
    );
    expect(rest).toEqual({ spf: 'pass', dkim: 'pass', dmarc: 'pass', arc: 'none' });
    expect(header).toBe(
      'Authentication-Results: mx.lamdong.gov.vn;\r\n\tspf=pass smtp.mailfrom=strict.example;\r\n' +
        '\tdkim=pass header.d=strict.example header.s=s1;\r\n' +
        '\tdmarc=pass policy.dmarc=reject header.from=strict.example;\r\n\tarc=none',
    );
  });

  it('is not proven by a subdomain where the owner is strict', async () => {
    const from = 'a@strict.example';
    const bySub = await found('a@sub.strict.example', { from }, signedBy('sub.strict.example'));
    expect(bySub).toMatchObject({ spf: 'pass', dkim: 'pass', dmarc: 'fail' });
    const byPath = await found('a@strict.example', { from });
    expect(byPath).toMatchObject({ spf: 'pass', dkim: 'none', dmarc: 'pass' });
  });

  it('is proven by a subdomain where the owner is not', async () => {
    const from = 'a@news.relaxed.example';
    const message = await found('a@relaxed.example', { from }, signedBy('mail.relaxed.example'));
    expect(message).toMatchObject({ spf: 'fail', dkim: 'pass', dmarc: 'pass' });
    const unsigned = await found('a@relaxed.example', { from });
    expect(unsigned).toMatchObject({ spf: 'fail', dmarc: 'fail' });
    expect(unsigned.header).toContain('policy.dmarc=reject header.from=news.relaxed.example');
  });

  it('is as good as the worst of many authors', async () => {
    const from = ['a@strict.example', 'b@relaxed.example'] as never;
    const both = await found('a@strict.example', { from }, signedBy('strict.example'));
    expect(both).toMatchObject({ spf: 'pass', dkim: 'pass', dmarc: 'fail' });
    expect(both.header).toContain('header.from=relaxed.example');
    const nobody = await found('a@strict.example', {});
    expect(nobody).toMatchObject({ spf: 'pass', dmarc: 'permerror' });
    const unknown = await found('a@other.example', { from: 'a@other.example' });
    expect(unknown).toMatchObject({ spf: 'none', dkim: 'none', dmarc: 'none' });
  });

  it('is asked again when DNS does not answer, and the mail is there all the same', async () => {
    const from = 'a@down.example';
    expect(await found('a@down.example', { from })).toMatchObject({ dmarc: 'temperror' });
    const due = 'select acceptance_id from authentication_due where tries > 0';
    expect(await database.query(due)).toHaveLength(1);
    records['down.example'] = 'v=spf1 ip4:127.0.0.1 -all';
    records['_dmarc.down.example'] = 'v=DMARC1; p=none';
    await database.query('update authentication_due set next_at = now()');
    await eventually(async () => {
      const rows = await database.query<Found>(
        `select dmarc from authentication where header like '%header.from=down.example%'`,
      );
      expect(rows).toEqual([{ dmarc: 'pass' }]);
      expect(await database.query(due)).toHaveLength(0);
    });
  }, 40_000);
});
