import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliveries, type EnactOutboundPolicy } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { certificateOf } from '@eoffice/testing/certificates';
import { eventually, House } from '@eoffice/testing/house';
import { MailServer } from '@eoffice/testing/mail-servers';
import { NameServer } from '@eoffice/testing/name-server';
import { MailModule } from '../mail.module.js';
import { laidDown, outboundRows } from '../testing/sending.js';
import { fetchText, namesExchanger, policyIn } from './transport-policies.js';

const safe = certificateOf('/CN=mx.safe.example', 2, ['mx.safe.example', 'mta-sts.safe.example']);

describe('the line to another server', () => {
  let house: House;
  let database: Database;
  let names: NameServer;
  const peers: MailServer[] = [];
  const roots = join(tmpdir(), `eoffice-roots-${process.pid}.pem`);

  beforeAll(async () => {
    await writeFile(roots, safe.pem);
    house = await House.open();
    const first = await MailServer.open({ key: safe.key, cert: safe.pem });
    const { port } = first;
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
    peers.push(
      first,
      await MailServer.open({}, { host: '127.0.0.2', port }),
      await MailServer.open({ disabledCommands: ['STARTTLS'] }, { host: '127.0.0.3', port }),
      await MailServer.open(old, { host: '127.0.0.4', port }),
    );
    names = await NameServer.open({
      'mx.safe.example': { a: ['127.0.0.1'] },
      'a.b.safe.example': { a: ['127.0.0.1'] },
      'safe.example': { mx: [[10, 'mx.safe.example']] },
      'named.example': { mx: [[10, 'mx.safe.example']] },
      'unnamed.example': { mx: [[10, 'a.b.safe.example']] },
      'lapsed.example': { a: ['127.0.0.3'] },
      'loose.example': { a: ['127.0.0.2'] },
      'strict.example': { a: ['127.0.0.2'] },
      'plain.example': { a: ['127.0.0.3'] },
      'must.example': { a: ['127.0.0.3'] },
      'old.example': { a: ['127.0.0.4'] },
    });
    await house.start('mail', MailModule, {
      MAIL_DNS_SERVERS: names.address,
      MAIL_PEER_PORT: String(port),
      MAIL_PRIVATE_NETWORKS: '127.0.0.0/29',
      MAIL_ROOTS_FILE: roots,
    });
    database = new Database('mail', house.database.urlAs('mail'), 2, []);
    await database.open();
  });
  afterAll(async () => {
    await database.close();
    await house.close();
    await Promise.all(peers.map((peer) => peer.close()));
    await names.close();
    await rm(roots);
  });

  const outcome = async (domain: string) => {
    const id = await laidDown(database, { recipients: [`a@${domain}`] });
    return eventually(async () => {
      const [row] = await outboundRows(database, id);
      expect(row).toMatchObject({ attempts: 1 });
      expect(row!.state).not.toBe('sending');
      return row!;
    });
  };
  const demand = async (domain: string, tls: EnactOutboundPolicy['tls']) =>
    house.client(deliveries).enactPolicy(
      {
        ...{ domain, tls, connections: 4, perMinute: 100, warnAfterHours: 4, giveUpAfterHours: 96 },
        ...{ validFrom: '2026-01-01', legalBasis: 'trong bài thử' },
      },
      await house.as({ permissions: ['mail.manage'] }),
    );

  it('is encrypted where the other side can, whatever certificate it shows', async () => {
    expect((await outcome('loose.example')).tls).toMatch(/unverified$/);
    expect(await outcome('plain.example')).toMatchObject({ state: 'sent', tls: null });
    expect(await outcome('old.example')).toMatchObject({ state: 'sent', tls: null });
  });

  it('is what a row demands, or the mail waits', async () => {
    await demand('safe.example', 'verified');
    await demand('strict.example', 'verified');
    await demand('must.example', 'encrypted');
    expect((await outcome('safe.example')).tls).toMatch(/^TLSv1\.3 \w+ verified$/);
    const strict = await outcome('strict.example');
    expect(strict).toMatchObject({ state: 'waiting', status: '4.4.1' });
    expect(strict.reply).toMatch(/certificate/);
    expect(await outcome('must.example')).toMatchObject({ state: 'waiting', status: '4.4.1' });
    expect(peers[1]!.taken).toHaveLength(1);
  });

  it('is what the domain itself demands (MTA-STS)', async () => {
    await database.transaction({}, (manager) =>
      manager.query(
        `insert into mta_sts_policy (domain, policy_id, mode, mx, expires_at, checked_at) values
           ('named.example', '1', 'enforce', '{mx.safe.example}', now() + interval '1 day', now()),
           ('unnamed.example', '1', 'enforce', '{*.safe.example}', now() + interval '1 day', now()),
           ('lapsed.example', '1', 'enforce', '{x.example}', now() - interval '1 day', now())`,
      ),
    );
    expect((await outcome('named.example')).tls).toMatch(/ verified$/);
    const unnamed = await outcome('unnamed.example');
    expect(unnamed).toMatchObject({ state: 'waiting', status: '4.7.0' });
    expect(await outcome('lapsed.example')).toMatchObject({ state: 'sent', tls: null });
    expect(names.asked).toContain('TXT _mta-sts.lapsed.example');
    // Names are asked for whatever cached policy there is only once in a while.
    expect(names.asked).not.toContain('TXT _mta-sts.named.example');
  });
});

