import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from '@eoffice/testing/house';
import { TrialModule, trialService, TrialTables } from '@eoffice/testing/trial';
import { Retention } from './retention.js';

describe('retention', () => {
  let house: House;
  let tables: TrialTables;
  let retention: Retention;

  beforeAll(async () => {
    house = await House.open();
    tables = await TrialTables.make(house);
    retention = (await house.start(trialService, TrialModule)).get(Retention);
  });
  afterAll(async () => {
    await tables.close();
    await house.close();
  });

  it('forgets answers after three days and inbox rows after ninety, and no audit entry', async () => {
    await tables.own.query(`
      insert into given_answer select 'ai', 'việc', age, 'f', '{}', now() - age::interval
        from unnest(array['2 days', '4 days']) as age;
      insert into inbox select gen_random_uuid(), age, now() - age::interval
        from unnest(array['89 days', '91 days']) as age;
      select append_audit('[{"stream": "cũ", "action": "x", "data": {}}]')`);
    await tables.superuser.query(`set session_replication_role = replica;
      update audit set at = at - interval '20 years' where stream = 'cũ'`);
    await retention.sweep();
    expect(await tables.rows('select key from given_answer')).toEqual([{ key: '2 days' }]);
    expect(await tables.rows('select reaction from inbox')).toEqual([{ reaction: '89 days' }]);
    expect(await tables.rows(`select stream from audit where stream = 'cũ'`)).toHaveLength(1);
  });

  it('goes on with the next table when one cannot be swept', async () => {
    await tables.own.query(`
      insert into given_answer values ('ai', 'việc', 'cũ', 'f', '{}', now() - interval '9 days');
      insert into inbox values (gen_random_uuid(), 'cũ', now() - interval '99 days');
      create function refuse() returns trigger language plpgsql as $$
        begin raise exception 'no'; end $$;
      create trigger refuse before delete on given_answer for each row execute function refuse()`);
    await retention.sweep();
    expect(await tables.rows(`select from given_answer where key = 'cũ'`)).toHaveLength(1);
    expect(await tables.rows(`select from inbox where reaction = 'cũ'`)).toEqual([]);
  });
});
