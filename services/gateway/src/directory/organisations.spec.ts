import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, organisationChanged, organisations } from '@eoffice/contracts';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { SigningKeys } from '../accounts/signing-keys.js';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';

const today = localDay();
const tomorrow = addDays(today, 1);
const basis = 'Nghị quyết 1671/NQ-UBTVQH15';

describe('organisations', () => {
  let house: House;
  let outsider: Outsider;
  let admin: Caller;
  let party: Caller;
  let provinceId: string;
  const directory = () => house.client(organisations);

  beforeAll(async () => {
    house = await House.open();
    const settings = { HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40) };
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    house.signWith(app.get(SigningKeys));
    outsider = await Outsider.of(app);
    const permissions = ['directory.manage'];
    admin = await house.as({ permissions, organisationId: randomUUID(), reach: 'bloc' });
    party = await house.as({
      ...{ permissions, organisationId: randomUUID(), reach: 'bloc', bloc: 'party' },
    });
    provinceId = (await register('Ủy ban nhân dân tỉnh Lâm Đồng', { kind: 'province' }))
      .organisationId;
  });
  afterAll(() => house.close());

  const facts = (name: string, more: object = {}) => ({
    ...{ kind: 'department', agency: true, name, shortName: name.slice(0, 100), symbol: 'UBND' },
    ...{ validFrom: '2013-01-01', legalBasis: basis },
    ...more,
  });
  const register = (name: string, more: object = {}, caller = admin) =>
    directory().register({ bloc: 'government', ...facts(name, more) } as never, caller);

  it('are managed only by who may, where they may', async () => {
    const reader = await house.as({ organisationId: provinceId, permissions: [] });
    expect(await problemOf(register('Sở Nội vụ', {}, reader))).toBe('forbidden');
    const permissions = ['directory.manage'];
    const own = await house.as({ organisationId: provinceId, permissions });
    const unit = await register('Văn phòng', { parentId: provinceId, agency: false }, own);
    expect(unit.agencyId).toBe(provinceId);
    const below = { parentId: unit.organisationId, agency: false };
    expect((await register('Phòng Tổng hợp', below, own)).agencyId).toBe(provinceId);
    expect(await problemOf(register('Sở Nội vụ', {}, own))).toBe('forbidden');
    const department = await register('Sở Nội vụ', { parentId: provinceId });
    const { organisationId: id, version } = department;
    const ended = directory().end({ id, version, validTo: today }, own);
    expect(await problemOf(ended)).toBe('forbidden');
  });

  it('have one version a day: a change ends what was true the day before', async () => {
    const { organisationId: id } = await register('Sở KH&CN', { parentId: provinceId });
    const wrong = { id, version: 2, ...facts('Sở', { validFrom: '2025-03-01' }) };
    expect(await problemOf(directory().change(wrong, admin))).toBe('changed');
    const named = 'Sở Khoa học và Công nghệ';
    const next = { parentId: provinceId, validFrom: '2025-03-01' };
    const change = { id, version: 1, ...facts(named, next) };
    expect(await directory().change(change, admin)).toMatchObject({ name: named, version: 2 });
    const before = await directory().find({ id, on: '2025-02-28' }, admin);
    expect(before).toMatchObject({ name: 'Sở KH&CN', validTo: '2025-02-28', version: 2 });
    expect((await directory().find({ id, on: '2025-03-01' }, admin)).name).toBe(named);
    expect(await problemOf(directory().find({ id, on: '2012-12-31' }, admin))).toBe('not-found');
    const late = { ...change, version: 2, validFrom: '2024-01-01' };
    expect(await problemOf(directory().change(late, admin))).toBe('directory/overlap');
    const { versions } = await directory().history({ id }, admin);
    expect(versions.map(({ validFrom, validTo }) => [validFrom, validTo])).toEqual([
      ['2013-01-01', '2025-02-28'],
      ['2025-03-01', undefined],
    ]);
  });

  it('are not overwritten by who read them before somebody else changed them', async () => {
    const { organisationId: id } = await register('Sở Tài chính', { parentId: provinceId });
    const manager = outsider.bearing(admin.request.token!);
    const found = await manager.get(`/v1/organisations/${id}`);
    expect(found.headers.get('etag')).toBe('"1"');
    const body = facts('Sở Tài chính và Kế hoạch', { parentId: provinceId, validFrom: today });
    const path = `/v1/organisations/${id}/versions`;
    expect((await manager.post(path, body)).status).toBe(428);
    expect((await manager.post(path, body, { 'if-match': '"7"' })).status).toBe(412);
    expect((await manager.post(path, body, { 'if-match': '*' })).body).toMatchObject({
      status: 400,
      errors: [{ pointer: '/If-Match' }],
    });
    const both = [body, { ...body, validFrom: tomorrow }].map((each) =>
      manager.post(path, each, { 'if-match': '"1"' }),
    );
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 412]);
  });

  it('keep what was true when a change is called off before its first day', async () => {
    const last = '2099-12-31';
    const { organisationId: id } = await register('Chi cục', {
      ...{ parentId: provinceId, validTo: last },
    });
    const change = { id, version: 1, ...facts('Chi cục mới', { validFrom: tomorrow }) };
    const { version } = await directory().change(change, admin);
    const off = { id, version, validFrom: tomorrow };
    const outside = await house.as({
      ...{ organisationId: randomUUID(), permissions: ['directory.manage'] },
    });
    expect(await problemOf(directory().cancelChange(off, outside))).toBe('forbidden');
    expect(await problemOf(directory().cancelChange({ ...off, version: 1 }, admin))).toBe(
      'changed',
    );
    const back = await directory().cancelChange(off, admin);
    expect(back).toMatchObject({ name: 'Chi cục', validTo: last, version: 3 });
    expect((await directory().find({ id, on: '2099-01-01' }, admin)).name).toBe('Chi cục');
    await eventually(async () => {
      const told = (await house.announced(organisationChanged))
        .filter(({ subject }) => subject === id)
        .map(({ data }) => [data.name, data.validTo, data.cancelled]);
      expect(told).toEqual([
        ['Chi cục', last, undefined],
        ['Chi cục', today, undefined],
        ['Chi cục mới', undefined, undefined],
        ['Chi cục mới', undefined, true],
        ['Chi cục', last, undefined],
      ]);
    });
    const first = { id, version: 3, validFrom: '2013-01-01' };
    expect(await problemOf(directory().cancelChange(first, admin))).toBe('directory/not-ahead');
  });

  it('end on their last day with their units, or go on after all while it is not over', async () => {
    const { organisationId: id } = await register('UBND huyện', { parentId: provinceId });
    const unit = await register('Phòng', { parentId: id, agency: false });
    const ended = await directory().end({ id, version: 1, validTo: tomorrow }, admin);
    expect(ended).toMatchObject({ validTo: tomorrow, version: 2 });
    const { organisationId } = unit;
    expect((await directory().find({ id: organisationId }, admin)).validTo).toBe(tomorrow);
    const back = await directory().cancelEnd({ id, version: 2 }, admin);
    expect([back.validTo, back.version]).toEqual([undefined, 3]);
    const past = addDays(today, -1);
    await directory().end({ id, version: 3, validTo: past }, admin);
    expect(await problemOf(directory().find({ id }, admin))).toBe('not-found');
    const over = directory().cancelEnd({ id, version: 4 }, admin);
    expect(await problemOf(over)).toBe('directory/not-ahead');
    const early = directory().end({ id, version: 4, validTo: '2012-01-01' }, admin);
    expect(await problemOf(early)).toBe('invalid');
  });

  it('have one parent that is there, in their bloc, and not below them', async () => {
    const orphan = register('Sở', { parentId: randomUUID() });
    expect(await problemOf(orphan)).toBe('directory/wrong-parent');
    expect(await problemOf(register('Phòng', { agency: false }))).toBe('directory/wrong-parent');
    const a = await register('A', { parentId: provinceId });
    const b = await register('B', { parentId: a.organisationId });
    const under = facts('A', { parentId: b.organisationId, validFrom: today });
    const loop = directory().change({ id: a.organisationId, version: 1, ...under }, admin);
    expect(await problemOf(loop)).toBe('directory/wrong-parent');
    const foreign = register('Ban', { parentId: provinceId, bloc: 'party' }, party);
    expect(await problemOf(foreign)).toBe('directory/wrong-parent');
    const unit = await register('Phòng', { parentId: a.organisationId, agency: false });
    const moved = facts('Phòng', { parentId: b.organisationId, agency: false, validFrom: today });
    const change = directory().change({ id: unit.organisationId, version: 1, ...moved }, admin);
    expect(await problemOf(change)).toBe('directory/wrong-parent');
  });

  it('of the other bloc are not there', async () => {
    const committee = await register('Tỉnh ủy Lâm Đồng', { bloc: 'party' }, party);
    expect(committee.bloc).toBe('party');
    const seen = (caller: Caller) =>
      directory()
        .list({ limit: 200 }, caller)
        .then(({ items }) => items.map(({ bloc }) => bloc));
    expect(new Set(await seen(admin))).toEqual(new Set(['government']));
    expect(new Set(await seen(party))).toEqual(new Set(['party']));
    expect((await directory().list({ bloc: 'government' }, party)).items).toEqual([]);
    const id = provinceId;
    const change = { id, version: 1, ...facts('Tỉnh', { validFrom: today }) };
    const edge = { fromId: id, toId: committee.organisationId, kind: 'merge' as const };
    for (const attempt of [
      directory().find({ id }, party),
      directory().history({ id }, party),
      directory().successors({ id }, party),
      directory().change(change, party),
      directory().end({ id, version: 1, validTo: today }, party),
      directory().succeed({ ...edge, effectiveOn: today, legalBasis: basis }, party),
      directory().succeed({ ...edge, effectiveOn: today, legalBasis: basis }, admin),
    ]) {
      expect(await problemOf(attempt)).toBe('not-found');
    }
    expect(await problemOf(register('Ban', { bloc: 'party' }))).toBe('forbidden');
    const all = await house.as({ permissions: ['directory.manage'], reach: 'all' });
    expect(new Set(await seen(all))).toEqual(new Set(['government', 'party']));
  });

  it('may share a name, never a code', async () => {
    const names = await Promise.all(
      ['P1', 'P2'].map((code) => register('Phường 1', { parentId: provinceId, code })),
    );
    expect(new Set(names.map(({ organisationId }) => organisationId)).size).toBe(2);
    expect(await problemOf(register('Phường 3', { code: 'P1' }))).toBe('directory/code-taken');
    const wrong = register('Phường 4', { identifier: 'vxp.saas.03' });
    await expect(wrong).rejects.toMatchObject({ errors: [{ pointer: '/identifier' }] });
  });

  it('are listed in the order of the Vietnamese alphabet and found without marks', async () => {
    const wanted = ['Bảo Lộc', 'Di Linh', 'Dran', 'Đà Lạt'];
    for (const name of ['Đà Lạt', 'Di Linh', 'Dran', 'Bảo Lộc'.normalize('NFD')]) {
      await register(name, { kind: 'sorted', parentId: provinceId });
    }
    const list = (more: object) => directory().list({ kind: 'sorted', ...more }, admin);
    const names = (await list({})).items.map(({ name }) => name);
    expect(names).toEqual(wanted);
    for (const q of ['bao loc', 'BẢO LỘC', 'Bảo Lộc'.normalize('NFD'), 'bao  loc']) {
      expect((await list({ q })).items.map(({ name }) => name)).toEqual(['Bảo Lộc']);
    }
    expect((await list({ q: 'đa' })).items.map(({ name }) => name)).toEqual(['Đà Lạt']);
    expect((await list({ q: '%' })).items).toEqual([]);
  });

  it('are shown page by page, none twice and none lost while others are registered', async () => {
    const name = (index: number) => `Xã ${String(index).padStart(3, '0')}`;
    const kind = 'paged';
    for (let index = 0; index < 12; index += 1) {
      await register(name(index * 10), { kind, parentId: provinceId });
    }
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await directory().list({ kind, limit: 5, after }, admin);
      seen.push(...page.items.map((each) => each.name));
      await register(name(seen.length), { kind, parentId: provinceId });
      after = page.next;
    } while (after);
    const first = Array.from({ length: 12 }, (_, index) => name(index * 10));
    expect(seen.filter((each) => first.includes(each))).toEqual(first);
    expect(new Set(seen).size).toBe(seen.length);
  });
});
