import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { account, administrator, type Tokens } from '@eoffice/testing/accounts';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { Database } from '@eoffice/platform/database';
import { generate } from 'otplib';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';

const adminPassword = 'Chè Bảo Lộc thơm 1975';
const password = 'Hồ Xuân Hương 2026';
const settings = {
  ...{ HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40), RATE_LIMIT_PER_MINUTE: '100000' },
  INITIAL_ADMIN_PASSWORD: adminPassword,
};

describe('failing to sign in', () => {
  let house: House;
  let outsider: Outsider;
  let database: Database;
  let admin: Outsider;
  let secret: string;
  let codes: string[];
  let binh: string;

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    outsider = await Outsider.of(app);
    database = app.get(Database);
    ({ person: admin, secret, codes } = await administrator(outsider, adminPassword));
    binh = (await account(admin, { username: 'binh', password })).id;
  });
  beforeEach(() => database.query('delete from sign_in_failure') as Promise<never>);
  afterAll(() => house.close());

  const from = (address: string) => outsider.with({ 'x-forwarded-for': address });
  const signIn = (where: Outsider, username: string, given: string, code?: string) =>
    where.post<Tokens>('/v1/sessions', { username, password: given, code });
  const guess = async (where: Outsider, username: string, times: number) => {
    const replies = await Promise.all(
      Array.from({ length: times }, (_, n) => signIn(where, username, `sai mật khẩu ${n}`)),
    );
    return replies.map(({ status }) => status).sort();
  };
  const lockedUntil = async () => {
    const { body } = await admin.get<{ items: { id: string; lockedUntil?: string }[] }>(
      '/v1/accounts',
    );
    return body.items.find(({ id }) => id === binh)?.lockedUntil;
  };

  it('checks no more guesses at the same instant than may fail', async () => {
    const statuses = await guess(from('203.0.113.1'), 'binh', 20);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
    const right = await signIn(from('203.0.113.1'), 'binh', password);
    expect(right.body.type).toBe('/problems/accounts/locked');
    const seconds = Number(right.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(14 * 60);
    expect(seconds).toBeLessThanOrEqual(15 * 60);
  });

  it('locks a name that nobody has in the same way, so that the lock tells nothing', async () => {
    const known = await guess(from('203.0.113.2'), 'binh', 7);
    const unknown = await guess(from('203.0.113.2'), 'nobody', 7);
    expect(unknown).toEqual(known);
    const locked = await signIn(from('203.0.113.3'), 'NOBODY', 'x');
    expect(locked.body.type).toBe('/problems/accounts/locked');
  });

  it('counts guesses from everywhere together, but not against where the person signs in from', async () => {
    const office = from('10.20.0.9');
    expect((await signIn(office, 'binh', password)).status).toBe(201);
    for (let host = 1; host <= 5; host++) await guess(from(`198.51.100.${host}`), 'binh', 1);
    expect((await signIn(from('198.51.100.9'), 'binh', password)).status).toBe(429);
    expect((await signIn(office, 'binh', password)).status).toBe(201);
    expect(await lockedUntil()).toBeTruthy();
    await admin.post(`/v1/accounts/${binh}/enable`);
    expect(await lockedUntil()).toBeUndefined();
    expect((await signIn(from('198.51.100.9'), 'binh', password)).status).toBe(201);
  });

  it('takes a /64 of IPv6 for one network', async () => {
    expect((await signIn(from('2001:db8:1:2::5'), 'binh', password)).status).toBe(201);
    await guess(from('2001:db8:9::1'), 'binh', 5);
    expect((await signIn(from('2001:db8:1:2:aaaa::7'), 'binh', password)).status).toBe(201);
    expect((await signIn(from('2001:db8:1:3::5'), 'binh', password)).status).toBe(429);
  });

  it('lets the right password with a recovery code through a lock, and nothing less', async () => {
    await guess(from('203.0.113.4'), 'admin', 6);
    const [used, unused] = codes;
    for (const [given, code] of [
      ['sai mật khẩu', used],
      [adminPassword, 'ffff-ffff-ffff-ffff-ffff'],
      [adminPassword, await generate({ secret })],
      [adminPassword, undefined],
    ]) {
      const reply = await signIn(from('203.0.113.4'), 'admin', given!, code);
      expect(reply.body.type).toBe('/problems/accounts/locked');
    }
    const opened = await signIn(from('203.0.113.4'), 'admin', adminPassword, used);
    expect([opened.status, opened.body.secondFactor]).toEqual([201, 'used']);
    await guess(from('203.0.113.5'), 'admin', 6);
    const spent = await signIn(from('203.0.113.5'), 'admin', adminPassword, used);
    expect(spent.status).toBe(429);
    expect((await signIn(from('203.0.113.5'), 'admin', adminPassword, unused)).status).toBe(201);
  });

  it('does not forget wrong codes because the password was right in between', async () => {
    const where = from('203.0.113.6');
    for (let attempt = 0; attempt < 5; attempt++) {
      const asked = await signIn(where, 'admin', adminPassword);
      expect(asked.body.type).toBe('/problems/accounts/code-required');
      const wrong = await signIn(where, 'admin', adminPassword, '000000');
      expect(wrong.body.type).toBe('/problems/accounts/sign-in-refused');
    }
    expect((await signIn(where, 'admin', adminPassword)).status).toBe(429);
  });

  it('locks twice as long when it goes on, up to a day, and not after a day of peace', async () => {
    const minutesOf = async () => {
      const [row] = await database.query<{ minutes: number }>(
        `select round(extract(epoch from locked_until - now()) / 60)::int as minutes
         from sign_in_failure where subject = $1`,
        [binh],
      );
      return row!.minutes;
    };
    const locks: number[] = [];
    await guess(from('203.0.113.10'), 'binh', 1);
    for (let lock = 1; lock <= 9; lock++) {
      await database.query(
        'update sign_in_failure set failures = $2, locked_until = null where subject = $1',
        [binh, lock * 5 - 1],
      );
      await guess(from('203.0.113.10'), 'binh', 1);
      locks.push(await minutesOf());
    }
    expect(locks).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
    await database.query(
      `update sign_in_failure set locked_until = null, last_at = now() - interval '25 hours'`,
    );
    await guess(from('203.0.113.30'), 'binh', 5);
    expect(await minutesOf()).toBe(15);
  });

  it('closes to a network from which too many sign-ins fail, whichever the accounts', async () => {
    await database.query('update sign_in_policy set address_failures = 12');
    const network = from('192.0.2.1');
    const names = Array.from({ length: 20 }, (_, n) => `ten-${n}`);
    const replies = await Promise.all(names.map((name) => signIn(network, name, 'x')));
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(12);
    const refused = replies.find(({ status }) => status === 429)!;
    expect(refused.body.type).toBe('/problems/too-many');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(14 * 60);
    expect((await signIn(network, 'binh', password)).status).toBe(429);
    expect((await signIn(from('192.0.2.2'), 'binh', password)).status).toBe(201);
    await database.query(
      `update sign_in_failure set locked_until = now(), last_at = now() - interval '16 minutes'`,
    );
    expect((await signIn(network, 'binh', password)).status).toBe(201);
  });

  it('counts no sign-in that succeeds against its network', async () => {
    const network = from('192.0.2.3');
    for (let round = 0; round < 4; round++) {
      const all = await Promise.all(
        Array.from({ length: 4 }, () => signIn(network, 'binh', password)),
      );
      expect(all.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    }
    const [row] = await database.query<{ failures: number }>(
      `select failures from sign_in_failure where subject = '' and origin = '192.0.2.3'`,
    );
    expect(row).toEqual({ failures: 0 });
  });

  it('writes down each refusal with where it came from, and never a name that nobody has', async () => {
    await signIn(from('203.0.113.50'), 'binh', 'sai');
    await signIn(from('203.0.113.51'), 'mật khẩu gõ nhầm ô', 'x');
    const rows = await database.query<{ stream: string; data: object }>(
      `select stream, data from audit where action = 'accounts.sign-in-refused'
       order by at desc limit 2`,
    );
    expect(rows).toEqual([
      { stream: 'accounts.nobody', data: { what: 'password', address: '203.0.113.51' } },
      { stream: binh, data: { what: 'password', address: '203.0.113.50' } },
    ]);
  });

  it('believes no proxy that writes nonsense', async () => {
    const reply = await signIn(
      from('không phải địa chỉ'.normalize('NFD').replace(/[^ -~]/g, '')),
      'binh',
      password,
    );
    expect(reply.status).toBe(201);
  });
});
