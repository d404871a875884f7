import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '@eoffice/contracts/language/caller';
import { upkeepOf } from '@eoffice/contracts/language/upkeep';
import { House, problemOf } from '@eoffice/testing/house';
import { trial, TrialModule, trialService, TrialTables } from '@eoffice/testing/trial';

describe('the audit journal', () => {
  let house: House;
  let tables: TrialTables;
  let writer: Caller;
  let auditor: Caller;
  let count = 0;
  const journal = () => house.client(upkeepOf(trialService));
  const write = (subject: string) =>
    house.client(trial).write({ subject, text: `${++count}`, delayMs: 0, crash: false }, writer);

  beforeAll(async () => {
    house = await House.open();
    tables = await TrialTables.make(house);
    await house.start(trialService, TrialModule);
    writer = await house.as({ permissions: ['mail.manage'] });
    auditor = await house.as({ permissions: ['upkeep.audit'] });
    for (const subject of ['a', 'b', 'c', 'd', 'e']) {
      for (let entry = 0; entry < 4; entry++) await write(subject);
    }
  });
  afterAll(async () => {
    await tables.close();
    await house.close();
  });

  it('says who did what, newest first, page by page, to auditors only', async () => {
    expect(await problemOf(journal().journal({}, writer))).toBe('forbidden');
    const first = await journal().journal({ stream: 'a', limit: 3 }, auditor);
    const second = await journal().journal({ stream: 'a', limit: 3, after: first.next }, auditor);
    const positions = [...first.items, ...second.items].map(({ position }) => position);
    expect(positions).toEqual([4, 3, 2, 1]);
    expect(first.items[0]).toMatchObject({
      ...{ stream: 'a', action: 'mail.trial.noted.v1', actor: writer.personId },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const verdict = await journal().verify({}, auditor);
    expect(verdict).toMatchObject({ intact: true, faults: [] });
    expect(verdict.entries).toBeGreaterThanOrEqual(20);
  });

  it('is whole after many wrote to one stream at the same instant', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, index) => write(index % 2 ? 'x' : 'y')));
    expect((await journal().verify({}, auditor)).intact).toBe(true);
    const rows = await tables.rows<{ length: string }>(
      `select length from audit_stream where name in ('x', 'y')`,
    );
    expect(rows.map(({ length }) => Number(length))).toEqual([20, 20]);
  });

  it.each([
    [
      'changed',
      'a',
      2,
      `update audit set data = '{"number": 9}' where position = 2 and stream = $1`,
    ],
    [
      'changed',
      'b',
      4,
      `update audit set actor = gen_random_uuid() where position = 4 and stream = $1`,
    ],
    ['missing', 'c', 3, `delete from audit where position = 2 and stream = $1`],
    ['missing', 'd', 4, `delete from audit where position = 4 and stream = $1`],
    [
      'changed',
      'e',
      2,
      `update audit set position = case position when 2 then 3 else 2 end
       where position in (2, 3) and stream = $1`,
    ],
  ])('shows what a superuser has %s in %s', async (fault, stream, position, sql) => {
    const { superuser } = tables;
    await superuser.query('create table before as select * from audit');
    await superuser.query(`alter table audit drop constraint audit_pkey`);
    await superuser.query(`set session_replication_role = replica`);
    await superuser.query(sql, [stream]);
    const { intact, faults } = await journal().verify({}, auditor);
    expect(intact).toBe(false);
    expect(faults).toContainEqual({ stream, position, fault });
    expect(faults.every((each) => each.stream === stream)).toBe(true);
    await superuser.query('delete from audit');
    await superuser.query('insert into audit select * from before');
    await superuser.query(`alter table audit add primary key (stream, position)`);
    await superuser.query('drop table before; set session_replication_role = origin');
    expect((await journal().verify({}, auditor)).intact).toBe(true);
  });

  it('shows entries that were forged whole, hash and all', async () => {
    const { superuser } = tables;
    await superuser.query('begin; set local session_replication_role = replica');
    await superuser.query(`with next as (
        select *, audit_text(stream, position, at, action, actor, on_behalf_of, '{}', previous) as text
        from audit where stream = 'a' and position = 2)
      update audit a set data = '{}', hash = encode(sha256(convert_to(next.text, 'UTF8')), 'hex')
      from next where a.stream = next.stream and a.position = next.position`);
    await superuser.query('commit');
    const { faults } = await journal().verify({}, auditor);
    expect(faults).toEqual([{ stream: 'a', position: 3, fault: 'reordered' }]);
  });

  it('is append-only even to a superuser who forgets that it is', async () => {
    for (const sql of ['delete from audit', 'update audit set actor = null', 'truncate audit']) {
      await expect(tables.superuser.query(sql)).rejects.toThrow('append-only');
    }
  });

  it.each([
    `update audit set data = '{}'`,
    'delete from audit',
    'truncate audit',
    'drop table audit',
    'drop table audit cascade',
    `insert into audit select * from audit`,
    'alter table audit disable trigger all',
    'drop trigger audit_append_only on audit',
    'alter table audit owner to mail',
    'alter table audit rename to other',
    'update audit_stream set length = 0',
    'delete from audit_stream',
    `create trigger late before insert on audit for each row execute function refuse_change()`,
    'create or replace function append_audit(entries jsonb) returns void language sql as $$ $$',
    'drop function append_audit(jsonb)',
    `create or replace function refuse_change() returns trigger language plpgsql as $$
     begin return null; end $$`,
    'drop schema mail cascade',
    'alter schema mail rename to other',
    'set role journal_keeper',
    'set session_replication_role = replica',
  ])('is out of reach of the role of its service: %s', async (sql) => {
    await expect(tables.own.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('is not misled by functions that the role of its service makes', async () => {
    await tables.own.query(`
      create function mail.sha256(given text) returns bytea language plpgsql as $$
      begin update mail.audit set data = '{}'; return ''; end $$;
      create function mail.jsonb_array_elements(given jsonb, out value jsonb) returns setof jsonb
      language sql as $$ select '{}'::jsonb $$`);
    await tables.own.query('set search_path = mail, pg_catalog');
    await tables.own.query(`select append_audit('[{"stream": "z", "action": "x", "data": {}}]')`);
    await tables.own.query(`set search_path = mail;
      drop function mail.sha256(text); drop function mail.jsonb_array_elements(jsonb)`);
    const rows = await tables.rows(`select position, action from audit where stream = 'z'`);
    expect(rows).toEqual([{ position: '1', action: 'x' }]);
    const { faults } = await journal().verify({}, auditor);
    expect(faults.filter(({ stream }) => stream === 'z')).toEqual([]);
  });
});