describe('an MTA-STS policy', () => {
  let server: Server;
  let answer: [status: number, type: string, text: string];
  const good =
    'version: STSv1\r\nmode: enforce\r\nmx: mx.safe.example\r\nmx: *.b.example\r\nmax_age: 99\r\n';
  beforeAll(async () => {
    server = createServer({ key: safe.key, cert: safe.pem }, (asked, reply) => {
      const [status, type, text] = answer;
      reply.writeHead(asked.url === '/.well-known/mta-sts.txt' ? status : 500, {
        ...{ 'content-type': type, location: 'https://elsewhere.example/' },
      });
      reply.end(text);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.close();
    await once(server, 'close');
  });
  const fetched = (host = 'mta-sts.safe.example', roots: string | undefined = safe.pem) => {
    const { port } = server.address() as AddressInfo;
    return fetchText(host, { addresses: ['127.0.0.1'], roots, port });
  };

  it('is fetched over HTTPS from a server that proves its name, and from nowhere else', async () => {
    answer = [200, 'text/plain; charset=utf-8', good];
    expect(policyIn(await fetched())).toEqual({
      ...{ mode: 'enforce', mx: ['mx.safe.example', '*.b.example'], maxAge: 99 },
    });
    await expect(fetched('mta-sts.other.example')).rejects.toThrow(/altnames/);
    await expect(fetched('mta-sts.safe.example', '')).rejects.toThrow(/self-signed/);
    answer = [301, 'text/plain', good];
    await expect(fetched()).rejects.toThrow('status 301');
    answer = [200, 'text/html', good];
    await expect(fetched()).rejects.toThrow('not text/plain');
    answer = [200, 'text/plain', 'x'.repeat(70_000)];
    await expect(fetched()).rejects.toThrow('too much');
  });

  it('names exchangers label by label', () => {
    const policy = { policyId: '1', ...policyIn(good) };
    expect(namesExchanger(policy, 'mx.safe.example')).toBe(true);
    expect(namesExchanger(policy, 'a.b.example')).toBe(true);
    expect(namesExchanger(policy, 'b.example')).toBe(false);
    expect(namesExchanger(policy, 'a.a.b.example')).toBe(false);
    expect(() => policyIn('mode: enforce')).toThrow();
  });
});

describe('a relay', () => {
  it('takes all mail, and is shown the password only once it has proved its name', async () => {
    const own = certificateOf('/CN=localhost', 2, ['localhost']);
    const signedIn: string[] = [];
    const relay = await MailServer.open({
      ...{ key: own.key, cert: own.pem, authOptional: false, authMethods: ['PLAIN'] },
      onAuth: ({ username, password }, _, done) => {
        signedIn.push(`${username} ${password}`);
        done(null, { user: username });
      },
    });
    const roots = join(tmpdir(), `eoffice-relay-roots-${process.pid}.pem`);
    await writeFile(roots, own.pem);
    const house = await House.open();
    const database = new Database('mail', house.database.urlAs('mail'), 2, []);
    await database.open();
    const settings = { MAIL_RELAY: `smtp://so%40lamdong:p%2Fw@localhost:${relay.port}` };
    const distrustful = await house.start('mail', MailModule, settings);
    const id = await laidDown(database, { recipients: ['a@peer.example', 'b@other.example'] });
    await eventually(async () => {
      for (const { reply } of await outboundRows(database, id))
        expect(reply).toMatch(/self-signed/);
    });
    expect(signedIn).toEqual([]);
    await house.stop(distrustful);

    await database.transaction({}, async (manager) => {
      await manager.query(`update outbound_domain set rests_until = '-infinity'`);
      await manager.query('update outbound_recipient set next_attempt_at = now()');
    });
    await house.start('mail', MailModule, { ...settings, MAIL_ROOTS_FILE: roots });
    await eventually(async () => {
      for (const { state, tls } of await outboundRows(database, id)) {
        expect(`${state} ${tls}`).toMatch(/^sent TLSv1\.3 \w+ verified$/);
      }
    });
    expect(relay.taken.flatMap(({ to }) => to).sort()).toEqual([
      'a@peer.example',
      'b@other.example',
    ]);
    expect(new Set(signedIn)).toEqual(new Set(['so@lamdong p/w']));
    await database.close();
    await house.close();
    await relay.close();
    await rm(roots);
  });
});
