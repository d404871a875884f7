import { createHash, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dkim, dkimKeyActivated, dkimKeyRetired } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { MailServer } from '@eoffice/testing/mail-servers';
import { NameServer } from '@eoffice/testing/name-server';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { MailModule } from '../mail.module.js';
import { enqueue } from '../outbound/enqueue.js';
import { octetsOf, wireFormFrom } from '../outbound/wire-form.js';
import { accept } from '../raw/accept.js';
import { recordName, recordValue } from './record.js';
import { dkimSignatures, hashOfBody, relaxed, type Signer } from './sign.js';

const domain = 'lamdong.gov.vn';

/** What a verifier that is not ours says of a mail, asked with records that are at hand. */
async function verdictsOf(octets: Buffer, records: Record<string, string>) {
  const resolver = async (name: string) => [[records[name] ?? '']];
  const { results } = await dkimVerify(octets, { resolver } as object);
  return results.map(({ status }) => status.result);
}

describe('a DKIM signature', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ed = generateKeyPairSync('ed25519');
  const signers: Signer[] = [
    { domain, selector: 'r', algorithm: 'rsa-sha256', key: rsa.privateKey },
    { domain, selector: 'e', algorithm: 'ed25519-sha256', key: ed.privateKey },
  ];
  const spki = (key: typeof rsa.publicKey) => key.export({ format: 'der', type: 'spki' });
  const records = {
    [recordName(signers[0]!)]: recordValue({
      algorithm: 'rsa-sha256',
      publicKey: spki(rsa.publicKey).toString('base64'),
    }),
    [recordName(signers[1]!)]: recordValue({
      algorithm: 'ed25519-sha256',
      publicKey: spki(ed.publicKey).subarray(-32).toString('base64'),
    }),
  };
  const signed = async (text: string | Buffer) => {
    const message = await wireFormFrom(Buffer.from(text));
    return Buffer.concat(octetsOf(message, await dkimSignatures(message, signers)));
  };
  const head =
    `From: =?UTF-8?B?VsSDbiB0aMawIMOg?= <a@${domain}>\r\nTo:   b@peer.example\r\n` +
    `Subject: =?UTF-8?B?VGjDtG5n?=  \t =?UTF-8?B?YsOhbw==?=\r\n\tso 1\r\n`;

  const bodies: [string, string][] = [
    ['plain', 'một hai\r\n'],
    ['empty', ''],
    ['of empty lines', '\r\n\r\n\r\n'],
    ['with white space everywhere', ' a \t b \r\n\t\r\n\r\nc\t\t\r\n \r\n\r\n'],
    ['without a last line end', 'cuối'],
    ['that ends in a space', 'cuối '],
    ['with bare line ends', 'một\nhai\rba\r\n'],
    ['long, cut within white space', `${'x'.repeat(262_143)}  \r\n${' '.repeat(300_000)}y\r\n\r\n`],
    ['with a very long line', `${'dài '.repeat(200_000)}\r\n`],
  ];
  it.each(bodies)('verifies over a body %s', async (_, body) => {
    const octets = await signed(`${head}\r\n${body}`);
    expect(await verdictsOf(octets, records)).toEqual(['pass', 'pass']);
  });

  it('breaks when anything signed changes, or a second From or Subject is put in', async () => {
    const text = (await signed(`${head}\r\nsố tiền: 100\r\n`)).toString('latin1');
    const changes = [
      text.replace('100', '900'),
      text.replace('b@peer', 'c@peer'),
      text.replace('To:', 'Subject: khac\r\nTo:'),
      `From: evil@${domain}\r\n${text}`,
      text.replace('To:', 'Reply-To: evil@peer.example\r\nTo:'),
    ];
    for (const changed of changes) {
      const verdicts = await verdictsOf(Buffer.from(changed, 'latin1'), records);
      expect(verdicts).not.toContain('pass');
    }
    const added = `X-Spam: no\r\nReceived: from x by y; today\r\n${text}`;
    expect(await verdictsOf(Buffer.from(added, 'latin1'), records)).toEqual(['pass', 'pass']);
  });

  it('takes letters in a header for what they are, whatever their last octet is', () => {
    const octets = Buffer.from('Subject:  của\u00a0 là \t\r\n').toString('latin1');
    expect(Buffer.from(relaxed(octets), 'latin1').toString()).toBe('subject:của\u00a0 là');
    expect(relaxed(Buffer.from('X: à\r\n\t\r\n').toString('latin1'))).toBe('x:\xc3\xa0');
  });

  it('hashes nothing for an empty body (RFC 6376, 3.4.4)', async () => {
    const nothing = createHash('sha256').update('').digest('base64');
    expect(await hashOfBody([])).toBe(nothing);
    expect(await hashOfBody([Buffer.from('\r'), Buffer.from('\n\r\n')])).toBe(nothing);
  });

  it('of 25 MB holds nobody else up', async () => {
    const line = `${'QUJD'.repeat(19)}\r\n`;
    const octets = Buffer.from(`${head}\r\n${line.repeat(25_000_000 / line.length)}`);
    // However slow the machine is, others get their turn between pieces of 64 to 128 KiB.
    let turns = 0;
    let over = false;
    const turn = () => {
      turns++;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    await dkimSignatures(await wireFormFrom(octets), signers);
    over = true;
    expect(turns).toBeGreaterThan(25_000_000 / 128 / 1024 + 25_000_000 / 64 / 1024 - 10);
  }, 20_000);
});

