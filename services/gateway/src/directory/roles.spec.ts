import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, roleChanged, roles } from '@eoffice/contracts';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { House, problemOf } from '@eoffice/testing/house';
import { SigningKeys } from '../accounts/signing-keys.js';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';

const legalBasis = 'Quyết định phân quyền của UBND tỉnh';
const today = localDay();
const grant = (permission: string, validFrom = today) => ({
  ...{ code: 'auditor', permission, validFrom, legalBasis },
});

describe('roles', () => {
  let house: House;
  let admin: Caller;

  beforeAll(async () => {
    house = await House.open();
    const settings = { HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40) };
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    house.signWith(app.get(SigningKeys));
    admin = await house.as({ permissions: ['directory.keep-roles'], reach: 'all' });
  });
  afterAll(() => house.close());

  const kept = () => house.client(roles);
  const auditor = async () =>
    (await kept().list({}, admin)).items.find(({ code }) => code === 'auditor')!;

  it('are made by who reaches everything, once, and show what they give', async () => {
    const role = { code: 'auditor', name: 'Kiểm toán', nameEn: 'Auditor' };
    const local = await house.as({ permissions: ['directory.keep-roles'], reach: 'bloc' });
    expect(await problemOf(kept().create(role, local))).toBe('forbidden');
    expect(await kept().create(role, admin)).toEqual({ ...role, permissions: [] });
    expect(await problemOf(kept().create(role, admin))).toBe('conflict');
    const clerk = (await kept().list({}, admin)).items.find(({ code }) => code === 'clerk')!;
    expect(clerk.permissions).toContainEqual(
      expect.objectContaining({ permission: 'documents.register' }),
    );
  });

  it('are given what some operation asks for, from today on, once', async () => {
    expect(await problemOf(kept().grant(grant('documents.fly'), admin))).toBe('invalid');
    expect(await problemOf(kept().grant(grant('public'), admin))).toBe('invalid');
    expect(await problemOf(kept().grant(grant('upkeep.audit', '2020-01-01'), admin))).toBe(
      'invalid',
    );
    const both = await Promise.all(
      [1, 2].map(() => problemOf(kept().grant(grant('upkeep.audit'), admin))),
    );
    expect(both.toSorted()).toEqual(['conflict', 'none']);
    expect((await auditor()).permissions).toEqual([
      { permission: 'upkeep.audit', validFrom: today, legalBasis },
    ]);
    const heard = await house.announced(roleChanged, 2);
    expect(heard.at(-1)!.data).toEqual({ code: 'auditor', permission: 'upkeep.audit' });
  });

  it('are denied it after a day, and may be given it again', async () => {
    const end = (permission: string, validTo: string) =>
      kept().withdraw({ code: 'auditor', permission, validTo }, admin);
    expect(await problemOf(end('documents.read', today))).toBe('not-found');
    expect(await problemOf(end('upkeep.audit', addDays(today, -2)))).toBe('invalid');
    await end('upkeep.audit', today);
    const later = addDays(today, 1);
    await kept().grant(grant('upkeep.audit', later), admin);
    expect((await auditor()).permissions).toEqual([
      { permission: 'upkeep.audit', validFrom: today, validTo: today, legalBasis },
      { permission: 'upkeep.audit', validFrom: later, legalBasis },
    ]);
    await end('upkeep.audit', addDays(today, -1));
    expect((await auditor()).permissions).toHaveLength(1);
  });
});
