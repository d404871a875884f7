import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { account, administrator } from '@eoffice/testing/accounts';
import { Browser, type Shown } from '@eoffice/testing/browser';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { client, startLyingProvider } from '@eoffice/testing/identity-providers';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';

const password = 'Chè Bảo Lộc thơm 1975';
const publicUrl = 'https://vanphong.lamdong.test';

let house: House;
let outsider: Outsider;

async function open(issuer: string) {
  house = await House.open();
  const settings = {
    ...{ HTTP_PORT: '0', GATEWAY_SECRET: 'z'.repeat(40), INITIAL_ADMIN_PASSWORD: password },
    ...{ PUBLIC_URL: publicUrl, OIDC_ISSUER: issuer },
    ...{ OIDC_CLIENT_ID: client.id, OIDC_CLIENT_SECRET: client.secret },
  };
  outsider = await Outsider.of(await house.start('gateway', GatewayModule, settings, prepareHttp));
}

const typeOf = ({ html }: Shown) => (JSON.parse(html) as { type: string }).type;

describe('a provider that lies', () => {
  let provider: Awaited<ReturnType<typeof startLyingProvider>>;

  beforeAll(async () => {
    provider = await startLyingProvider();
    await open(provider.issuer);
    const { person: admin } = await administrator(outsider, password);
    const { id } = await account(admin, { username: 'binh' });
    await admin.post(`/v1/accounts/${id}/identity`, { subject: 'sub-1' });
  });
  beforeEach(() => void provider.tell({}));
  afterAll(() => house.close());

  const visit = () =>
    new Browser({ [publicUrl]: outsider.url }, '*/*').open(`${publicUrl}/v1/sessions/oidc`);

  it('is believed while it tells the truth', async () => {
    const page = await visit();
    expect([page.status, page.url.pathname]).toEqual([200, '/v1/sessions/oidc/callback']);
    expect(page.html).toContain('<label for="code">');
  });

  const past = () => Math.floor(Date.now() / 1000) - 3_600;
  it.each([
    ['signed by another key', () => ({ strangeKey: true })],
    ['not signed', () => ({ unsigned: true })],
    ['meant for another', () => ({ claims: { aud: 'another' } })],
    ['of another issuer', () => ({ claims: { iss: 'https://another.example' } })],
    ['of another sign-in', () => ({ claims: { nonce: 'another' } })],
    ['of no sign-in', () => ({ claims: { nonce: undefined } })],
    ['over', () => ({ claims: { iat: past() - 60, exp: past() } })],
  ])('is refused an ID token that is %s', async (_, lie) => {
    provider.tell(lie());
    const refused = await visit();
    expect([refused.status, typeOf(refused)]).toEqual([401, '/problems/accounts/provider-refused']);
  });

  it('is waited for while it fails, or is away', async () => {
    provider.tell({ tokenStatus: 502 });
    const failing = await visit();
    expect([failing.status, failing.headers.get('retry-after')]).toEqual([503, '2']);
    await provider.stop();
    const form = await outsider.get('/v1/sessions/oidc');
    const url = new URL(form.headers.get('location')!);
    const cookie = form.headers.get('set-cookie')!.split(';')[0]!;
    const back = `/v1/sessions/oidc/callback?code=c&state=${url.searchParams.get('state')}`;
    const away = await outsider.get(back, { cookie });
    expect(away.body).toMatchObject({ status: 503, type: '/problems/unavailable' });
  });
});

describe('a provider that is not there', () => {
  afterEach(() => house.close());

  it('is looked for again at each sign-in until it is found', async () => {
    const gone = await startLyingProvider();
    await gone.stop();
    await open(gone.issuer);
    for (let attempt = 0; attempt < 2; attempt++) {
      const { body } = await outsider.get('/v1/sessions/oidc');
      expect(body).toMatchObject({ status: 503, type: '/problems/unavailable' });
    }
    await gone.start();
    expect((await outsider.get('/v1/sessions/oidc')).status).toBe(302);
    await gone.stop();
  });

  it('is not there at all where none is set up', async () => {
    await open('');
    for (const path of ['/v1/sessions/oidc', '/v1/sessions/oidc/callback?code=1']) {
      const { status, body } = await outsider.get(path);
      expect([status, body.type]).toEqual([404, '/problems/not-found']);
    }
    const exchanged = await outsider.post('/v1/sessions/oidc/exchange', { code: 'abc' });
    expect(exchanged.status).toBe(404);
    const { person: admin } = await administrator(outsider, password);
    const { id } = await account(admin, { username: 'binh' });
    const linked = await admin.post(`/v1/accounts/${id}/identity`, { subject: 'sub-1' });
    expect(linked.status).toBe(404);
  });
});
