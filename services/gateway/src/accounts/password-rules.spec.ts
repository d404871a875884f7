import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SignInRules } from '@eoffice/contracts';
import { account, administrator, enrol, type Tokens } from '@eoffice/testing/accounts';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import { GatewaySettings } from '../config.js';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';
import { FirstAdministrator } from './first-administrator.js';

const adminPassword = 'Chè Bảo Lộc thơm 1975';
const settings = {
  ...{ HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40) },
  INITIAL_ADMIN_PASSWORD: adminPassword,
};

describe('passwords', () => {
  let house: House;
  let outsider: Outsider;
  let database: Database;
  let admin: Outsider;
  let codes: string[];

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    outsider = await Outsider.of(app);
    database = app.get(Database);
    ({ person: admin, codes } = await administrator(outsider, adminPassword));
  });
  beforeEach(() => database.query('delete from sign_in_failure') as Promise<never>);
  afterAll(() => house.close());

  const signIn = (username: string, password: string, code?: string) =>
    outsider.post<Tokens>('/v1/sessions', { username, password, code });
  const renew = (username: string, password: string, next: string, code?: string) =>
    outsider.post<Tokens>('/v1/sessions/password', { username, password, next, code });

  it('go by rules that say which of them nobody has confirmed yet', async () => {
    const [rules] = await database.query<{ legal_basis: string }>('select * from sign_in_rules');
    expect(rules).toMatchObject({
      ...{ password_length: 14, password_length_with_second_factor: 8, passwords_remembered: 10 },
      ...{ administrator_password_months: 2, idle_days: 45 },
      ...{ max_failures: 5, lock_minutes: 15, address_failures: 50, address_minutes: 15 },
    });
    expect(rules!.legal_basis).toContain('chưa xác nhận');
  });

  it.each([
    ['short for an account without a second factor', 'Sông Đa Nhim', 422],
    ['long enough, counted as people count', 'Sông Đa Nhim 2', 201],
    ['as the seed makes them', 'Lâm Đồng 87c492ab', 201],
    ['below the floor of the contract', 'Đà Lạt', 400],
    ['too monotonous', 'aaaaaaaaaaaaaaaa', 422],
    ['on the list of common ones', 'matkhau1234567', 422],
  ])('may not be easy to guess: %s', async (_, password, status) => {
    const { body } = await admin.post<{ personId: string }>('/v1/people', { fullName: 'Ai đó' });
    const { personId } = body;
    const username = `nguoi-${personId.slice(0, 8)}`;
    const made = await admin.post('/v1/accounts', { personId, username, password });
    expect(made.status).toBe(status);
  });

  it('may be shorter with a second factor, and not without it again', async () => {
    const password = 'Thác Pongour 1990';
    const { id } = await account(admin, { username: 'lan', password });
    const { person } = await enrol(outsider, (await signIn('lan', password)).body);
    const changed = await person.post('/v1/me/password', { current: password, next: 'Pongour 9' });
    expect(changed.status).toBe(200);
    const reset = { password: 'Prenn 78', forgetSecondFactor: true };
    expect((await admin.post(`/v1/accounts/${id}/password`, reset)).status).toBe(422);
    const kept = { password: 'Prenn 78', forgetSecondFactor: false };
    expect((await admin.post(`/v1/accounts/${id}/password`, kept)).status).toBe(200);
  });

  it('are not used again before as many others as the rules say', async () => {
    await database.query('update sign_in_policy set passwords_remembered = 3');
    const password = (n: number) => `Hồ Tuyền Lâm số ${n}`;
    const { id } = await account(admin, { username: 'tuan', password: password(0) });
    for (let n = 1; n <= 3; n++) {
      expect((await renew('tuan', password(n - 1), password(n))).status).toBe(201);
    }
    for (const n of [3, 1]) {
      const { status, body } = await renew('tuan', password(3), password(n));
      expect([status, body.type]).toEqual([422, '/problems/accounts/password-reused']);
    }
    const reset = await admin.post(`/v1/accounts/${id}/password`, { password: password(2) });
    expect(reset.body).toMatchObject({ type: '/problems/accounts/password-reused' });
    expect((await renew('tuan', password(3), password(0))).status).toBe(201);
    const kept = await database.query('select 1 from past_password where account_id = $1', [id]);
    expect(kept).toHaveLength(3);
  });

  it('of administrators are changed every two months, with the old one and the code', async () => {
    const { id } = await account(admin, { username: 'mai', password: 'Chợ đêm Đà Lạt 1' });
    await database.query(
      `update account set password_changed_at = now() - interval '2 months 1 day'`,
    );
    expect((await signIn('mai', 'Chợ đêm Đà Lạt 1')).status).toBe(201);

    const wrong = await signIn('admin', 'sai mật khẩu rồi');
    expect(wrong.body.type).toBe('/problems/accounts/sign-in-refused');
    const old = await signIn('admin', adminPassword, codes[0]);
    expect([old.status, old.body.type]).toEqual([403, '/problems/accounts/password-expired']);

    const next = 'Đèo Prenn mùa thông 5';
    const refused = await renew('admin', 'sai mật khẩu rồi', next, codes[0]);
    expect(refused.status).toBe(401);
    const without = await renew('admin', adminPassword, next);
    expect(without.body.type).toBe('/problems/accounts/code-required');
    const weak = await renew('admin', adminPassword, 'administrator 1', codes[0]);
    expect(weak.body.type).toBe('/problems/accounts/weak-password');
    const same = await renew('admin', adminPassword, adminPassword, codes[0]);
    expect(same.body.type).toBe('/problems/accounts/password-reused');
    const renewed = await renew('admin', adminPassword, next, codes[0]);
    expect([renewed.status, renewed.body.secondFactor]).toEqual([201, 'used']);
    expect((await signIn('admin', adminPassword, codes[1])).status).toBe(401);
    expect((await signIn('admin', next, codes[1])).status).toBe(201);
    admin = outsider.bearing(renewed.body.accessToken);
    expect((await admin.post(`/v1/accounts/${id}/enable`)).status).toBe(200);
  });

  it('are asked for by rows: a province may be stricter from a day on', async () => {
    await database.query(
      `insert into sign_in_policy (valid_from, max_failures, lock_minutes, access_minutes,
         refresh_days, signing_key_days, legal_basis, address_failures, address_minutes,
         password_length, password_length_with_second_factor, passwords_remembered,
         administrator_password_months, idle_days)
       values ('2026-01-01', 5, 15, 10, 14, 30, 'Quyết định của tỉnh', 50, 15, 20, 12, 10, 2, 45)`,
    );
    const { id } = await account(admin, { username: 'son', password: 'Mười chín ký tự 1234' });
    expect(id).toBeTruthy();
    expect((await renew('son', 'Mười chín ký tự 1234', 'Sông Đa Nhim 2026')).body).toMatchObject({
      type: '/problems/accounts/weak-password',
      detail: 'cần ít nhất 20 ký tự',
    });
  });
});

