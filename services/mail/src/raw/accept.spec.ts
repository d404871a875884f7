import { hash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@eoffice/platform/database';
import { House } from '@eoffice/testing/house';
import { Client } from 'pg';
import { MailModule } from '../mail.module.js';
import { accept, acceptedChannel, type Accepted } from './accept.js';
import { rawOf } from './raw-messages.js';

describe('accepting a message', () => {
  let house: House;
  let database: Database;
  const accepted = (octets: Buffer, changes: Partial<Accepted> = {}): Accepted => ({
    ...{ octets, way: 'exchange', reversePath: 'dân@example.org', received: 'from x by y' },
    ...{ recipients: ['vanthu@lamdong.gov.vn', 'binh@lamdong.gov.vn'] },
    ...{ peer: { address: '192.0.2.1', hello: 'x', protocol: 'ESMTPS' } },
    ...changes,
  });

  beforeAll(async () => {
    house = await House.open();
    database = (await house.start('mail', MailModule)).get(Database);
  });
  afterAll(() => house.close());

  it('keeps its octets once and every promise made for them, as they were', async () => {
    const octets = Buffer.concat([Buffer.from('Subject: \0\r\n\r\n'), randomBytes(30_000)]);
    const [first, second] = await database.transaction({}, async (manager) => [
      await accept(manager, accepted(octets)),
      await accept(manager, accepted(octets, { reversePath: '' })),
    ]);
    expect(first).not.toBe(second);
    const kept = await database.query(
      `select encode(sha256, 'hex') as sha256, way, reverse_path, recipients, peer->>'address' as address
       from acceptance where id = any ($1) order by id`,
      [[first, second]],
    );
    const sha256 = hash('sha256', octets, 'hex');
    const same = { sha256, way: 'exchange', address: '192.0.2.1' };
    expect(kept).toMatchObject([
      { ...same, reverse_path: 'dân@example.org' },
      { ...same, reverse_path: '', recipients: ['vanthu@lamdong.gov.vn', 'binh@lamdong.gov.vn'] },
    ]);
    expect(octets.equals(await rawOf(database.manager, sha256))).toBe(true);
  });

  it('is undone with its transaction, and wakes what delivers when that commits', async () => {
    const listener = new Client({ connectionString: house.database.urlAs('mail') });
    await listener.connect();
    await listener.query(`listen ${acceptedChannel}`);
    let woken = 0;
    listener.on('notification', () => woken++);
    const octets = Buffer.from('Subject: undone\r\n\r\n');
    const undone = database.transaction({}, async (manager) => {
      await accept(manager, accepted(octets));
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    const count = async () => (await listener.query('select from acceptance')).rowCount;
    const before = await count();
    expect(woken).toBe(0);
    await database.transaction({}, (manager) => accept(manager, accepted(octets)));
    expect([await count(), woken]).toEqual([before! + 1, 1]);
    await listener.end();
  });

  it('refuses a message for nobody', async () => {
    const nobody = accepted(Buffer.from('\r\n'), { recipients: [] });
    await expect(accept(database.manager, nobody)).rejects.toThrow(/recipients/);
  });
});
