import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { account, administrator, enrol, type Tokens } from '@eoffice/testing/accounts';
import { Browser, type Shown } from '@eoffice/testing/browser';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { client, startProvider } from '@eoffice/testing/identity-providers';
import { Database } from '@eoffice/platform/database';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';

const password = 'Chè Bảo Lộc thơm 1975';
const publicUrl = 'https://vanphong.lamdong.test';
const frontend = 'https://giaodien.lamdong.test';
const callback = `${publicUrl}/v1/sessions/oidc/callback`;
const start = `${publicUrl}/v1/sessions/oidc`;
const returning = `${start}?return=${encodeURIComponent(`${frontend}/vao?trang=hop-thu`)}`;
const settings = {
  HTTP_PORT: '0',
  GATEWAY_SECRET: 'z'.repeat(40),
  PUBLIC_URL: publicUrl,
  CORS_ORIGINS: frontend,
  OIDC_CLIENT_ID: client.id,
  OIDC_CLIENT_SECRET: client.secret,
  OIDC_SECOND_FACTOR_ACR: 'urn:province:high',
  INITIAL_ADMIN_PASSWORD: password,
};

describe('signing in at the identity provider of the province', () => {
  let provider: Awaited<ReturnType<typeof startProvider>>;
  let house: House;
  let outsider: Outsider;
  let database: Database;
  let admin: Outsider;
  let binh: string;

  beforeAll(async () => {
    provider = await startProvider(callback);
    house = await House.open();
    const environment = { ...settings, OIDC_ISSUER: provider.issuer };
    const app = await house.start('gateway', GatewayModule, environment, prepareHttp);
    outsider = await Outsider.of(app);
    database = app.get(Database);
    admin = (await administrator(outsider, password)).person;
    binh = await linked('binh', 'sub-binh');
  });
  afterAll(async () => {
    await house.close();
    await provider.stop();
  });

  const browser = (accept?: string) => new Browser({ [publicUrl]: outsider.url }, accept);
  const typeOf = ({ html }: Shown) => (JSON.parse(html) as { type: string }).type;
  const exchange = (code: string, secondFactor?: string) =>
    outsider.post<Tokens>('/v1/sessions/oidc/exchange', { code, secondFactor });

  /** An account without a password, linked to a subject. */
  async function linked(username: string, subject: string): Promise<string> {
    const { id } = await account(admin, { username, fullName: username });
    const { body } = await admin.post(`/v1/accounts/${id}/identity`, { subject });
    expect(body).toMatchObject({ subject, issuer: `${provider.issuer}/` });
    return id;
  }

  /** Goes to the provider, signs in there and comes back. */
  async function signIn(
    fields: Record<string, string>,
    from = returning,
    visitor = browser('*/*'),
  ) {
    const form = await visitor.open(from);
    return visitor.submit(form, fields, frontend);
  }
  const codeOf = ({ url }: Shown) => url.searchParams.get('code')!;

  it('sends a person there and back, and gives a session for a code that counts once', async () => {
    const visitor = browser();
    const form = await visitor.open(returning);
    expect(form.url.origin).toBe(provider.issuer);
    expect(visitor.set[0]).toMatch(
      /^eoffice-sign-in=.*Max-Age=600; Path=\/v1\/sessions\/oidc; HttpOnly; Secure; SameSite=Lax/,
    );
    const back = await visitor.submit(form, { login: 'sub-binh' }, frontend);
    expect(back.status).toBe(302);
    expect(back.url.href).toMatch(new RegExp(`^${frontend}/vao\\?trang=hop-thu&code=[\\w-]{43}$`));
    expect(visitor.jarOf(new URL(publicUrl).host).size).toBe(0);

    const { status, body } = await exchange(codeOf(back));
    expect([status, body.secondFactor]).toEqual([201, 'none']);
    const me = await outsider.bearing(body.accessToken).get('/v1/me');
    expect(me.body).toMatchObject({ accountId: binh, name: 'binh' });
    const again = await exchange(codeOf(back));
    expect([again.status, again.body.type]).toEqual([401, '/problems/accounts/sign-in-over']);
    const { refreshToken } = body;
    expect((await outsider.post('/v1/sessions/refresh', { refreshToken })).status).toBe(201);
    expect((await outsider.post('/v1/sessions/end', { refreshToken })).status).toBe(200);
  });

  it('lets one of two exchanges at the same instant through', async () => {
    const code = codeOf(await signIn({ login: 'sub-binh' }));
    const replies = await Promise.all([exchange(code), exchange(code), exchange(code)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 401, 401]);
  });

  it('refuses a code after a minute', async () => {
    const code = codeOf(await signIn({ login: 'sub-binh' }));
    await database.query(`update sign_in_handover set expires_at = now()`);
    expect((await exchange(code)).body.type).toBe('/problems/accounts/sign-in-over');
  });

  it('shows the code to copy to somebody without a frontend', async () => {
    const visitor = browser();
    const form = await visitor.open(start);
    const page = await visitor.submit(form, { login: 'sub-binh' });
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(page.html).toContain('<html lang="vi">');
    expect(page.html).toContain('<label for="code">');
    const code = /value="([\w-]{43})"/.exec(page.html)![1]!;
    expect((await exchange(code)).status).toBe(201);
  });

  it.each([
    ['amr', { amr: 'otp' }],
    ['acr', { acr: 'urn:province:high' }],
  ])('counts a second factor that the provider tells of by %s', async (_, told) => {
    const code = codeOf(await signIn({ login: 'sub-binh', ...told }));
    expect((await exchange(code)).body.secondFactor).toBe('used');
  });

  it('asks for the code of an account that has a second factor here and used none there', async () => {
    await linked('dung', 'sub-dung');
    const first = await exchange(codeOf(await signIn({ login: 'sub-dung' })));
    const { codes } = await enrol(outsider, first.body);
    const code = codeOf(await signIn({ login: 'sub-dung' }));
    expect((await exchange(code)).body.type).toBe('/problems/accounts/code-required');
    expect((await exchange(code, '000000')).body.type).toBe('/problems/accounts/sign-in-refused');
    const opened = await exchange(code, codes[0]);
    expect([opened.status, opened.body.secondFactor]).toEqual([201, 'used']);
  });

  it('tells somebody unknown what to tell their administrator, and matches by nothing but the subject', async () => {
    const unknown = await signIn({ login: 'binh' });
    expect(unknown.status).toBe(403);
    expect(JSON.parse(unknown.html)).toMatchObject({
      type: '/problems/accounts/not-linked',
      detail: expect.stringContaining(': binh'),
    });
    const page = await signIn({ login: '<b>lạ</b>' }, start, browser());
    expect([page.status, page.headers.get('content-type')]).toEqual([
      403,
      'text/html; charset=utf-8',
    ]);
    expect(page.html).toContain('&#60;b&#62;lạ');
  });

  it('lets nobody in whose account is disabled, neither at the door nor at the exchange', async () => {
    const id = await linked('hoa', 'sub-hoa');
    const code = codeOf(await signIn({ login: 'sub-hoa' }));
    await admin.post(`/v1/accounts/${id}/disable`);
    expect((await exchange(code)).status).toBe(401);
    const refused = await signIn({ login: 'sub-hoa' });
    expect([refused.status, typeOf(refused)]).toEqual([403, '/problems/accounts/disabled']);
  });

  it('links an identity to one account only, and unlinking ends what it opened', async () => {
    const id = await linked('lan', 'sub-lan');
    const taken = await admin.post(`/v1/accounts/${id}/identity`, { subject: 'sub-binh' });
    expect(taken.status).toBe(409);
    const moved = await admin.post(`/v1/accounts/${id}/identity`, { subject: 'sub-moi' });
    expect(moved.status).toBe(409);
    const { body } = await exchange(codeOf(await signIn({ login: 'sub-lan' })));
    const unlinked = await admin.post(`/v1/accounts/${id}/identity/unlink`);
    expect(unlinked.body).not.toHaveProperty('subject');
    const { refreshToken } = body;
    expect((await outsider.post('/v1/sessions/refresh', { refreshToken })).status).toBe(401);
    expect((await signIn({ login: 'sub-lan' })).status).toBe(403);
  });

  it('refuses whoever said no at the provider', async () => {
    const refused = await signIn({ login: '' });
    expect([refused.status, typeOf(refused)]).toEqual([401, '/problems/accounts/provider-refused']);
  });

  it.each([
    ['a foreign origin', 'https://ke-gian.example/'],
    ['an origin that only begins alike', `${frontend}.ke-gian.example/`],
    ['a foreign host behind a name', `${frontend}@ke-gian.example/`],
    ['a password in the address', 'https://a:b@giaodien.lamdong.test/'],
    ['a program', 'javascript:alert(1)'],
    ['a path', '/vao'],
    ['another scheme', 'http://giaodien.lamdong.test/'],
  ])('sends nobody back to %s', async (_, address) => {
    const reply = await outsider.get(`/v1/sessions/oidc?return=${encodeURIComponent(address)}`);
    expect(reply.body).toMatchObject({ status: 400, errors: [{ pointer: '/return' }] });
    expect(reply.headers.get('set-cookie')).toBeNull();
  });

  describe('the way back', () => {
    /** Signs in at the provider, and stops before the callback is opened. */
    async function beforeCallback(visitor: Browser): Promise<URL> {
      const form = await visitor.open(returning);
      return (await visitor.submit(form, { login: 'sub-binh' }, callback)).url;
    }

    it('is closed to another state', async () => {
      const visitor = browser('*/*');
      const url = await beforeCallback(visitor);
      url.searchParams.set('state', 'another');
      const refused = await visitor.open(url, frontend);
      expect([refused.status, typeOf(refused)]).toEqual([
        401,
        '/problems/accounts/provider-refused',
      ]);
    });

    it('is closed to whoever has not begun, or whose cookie was changed', async () => {
      const visitor = browser('*/*');
      const url = await beforeCallback(visitor);
      const stranger = await browser('*/*').open(url, frontend);
      expect([stranger.status, typeOf(stranger)]).toEqual([401, '/problems/accounts/sign-in-over']);
      const jar = visitor.jarOf(new URL(publicUrl).host);
      const kept = jar.get('eoffice-sign-in')!;
      jar.set('eoffice-sign-in', (kept[0] === 'A' ? 'B' : 'A') + kept.slice(1));
      const tampered = await visitor.open(url, frontend);
      expect(typeOf(tampered)).toBe('/problems/accounts/sign-in-over');
    });

    it('is open once: the provider takes its code back', async () => {
      const visitor = browser('*/*');
      const url = await beforeCallback(visitor);
      const jar = new Map(visitor.jarOf(new URL(publicUrl).host));
      expect((await visitor.open(url, frontend)).status).toBe(302);
      visitor.cookies.set(new URL(publicUrl).host, jar);
      const again = await visitor.open(url, frontend);
      expect(typeOf(again)).toBe('/problems/accounts/provider-refused');
    });

    it('does not begin a sign-in by itself', async () => {
      expect((await outsider.get('/v1/sessions/oidc/callback')).status).toBe(400);
      const address = `${outsider.url}/v1/sessions/oidc/callback?code=1`;
      expect((await fetch(address, { method: 'HEAD' })).status).toBe(404);
    });
  });
});
