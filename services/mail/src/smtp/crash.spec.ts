import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailboxOpened, personChanged } from '@eoffice/contracts';
import { freePort } from '@eoffice/deploy/local/ports';
import { person } from '@eoffice/testing/directory';
import { eventually, House } from '@eoffice/testing/house';
import { ServiceProcess } from '@eoffice/testing/service-process';
import { Peer } from '@eoffice/testing/smtp';
import { Client } from 'pg';

const box = 'an@lamdong.gov.vn';
const senders = 12;
const kills = 5;

describe('mail that is coming in when something ends', () => {
  let house: House;
  let service: ServiceProcess;
  let sql: Client;
  let port: number;

  beforeAll(async () => {
    house = await House.open();
    house.answerKeys();
    port = await freePort();
    const limits = { SMTP_PEER_CONNECTIONS: '1000', SMTP_PEER_PER_MINUTE: '1000000' };
    service = new ServiceProcess(house, 'mail', { SMTP_PORT: String(port), ...limits });
    service.start();
    sql = new Client({ connectionString: house.database.urlAs('mail') });
    await sql.connect();
    await sql.query(
      `insert into hosted_domain (domain, valid_from, legal_basis)
       values ('lamdong.gov.vn', '2021-01-01', 'Quy chế thư công vụ')`,
    );
    const an = person({ email: box });
    await house.announce(personChanged, an.personId, an);
    await house.announced(mailboxOpened);
  }, 40_000);
  afterAll(async () => {
    await service.kill();
    await sql?.end();
    await house.close();
  });

  const messageOf = (id: string) =>
    `Message-ID: <${id}@example.org>\r\nSubject: ${id}\r\n\r\n${'x'.repeat(70)}\r\n`;

  /** Sends one message, as often as it takes to hear 250. Answers how often that was. */
  async function deliver(id: string): Promise<number> {
    for (let tries = 1; ; tries++) {
      const said = await attempt(id).catch(() => '');
      if (said.startsWith('250 ')) return tries;
      await wait(50);
    }
  }

  async function attempt(id: string): Promise<string> {
    const peer = await Peer.greet(port);
    try {
      for (const line of ['MAIL FROM:<dan@example.org>', `RCPT TO:<${box}>`, 'DATA'])
        if (!/^[23]/.test(await peer.say(line))) return '';
      peer.send(`${messageOf(id)}.\r\n`);
      return await peer.reply();
    } finally {
      peer.end();
    }
  }

  it('is there once when it got 250, however often the service is killed', async () => {
    let told = 0;
    let again = 0;
    let over = false;
    const sender = async (name: number) => {
      for (let n = 0; !over; n++) {
        again += (await deliver(`${name}-${n}`)) - 1;
        told++;
      }
    };
    const all = Promise.all(Array.from({ length: senders }, (_, name) => sender(name)));
    for (let kill = 0; kill < kills; kill++) {
      const before = told;
      await eventually(() => expect(told).toBeGreaterThan(before + 20), 30_000);
      await service.kill();
      service.start();
    }
    over = true;
    await all;
    expect(again).toBeGreaterThan(0);
    const { rows } = await sql.query<{ messages: number; acceptances: number }>(
      `select count(distinct sha256)::int as messages, count(*)::int as acceptances from acceptance`,
    );
    expect(rows[0]).toEqual({ messages: told, acceptances: told });
  }, 120_000);

  it('is put off while PostgreSQL is away, and taken when it is back', async () => {
    const superuser = new Client({ connectionString: process.env.EOFFICE_SPEC_POSTGRES });
    await superuser.connect();
    const name = new URL(house.database.urlAs('mail')).pathname.slice(1);
    const peer = await Peer.greet(port);
    await peer.say('MAIL FROM:<dan@example.org>');
    expect(await peer.say(`RCPT TO:<${box}>`)).toMatch(/^250 /);
    await peer.say('DATA');
    await sql.end();
    await superuser.query(`alter database ${name} allow_connections false`);
    await superuser.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
      [name],
    );
    peer.send(`${messageOf('away')}.\r\n`);
    expect(await peer.reply()).toMatch(/^451 4\.3\.0 /);
    await peer.say('MAIL FROM:<dan@example.org>');
    expect(await peer.say('RCPT TO:<binh@lamdong.gov.vn>')).toMatch(/^451 4\.3\.0 /);
    peer.end();
    await superuser.query(`alter database ${name} allow_connections true`);
    await superuser.end();
    sql = new Client({ connectionString: house.database.urlAs('mail') });
    await sql.connect();
    await deliver('away');
    const { rowCount } = await sql.query(
      `select from acceptance join raw_message using (sha256)
       where position('<away@example.org>'::bytea in octets) > 0`,
    );
    expect(rowCount).toBe(1);
  }, 30_000);
});
