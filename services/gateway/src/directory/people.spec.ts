import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, organisations, people, postChanged } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { House, problemOf } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { Client } from 'pg';
import { SigningKeys } from '../accounts/signing-keys.js';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';
import { positionsOf } from './positions.js';

const today = localDay();
const manage = ['directory.manage'];
type Bloc = 'government' | 'party';

describe('people and posts', () => {
  let house: House;
  let outsider: Outsider;
  let database: Database;
  let admin: Caller;
  let party: Caller;
  let agencyId: string;
  const folk = () => house.client(people);

  beforeAll(async () => {
    house = await House.open();
    const settings = { HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40) };
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    house.signWith(app.get(SigningKeys));
    database = app.get(Database);
    outsider = await Outsider.of(app);
    const wide = { permissions: manage, organisationId: randomUUID(), reach: 'bloc' as const };
    admin = await house.as(wide);
    party = await house.as({ ...wide, bloc: 'party' });
    agencyId = await agency();
  });
  afterAll(() => house.close());

  const agency = async (caller = admin, more: object = {}) => {
    const bloc: Bloc = caller === party ? 'party' : 'government';
    const known = { kind: 'department', agency: true, name: 'Sở Nội vụ', shortName: 'Sở' };
    const facts = { ...known, symbol: 'SNV', validFrom: '2013-01-01', legalBasis: 'QĐ', bloc };
    const made = await house.client(organisations).register({ ...facts, ...more }, caller);
    return made.organisationId;
  };
  const person = (fullName = 'Nguyễn Văn An', caller = admin) =>
    folk().register({ fullName }, caller);
  const post = (unitId: string, more: object = {}, caller = admin) => {
    const facts = { title: 'Văn thư', roles: ['clerk'], validFrom: '2013-01-01', ...more };
    const rest = { leads: false, signs: false, reach: 'organisation' as const };
    return folk().createPost({ unitId, ...rest, ...facts }, caller);
  };
  const hold = async (personId: string, unitId: string, more: object = {}, caller = admin) => {
    const { postId } = await post(unitId, more, caller);
    return folk().assign({ personId, postId, validFrom: '2020-01-01' }, caller);
  };
  const holder = async (unitId: string, caller = admin) => {
    const { personId } = await person('Trần Thị Bình', caller);
    await hold(personId, unitId, {}, caller);
    return personId;
  };
  const positions = (personId: string, on = today) => positionsOf(database.manager, personId, on);

  it('are changed by who has read them, and by nobody at the same time', async () => {
    const { personId: id } = await person();
    const manager = outsider.bearing(admin.request.token!);
    const found = await manager.get(`/v1/people/${id}`);
    expect([found.status, found.headers.get('etag')]).toEqual([200, '"1"']);
    const body = { fullName: 'Nguyễn Văn Anh', active: true };
    const put = (name: string, headers?: Record<string, string>) =>
      manager.send('PUT', `/v1/people/${id}`, { ...body, fullName: name }, headers);
    expect((await put('Ai')).status).toBe(428);
    const both = await Promise.all(['Một', 'Hai'].map((name) => put(name, { 'if-match': '"1"' })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);

    const made = await post(agencyId);
    const { title, roles, leads, signs, reach } = made;
    const facts = { id: made.postId, title, roles, leads, signs, reach };
    const next = await folk().changePost({ ...facts, version: 1, roles: ['official'] }, admin);
    expect(next).toMatchObject({ roles: ['official'], version: 2 });
    expect(await problemOf(folk().changePost({ ...facts, version: 1 }, admin))).toBe('changed');
    const strange = folk().changePost({ ...facts, version: 2, roles: ['king'] }, admin);
    expect(await problemOf(strange)).toBe('invalid');
    await house.announced(postChanged, 2);
  });

  it('have one owner of an address, whatever its case', async () => {
    const email = 'an.nv@lamdong.gov.vn';
    await folk().register({ fullName: 'Nguyễn Văn An', email }, admin);
    const again = folk().register({ fullName: 'Ngô Văn An', email: email.toUpperCase() }, admin);
    expect(await problemOf(again)).toBe('directory/email-taken');
  });

  it('are listed by given name, page by page, and found without marks', async () => {
    const home = await agency();
    const wanted = [
      ...['Nguyễn Văn An', 'Hoàng Anh', 'Trần Thị Ánh', 'Vũ Thị Ấn', 'Bùi Dân'],
      ...['Phạm Văn Dũng', 'Đỗ Đạt', 'Lê Đức', "K'Brêm"],
    ];
    for (const name of wanted.toReversed()) {
      const { personId } = await person(name.normalize('NFD'));
      await hold(personId, home);
    }
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await folk().list({ agencyId: home, limit: 4, after }, admin);
      names.push(...page.items.map(({ fullName }) => fullName));
      const { personId } = await person('Lý An');
      await hold(personId, home);
      after = page.next;
    } while (after);
    expect(names).toEqual(wanted);
    const found = await folk().list({ agencyId: home, q: 'DO DAT' }, admin);
    expect(found.items.map(({ fullName }) => fullName)).toEqual(['Đỗ Đạt']);
    const typed = await folk().list({ agencyId: home, q: 'k’brem' }, admin);
    expect(typed.items.map(({ fullName }) => fullName)).toEqual(["K'Brêm"]);
  });

  it('hold a post once at a time, until their last day', async () => {
    const { personId } = await person();
    const held = await hold(personId, agencyId);
    const { postId, assignmentId } = held;
    const more = { personId, postId, validFrom: '2024-01-01' };
    expect(await problemOf(folk().assign(more, admin))).toBe('directory/already-assigned');
    const two = await Promise.allSettled(
      [1, 2].map(async () => folk().assign({ ...more, personId: await holder(agencyId) }, admin)),
    );
    expect(two.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    await folk().endAssignment({ id: assignmentId, validTo: '2023-12-31' }, admin);
    expect((await folk().assign(more, admin)).validFrom).toBe('2024-01-01');
    const wrong = folk().endAssignment({ id: assignmentId, validTo: '2019-01-01' }, admin);
    expect(await problemOf(wrong)).toBe('invalid');
    const { assignments } = await folk().find({ id: personId }, admin);
    expect(assignments.map(({ validFrom }) => validFrom)).toEqual(['2024-01-01', '2020-01-01']);
    const { items } = await folk().holders({ id: agencyId }, admin);
    expect(items.filter((each) => each.personId === personId)).toMatchObject([{ postId }]);
  });

  it('of the other bloc are neither seen nor changed', async () => {
    const theirs = await agency(party);
    const comrade = await holder(theirs, party);
    const official = await holder(agencyId);
    const waiting = await person('Người chờ việc');
    const seen = async (caller: Caller) =>
      (await folk().list({ limit: 200 }, caller)).items.map(({ personId }) => personId);
    expect(await seen(party)).toEqual([comrade]);
    expect(await seen(admin)).toEqual(expect.arrayContaining([official, waiting.personId]));
    expect(await seen(admin)).not.toContain(comrade);
    const known = { fullName: 'X', active: false, version: 1 };
    const { postId } = await post(agencyId);
    const facts = { title: 'X', roles: [], leads: false, signs: false, reach: 'bloc' as const };
    const days = { validFrom: today, validTo: today };
    for (const attempt of [
      folk().find({ id: official }, party),
      folk().change({ id: official, ...known }, party),
      folk().change({ id: waiting.personId, ...known }, party),
      folk().findPost({ id: postId }, party),
      folk().changePost({ id: postId, version: 1, ...facts }, party),
      folk().assign({ personId: comrade, postId, validFrom: today }, party),
      folk().createPost({ unitId: agencyId, validFrom: today, ...facts }, party),
      folk().recordAbsence({ personId: official, substituteId: comrade, ...days }, party),
      folk().recordAbsence({ personId: official, substituteId: comrade, ...days }, admin),
    ]) {
      expect(await problemOf(attempt)).toBe('not-found');
    }
    expect((await folk().posts({ unitId: agencyId }, party)).items).toEqual([]);
    expect((await folk().holders({ id: agencyId }, party)).items).toEqual([]);
    const all = await house.as({ permissions: manage, reach: 'all' });
    const crossing = { personId: official, substituteId: comrade, ...days };
    expect(await problemOf(folk().recordAbsence(crossing, all))).toBe('invalid');
  });

  it('are managed at home: nobody gives away what they do not have', async () => {
    const elsewhere = await agency();
    const own = await house.as({ permissions: manage, organisationId: elsewhere });
    const chief = await holder(agencyId);
    const me = await holder(elsewhere, own);
    const days = { validFrom: today, validTo: today };
    for (const attempt of [
      post(elsewhere, { reach: 'bloc' }, own),
      post(elsewhere, { reach: 'all' }, admin),
      post(agencyId, {}, own),
      folk().change({ id: chief, version: 1, fullName: 'X', active: false }, own),
      folk().recordAbsence({ personId: chief, substituteId: me, ...days }, own),
    ]) {
      expect(await problemOf(attempt)).toBe('forbidden');
    }
    const wide = await post(elsewhere, { reach: 'bloc' });
    const taken = folk().assign({ personId: me, postId: wide.postId, validFrom: today }, own);
    expect(await problemOf(taken)).toBe('forbidden');
  });

  it('stand in for who is away, for those days only, and pass nothing on', async () => {
    const [boss, deputy, third] = [await holder(agencyId), await holder(agencyId), await person()];
    const { personId: last } = third;
    await hold(last, agencyId);
    const [from, to] = [addDays(today, -1), addDays(today, 1)];
    const days = { validFrom: from, validTo: to };
    const away = { personId: boss, substituteId: deputy, ...days };
    const { absenceId } = await folk().recordAbsence(away, admin);
    await folk().recordAbsence({ personId: deputy, substituteId: last, ...days }, admin);
    const standing = async (personId: string, on?: string) =>
      (await positions(personId, on)).map(({ forPersonId }) => forPersonId);
    expect(await standing(deputy)).toEqual([undefined, boss]);
    expect(await standing(last)).toEqual([undefined, deputy]);
    expect(await standing(deputy, addDays(from, -1))).toEqual([undefined]);
    expect(await standing(deputy, addDays(to, 1))).toEqual([undefined]);
    const { absences } = await folk().find({ id: deputy }, admin);
    expect(absences).toHaveLength(2);
    await folk().cancelAbsence({ id: absenceId }, admin);
    expect(await standing(deputy)).toEqual([undefined]);
    const self = { personId: boss, substituteId: boss, ...days };
    expect(await problemOf(folk().recordAbsence(self, admin))).toBe('invalid');
    const nobody = { ...self, substituteId: randomUUID() };
    expect(await problemOf(folk().recordAbsence(nobody, admin))).toBe('not-found');
  });

  it('may do what their post says as long as its agency, its roles and they themselves last', async () => {
    const last = addDays(today, 1);
    const id = await agency();
    const { personId } = await person();
    await hold(personId, id);
    const unit = await agency(admin, { parentId: id, agency: false });
    await hold(personId, unit);
    expect((await positions(personId))[0]).toMatchObject({
      permissions: expect.arrayContaining(['documents.register']),
    });
    await house.client(organisations).end({ id, version: 1, validTo: last }, admin);
    expect(await positions(personId, last)).toHaveLength(2);
    expect(await positions(personId, addDays(last, 1))).toEqual([]);

    const sql = new Client({ connectionString: house.database.urlAs('gateway') });
    await sql.connect();
    await sql.query(
      `update role_permission set valid_to = $1 where role = 'clerk' and permission = 'documents.register'`,
      [today],
    );
    await sql.end();
    const allowed = async (on: string) => (await positions(personId, on))[0]!.permissions;
    expect(await allowed(today)).toContain('documents.register');
    expect(await allowed(last)).not.toContain('documents.register');
    const known = { id: personId, fullName: 'Nguyễn Văn An', active: false };
    await folk().change({ ...known, version: 1 }, admin);
    expect(await positions(personId)).toEqual([]);
  });
});