describe('keys that sign mail', () => {
  let house: House;
  let database: Database;
  let names: NameServer;
  let peer: MailServer;
  beforeAll(async () => {
    house = await House.open();
    peer = await MailServer.open();
    names = await NameServer.open({ 'peer.example': { a: ['127.0.0.1'] } });
    await house.start('mail', MailModule, {
      MAIL_SECRET: 'a secret of thirty-two characters',
      MAIL_DNS_SERVERS: names.address,
      MAIL_PEER_PORT: String(peer.port),
      MAIL_PRIVATE_NETWORKS: '127.0.0.1/32',
    });
    database = new Database('mail', house.database.urlAs('mail'), 2, []);
    await database.open();
  });
  afterAll(async () => {
    await database.close();
    await house.close();
    await peer.close();
    await names.close();
  });
  const client = () => house.client(dkim);
  const sent = async (way: 'submission' | 'exchange', from = `a@${domain}`) => {
    const before = peer.taken.length;
    await database.transaction({}, async (manager) => {
      const octets = Buffer.from(`From: ${from}\r\nSubject: ${way}\r\n\r\nxin chào\r\n`);
      const recipients = ['b@peer.example'];
      const given = { way, reversePath: from, recipients, received: 'Received: by here; now' };
      const acceptanceId = await accept(manager, { octets, ...given });
      await enqueue(manager, { acceptanceId, recipients });
      return {};
    });
    await eventually(() => expect(peer.taken.length).toBe(before + 1));
    return Buffer.from(peer.taken.at(-1)!.text, 'latin1');
  };

  it('are made by who keeps the mail, published, activated, used and destroyed', async () => {
    const keeper = await house.as({ permissions: ['mail.manage'] });
    const input = { domain, selector: '2026a', algorithm: 'rsa-sha256' as const };
    expect(await problemOf(client().make(input, await house.as({})))).toBe('forbidden');
    const key = await client().make(input, keeper);
    expect(key).toMatchObject({ recordName: `2026a._domainkey.${domain}` });
    expect(key.recordValue).toMatch(/^v=DKIM1; k=rsa; p=MIIB[\w+/]+AQAB$/);
    expect(JSON.stringify(key)).not.toContain('sealed');
    expect(await problemOf(client().make(input, keeper))).toBe('conflict');

    // Made is not yet used: who receives could not verify it.
    expect((await sent('submission')).toString()).not.toContain('DKIM-Signature');
    expect(await client().check({ id: key.id }, keeper)).toEqual({ published: false, found: '' });
    names.records[key.recordName] = { txt: ['v=DKIM1; k=rsa; p=AAAA'] };
    expect((await client().check({ id: key.id }, keeper)).found).toBe('v=DKIM1; k=rsa; p=AAAA');
    expect(await problemOf(client().activate({ id: key.id }, keeper))).toBe(
      'mail/dkim-not-published',
    );
    names.records[key.recordName] = { txt: [key.recordValue] };
    const active = await client().activate({ id: key.id }, keeper);
    expect(Date.parse(active.validFrom!)).toBeLessThanOrEqual(Date.now());
    expect((await house.announced(dkimKeyActivated))[0]!.data.keyId).toBe(key.id);

    const records = { [key.recordName]: key.recordValue };
    expect(await verdictsOf(await sent('submission'), records)).toEqual(['pass']);
    // Of a unit below the domain, too; but nothing that others wrote, nor for other domains.
    expect(await verdictsOf(await sent('submission', `a@so.${domain}`), records)).toEqual(['pass']);
    expect((await sent('exchange')).toString()).not.toContain('DKIM-Signature');
    expect((await sent('submission', 'a@other.gov.vn')).toString()).not.toContain('DKIM-Signature');

    const retired = await client().retire({ id: key.id }, keeper);
    expect(Date.parse(retired.validTo!)).toBeLessThanOrEqual(Date.now());
    expect(await house.announced(dkimKeyRetired)).toHaveLength(1);
    expect((await sent('submission')).toString()).not.toContain('DKIM-Signature');
    expect(await database.query('select sealed from dkim_key')).toEqual([{ sealed: null }]);
    expect(await problemOf(client().activate({ id: key.id }, keeper))).toBe('mail/dkim-retired');
    expect((await client().list({}, keeper)).items).toMatchObject([{ id: key.id }]);
  });
});
