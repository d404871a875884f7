import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@eoffice/platform/database';
import { House } from '@eoffice/testing/house';
import { keepRaw } from '../raw/raw-messages.js';
import { cancel, domainOf, enqueue } from './enqueue.js';

describe('what is laid down for other servers', () => {
  let house: House;
  let database: Database;
  beforeAll(async () => {
    house = await House.open();
    database = new Database('mail', house.database.urlAs('mail'), 2, []);
    await database.open();
  });
  afterAll(async () => {
    await database.close();
    await house.close();
  });

  const accepted = (recipients: string[], notBefore?: Date) =>
    database.transaction({}, async (manager) => {
      const sha256 = await keepRaw(manager, Buffer.from('Subject: x\r\n\r\n'));
      const [row] = await manager.query<{ id: string }[]>(
        `insert into acceptance (sha256, way, reverse_path, recipients, received)
         values (decode($1, 'hex'), 'submission', 'a@lamdong.gov.vn', $2, 'by spec') returning id`,
        [sha256, recipients],
      );
      const acceptanceId = row!.id;
      await enqueue(manager, { acceptanceId, recipients, notBefore });
      await enqueue(manager, { acceptanceId, recipients, notBefore });
      return acceptanceId;
    });
  const rowsOf = (id: string) =>
    database.query<{ domain: string; state: string; late: number }>(
      `select domain, state, extract(epoch from due_at - now())::int as late
       from outbound_recipient where acceptance_id = $1 order by recipient`,
      [id],
    );

  it('is one row for each recipient, once, by the domain as DNS knows it', async () => {
    const id = await accepted(['a@Example.ORG', 'b@sở-nội-vụ.example', 'c@[127.0.0.1]', 'd']);
    expect((await rowsOf(id)).map(({ domain }) => domain)).toEqual([
      'example.org',
      'xn--s-ni-v-5n8bub8c.example',
      '',
      '',
    ]);
    expect(domainOf('ai@exa mple')).toBe('');
  });

  it('waits until it may go, and is called back only while it waits', async () => {
    const id = await accepted(['a@example.org', 'b@example.org'], new Date(Date.now() + 60_000));
    expect((await rowsOf(id))[0]!.late).toBeGreaterThan(50);
    await database.transaction({}, (manager) =>
      manager.query(
        `update outbound_recipient set state = 'sending'
         where acceptance_id = $1 and recipient = 'b@example.org'`,
        [id],
      ),
    );
    const again = () => database.transaction({}, (manager) => cancel(manager, id));
    expect(await again()).toEqual({ cancelled: 1, tooLate: 1 });
    expect(await again()).toEqual({ cancelled: 0, tooLate: 1 });
    expect((await rowsOf(id)).map(({ state }) => state)).toEqual(['cancelled', 'sending']);
  });
});
