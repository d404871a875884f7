import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { generate } from 'otplib';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';

const password = 'Chè Bảo Lộc thơm 1975';
const settings = {
  HTTP_PORT: '0',
  GATEWAY_SECRET: 'x'.repeat(40),
  INITIAL_ADMIN_PASSWORD: password,
};
interface Tokens {
  accessToken: string;
  refreshToken: string;
  secondFactor: string;
}

describe('signing in', () => {
  let house: House;
  let outsider: Outsider;
  let admin: Outsider;
  let adminSecret: string;

  beforeAll(async () => {
    house = await House.open();
    outsider = await Outsider.of(
      await house.start('gateway', GatewayModule, settings, prepareHttp),
    );
  });
  afterAll(() => house.close());

  const signIn = (username: string, secret: string, code?: string) =>
    outsider.post<Tokens>('/v1/sessions', { username, password: secret, code });

  it('lets an administrator do nothing before a second factor is set up', async () => {
    const { status, body } = await signIn('admin', password);
    expect([status, body.secondFactor]).toEqual([201, 'enrol']);
    const halfway = outsider.bearing(body.accessToken);
    expect((await halfway.get('/v1/accounts')).status).toBe(403);
    const enrolled = await halfway.post<{ secret: string }>('/v1/me/second-factor');
    adminSecret = enrolled.body.secret;
    expect((await halfway.post('/v1/me/second-factor/confirm', { code: '000000' })).status).toBe(
      401,
    );
    const code = await generate({ secret: adminSecret });
    const confirmed = await halfway.post<{ codes: string[] }>('/v1/me/second-factor/confirm', {
      code,
    });
    expect(confirmed.body.codes).toHaveLength(10);

    expect((await signIn('admin', password)).body).toMatchObject({
      type: '/problems/accounts/code-required',
    });
    const again = await signIn('admin', password, code);
    expect(again.status).toBe(401);
    const recovered = await signIn('admin', password, confirmed.body.codes[0]);
    expect([recovered.status, recovered.body.secondFactor]).toEqual([201, 'used']);
    expect((await signIn('admin', password, confirmed.body.codes[0])).status).toBe(401);
    admin = outsider.bearing(recovered.body.accessToken);
    expect((await admin.get<{ items: unknown[] }>('/v1/accounts')).body.items).toHaveLength(1);
  });

  it('tells strangers nothing, in the language they ask for', async () => {
    const wrong = await outsider.post(
      '/v1/sessions',
      { username: 'nobody', password: 'x' },
      { 'accept-language': 'en' },
    );
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('content-type')).toContain('application/problem+json');
    expect(wrong.body).toMatchObject({
      type: '/problems/accounts/sign-in-refused',
      title: 'The user name, password or code is not right',
    });
    expect((await outsider.get('/v1/me')).body).toMatchObject({
      title: 'Chưa đăng nhập hoặc phiên đã hết hạn',
    });
    const broken = await outsider.bearing('eyJhbGciOiJub25lIn0.e30.').get('/v1/me');
    expect(broken.status).toBe(401);
  });

  it('gives people accounts, rotates their refresh tokens and ends a session whose token is stolen', async () => {
    const person = await admin.post<{ personId: string }>('/v1/people', {
      fullName: 'Trần Thị Bình',
      email: 'binh.tt@lamdong.gov.vn',
    });
    expect(person.status).toBe(201);
    const { personId } = person.body;
    const weak = await admin.post('/v1/accounts', {
      personId,
      username: 'binh',
      password: 'aaaaaaaaaaaaaa',
    });
    expect(weak.body).toMatchObject({ status: 422 });
    const made = await admin.post('/v1/accounts', {
      personId,
      username: 'binh',
      password: 'Hồ Xuân Hương 2026',
    });
    expect(made.status).toBe(201);

    const first = await signIn('BINH.TT@lamdong.gov.vn', 'Hồ Xuân Hương 2026'.normalize('NFD'));
    expect(first.status).toBe(201);
    const second = await outsider.post<Tokens>('/v1/sessions/refresh', {
      refreshToken: first.body.refreshToken,
    });
    expect(second.status).toBe(201);
    const stolen = await outsider.post('/v1/sessions/refresh', {
      refreshToken: first.body.refreshToken,
    });
    expect(stolen.body).toMatchObject({ status: 401, type: '/problems/accounts/session-over' });
    const after = await outsider.post('/v1/sessions/refresh', {
      refreshToken: second.body.refreshToken,
    });
    expect(after.status).toBe(401);
  });

  it('locks an account after too many failures and lets an administrator open it', async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      expect((await signIn('binh', 'sai mật khẩu rồi')).status).toBe(401);
    }
    expect((await signIn('binh', 'Hồ Xuân Hương 2026')).body).toMatchObject({
      status: 429,
      type: '/problems/accounts/locked',
    });
    const { body } = await admin.get<{ items: { id: string; username: string }[] }>('/v1/accounts');
    const { id } = body.items.find(({ username }) => username === 'binh')!;
    await admin.post(`/v1/accounts/${id}/enable`);
    expect((await signIn('binh', 'Hồ Xuân Hương 2026')).status).toBe(201);
    await admin.post(`/v1/accounts/${id}/disable`);
    expect((await signIn('binh', 'Hồ Xuân Hương 2026')).status).toBe(401);
  });

  it('lets integrations in with keys that can do no more than their scopes', async () => {
    const province = await admin.post<{ organisationId: string }>('/v1/organisations', {
      bloc: 'government',
      kind: 'province',
      agency: true,
      name: 'Ủy ban nhân dân tỉnh Lâm Đồng',
      shortName: 'UBND tỉnh',
      symbol: 'UBND',
      identifier: 'H36',
      validFrom: '1976-01-01',
      legalBasis: 'Nghị quyết thành lập tỉnh',
    });
    expect(province.status).toBe(201);
    const { organisationId } = province.body;
    const wanted = {
      name: 'Trục liên thông',
      organisationId,
      reach: 'all',
      scopes: ['events.read'],
    };
    const { status, body } = await admin.post<{ id: string; key: string }>('/v1/api-keys', wanted);
    expect(status).toBe(201);
    const beyond = await admin.post('/v1/api-keys', { ...wanted, scopes: ['documents.approve'] });
    expect(beyond.status).toBe(403);
    const integration = outsider.bearing(body.key);
    expect((await integration.get('/v1/me')).body).toMatchObject({
      positions: [{ permissions: ['events.read'], reach: 'all' }],
    });
    expect((await integration.get('/v1/accounts')).status).toBe(403);
    await admin.post(`/v1/api-keys/${body.id}/revoke`);
    expect((await outsider.bearing('eok_wrongwrongwrong').get('/v1/me')).status).toBe(401);
  });

  it('publishes the keys that verify tokens, and nothing private of them', async () => {
    const { body } = await outsider.get<{ keys: Record<string, unknown>[] }>('/v1/keys');
    expect(body.keys).toHaveLength(1);
    expect(body.keys[0]).toMatchObject({ alg: 'ES256', use: 'sig' });
    expect(body.keys[0]).not.toHaveProperty('d');
  });
});