describe('the first administrator', () => {
  it('is not made with a weak password', async () => {
    const house = await House.open();
    const { INITIAL_ADMIN_PASSWORD: _, ...rest } = settings;
    const app = await house.start('gateway', GatewayModule, rest, prepareHttp);
    const weak = Object.assign(new GatewaySettings(), { initialAdminPassword: 'Đà Lạt 12' });
    const first = new FirstAdministrator(app.get(Database), weak, app.get<Log>(ServiceLog));
    await expect(first.onApplicationBootstrap()).rejects.toThrow('needs at least 14 characters');
    expect(await app.get(Database).query('select 1 from account')).toEqual([]);
    await house.close();
  });
});

describe('accounts that nobody uses', () => {
  let house: House;
  let outsider: Outsider;
  let database: Database;
  let admin: Outsider;
  const password = 'Thung lũng Tình yêu 3';

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    outsider = await Outsider.of(app);
    database = app.get(Database);
    ({ person: admin } = await administrator(outsider, adminPassword));
  });
  afterAll(() => house.close());

  it('are closed after 45 days until an administrator enables them, but for the first administrator', async () => {
    const { id } = await account(admin, { username: 'hoa', password });
    const signIn = (given: string) =>
      outsider.post<Tokens>('/v1/sessions', { username: 'hoa', password: given });
    const shown = async () => {
      const { body } = await admin.get<{ items: { id: string; dormant: boolean }[] }>(
        '/v1/accounts',
      );
      return body.items.filter(({ dormant }) => dormant).map((each) => each.id);
    };
    expect((await signIn(password)).status).toBe(201);
    await database.query(`update account set used_at = now() - interval '44 days'`);
    expect(await shown()).toEqual([]);
    await database.query(`update account set used_at = now() - interval '46 days'`);
    expect(await shown()).toEqual([id]);
    expect((await signIn('sai mật khẩu')).body.type).toBe('/problems/accounts/sign-in-refused');
    const closed = await signIn(password);
    expect([closed.status, closed.body.type]).toEqual([403, '/problems/accounts/disabled']);
    await admin.post(`/v1/accounts/${id}/enable`);
    expect((await signIn(password)).status).toBe(201);
    expect(await shown()).toEqual([]);
  });

  it('go by the rules that are entered from a day on, by who may', async () => {
    const { items } = (await admin.get<{ items: SignInRules[] }>('/v1/sign-in-rules')).body;
    const stricter = { ...items[0]!, passwordLength: 30, legalBasis: 'Quyết định của Sở' };
    const past = await admin.post('/v1/sign-in-rules', { ...stricter, validFrom: '2020-01-01' });
    expect(past.body).toMatchObject({ status: 400, errors: [{ pointer: '/validFrom' }] });
    const rules = { ...stricter, validFrom: localDay() };
    expect((await outsider.post('/v1/sign-in-rules', rules)).status).toBe(401);
    expect((await admin.post('/v1/sign-in-rules', rules)).status).toBe(201);
    expect((await admin.post('/v1/sign-in-rules', rules)).status).toBe(409);
    const { body } = await admin.post<{ personId: string }>('/v1/people', { fullName: 'Ai đó' });
    const { personId } = body;
    const account = { personId, username: 'ngan', password: 'Sông Đa Nhim 2' };
    expect((await admin.post('/v1/accounts', account)).status).toBe(422);
  });
});
