import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { account, administrator, enrol, type Tokens } from '@eoffice/testing/accounts';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { Database } from '@eoffice/platform/database';
import { generate } from 'otplib';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';

const adminPassword = 'Chè Bảo Lộc thơm 1975';
const password = 'Hồ Xuân Hương 2026';
const settings = {
  ...{ HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40) },
  INITIAL_ADMIN_PASSWORD: adminPassword,
};

interface OwnSession {
  id: string;
  current: boolean;
  address?: string;
  agent?: string;
}

describe('keeping up one’s own account', () => {
  let house: House;
  let outsider: Outsider;
  let database: Database;
  let admin: Outsider;

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    outsider = await Outsider.of(app);
    database = app.get(Database);
    ({ person: admin } = await administrator(outsider, adminPassword));
  });
  afterAll(() => house.close());

  const signIn = async (username: string, where = outsider) =>
    (await where.post<Tokens>('/v1/sessions', { username, password })).body;
  const refresh = async ({ refreshToken }: Tokens) =>
    (await outsider.post('/v1/sessions/refresh', { refreshToken })).status;
  const sessionsOf = async ({ accessToken }: Tokens) => {
    const reply = await outsider
      .bearing(accessToken)
      .get<{ items: OwnSession[] }>('/v1/me/sessions');
    return reply.body.items;
  };

  it('shows where somebody is signed in, and lets them end it there', async () => {
    await account(admin, { username: 'binh', password });
    const office = outsider.with({ 'x-forwarded-for': '10.20.0.9', 'user-agent': 'Chim/1.0' });
    const [here, there] = [await signIn('binh', office), await signIn('binh')];
    const listed = await sessionsOf(here);
    expect(listed).toHaveLength(2);
    const current = listed.find((each) => each.current)!;
    expect(current).toMatchObject({ address: '10.20.0.9', agent: 'Chim/1.0', secondFactor: false });
    const other = listed.find((each) => !each.current)!;
    const own = outsider.bearing(here.accessToken);
    expect((await own.post(`/v1/me/sessions/${other.id}/end`)).status).toBe(200);
    expect(await refresh(there)).toBe(401);
    expect(await refresh(here)).toBe(201);
    expect((await own.post(`/v1/me/sessions/${other.id}/end`)).status).toBe(404);
    expect(await sessionsOf(here)).toHaveLength(1);
  });

  it('shows and ends nobody else’s', async () => {
    await account(admin, { username: 'lan', password });
    const [lan, binh] = [await signIn('lan'), await signIn('binh')];
    const [{ id } = { id: '' }] = await sessionsOf(lan);
    const foreign = outsider.bearing(binh.accessToken);
    expect((await foreign.post(`/v1/me/sessions/${id}/end`)).status).toBe(404);
    expect(await refresh(lan)).toBe(201);
  });

  it('ends the oldest of more than fifty sessions', async () => {
    await account(admin, { username: 'nam', password });
    const first = await signIn('nam');
    await database.query(
      `insert into session (id, account_id, token_hash, second_factor, expires_at)
       select gen_random_uuid(), account_id, 'x', false, expires_at
       from session, generate_series(1, 49) where id = $1`,
      [first.refreshToken.split('.')[0]],
    );
    const last = await signIn('nam');
    expect(await sessionsOf(last)).toHaveLength(50);
    expect(await refresh(first)).toBe(401);
  });

  it('signs out the whole family of a session’s tokens', async () => {
    const first = await signIn('binh');
    const { body: second } = await outsider.post<Tokens>('/v1/sessions/refresh', {
      refreshToken: first.refreshToken,
    });
    const { refreshToken } = first;
    expect((await outsider.post('/v1/sessions/end', { refreshToken })).status).toBe(200);
    expect(await refresh(second)).toBe(401);
    const own = outsider.bearing(second.accessToken);
    const change = await own.post('/v1/me/password', { current: password, next: 'x'.repeat(20) });
    expect(change.body).toMatchObject({ type: '/problems/accounts/session-over' });
  });

  it.each(['abc', `${'-'.repeat(36)}.x`, `${crypto.randomUUID()}.x`])(
    'has no use for a refresh token like %s',
    async (refreshToken) => {
      expect((await outsider.post('/v1/sessions/refresh', { refreshToken })).status).toBe(401);
      expect((await outsider.post('/v1/sessions/end', { refreshToken })).status).toBeLessThan(500);
    },
  );

  it('changes a password and ends all other sessions', async () => {
    const next = 'Thác Datanla mùa mưa';
    await account(admin, { username: 'mai', password });
    const [here, there] = [await signIn('mai'), await signIn('mai')];
    const own = outsider.bearing(here.accessToken);
    const wrong = await own.post('/v1/me/password', { current: 'sai rồi', next });
    expect(wrong.body).toMatchObject({ type: '/problems/accounts/sign-in-refused' });
    const both = await Promise.all(
      [next, 'Thác Voi mùa khô 12'].map((each) =>
        own.post('/v1/me/password', { current: password, next: each }),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await refresh(there)).toBe(401);
    expect(await refresh(here)).toBe(201);
  });

  it('lets nobody guess the present password with a stolen access token', async () => {
    await account(admin, { username: 'dung', password });
    const own = outsider.bearing((await signIn('dung')).accessToken);
    const replies = await Promise.all(
      Array.from({ length: 9 }, (_, n) =>
        own.post('/v1/me/password', { current: `đoán ${n}`, next: 'Thác Datanla mùa mưa' }),
      ),
    );
    expect(replies.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(4);
  });

  it('sets up a second factor soon after signing in only, and for this session only', async () => {
    await account(admin, { username: 'son', password });
    const [here, there] = [await signIn('son'), await signIn('son')];
    await database.query(
      `update session set started_at = now() - interval '16 minutes' where id = $1`,
      [there.refreshToken.split('.')[0]],
    );
    const late = await outsider.bearing(there.accessToken).post('/v1/me/second-factor');
    expect(late.body).toMatchObject({ status: 403, type: '/problems/accounts/sign-in-again' });

    const { person, tokens, codes } = await enrol(outsider, here);
    expect(tokens.secondFactor).toBe('used');
    expect(new Set(codes).size).toBe(10);
    expect(codes[0]).toMatch(/^([0-9a-f]{4}-){4}[0-9a-f]{4}$/);
    expect(await refresh(there)).toBe(401);
    expect((await person.post('/v1/me/second-factor')).status).toBe(409);
  });

  it('gives new recovery codes for a code of the app, and voids the old', async () => {
    await account(admin, { username: 'hoa', password });
    const { person, secret, codes } = await enrol(outsider, await signIn('hoa'));
    await database.query('update account set totp_last_step = 0 where username = $1', ['hoa']);
    const renew = async (code: string) =>
      person.post<{ codes: string[] }>('/v1/me/second-factor/recovery-codes', { code });
    expect((await renew('000000')).status).toBe(401);
    const { status, body } = await renew(await generate({ secret }));
    expect([status, body.codes.length]).toEqual([200, 10]);
    const withCode = async (code: string) =>
      (await outsider.post('/v1/sessions', { username: 'hoa', password, code })).status;
    expect(await withCode(codes[0]!)).toBe(401);
    expect(await withCode(body.codes[0]!.toUpperCase())).toBe(201);
  });

  it('is over with the account: what is in hand dies within ten minutes, the rest at once', async () => {
    const { id } = await account(admin, { username: 'tuyet', password });
    const tokens = await signIn('tuyet');
    await admin.post(`/v1/accounts/${id}/disable`);
    expect(await refresh(tokens)).toBe(401);
    const left = Date.parse(tokens.accessExpiresAt) - Date.now();
    expect(left).toBeLessThanOrEqual(10 * 60_000);
    const own = outsider.bearing(tokens.accessToken);
    expect((await own.get('/v1/me')).status).toBe(200);
    for (const path of ['/v1/me/second-factor', '/v1/me/password']) {
      const { body } = await own.post(
        path,
        path.endsWith('word') ? { current: password, next: password } : {},
      );
      expect(body).toMatchObject({ type: '/problems/accounts/session-over' });
    }
  });
});
