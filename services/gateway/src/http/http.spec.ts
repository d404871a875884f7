import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { Database } from '@eoffice/platform/database';
import { SigningKeys } from '../accounts/signing-keys.js';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from './http.js';

const settings = {
  HTTP_PORT: '0',
  GATEWAY_SECRET: 'y'.repeat(40),
  UPLOAD_LIMIT_MB: '1',
  CORS_ORIGINS: 'https://vanphong.lamdong.gov.vn',
};

describe('the HTTP side', () => {
  let house: House;
  let outsider: Outsider;
  let clerk: Outsider;
  let expired: Outsider;

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    outsider = await Outsider.of(app);
    const organisationId = '00000000-0000-4000-8000-000000000001';
    const claims = {
      sub: '00000000-0000-4000-8000-000000000002',
      person: '00000000-0000-4000-8000-000000000003',
      name: 'Văn thư',
      positions: [
        {
          postId: organisationId,
          unitId: organisationId,
          organisationId,
          bloc: 'government',
          reach: 'all',
          permissions: ['documents.register', 'events.read', 'directory.manage'],
        },
      ],
    };
    const keys = app.get(SigningKeys);
    clerk = outsider.bearing(await keys.sign('at+jwt', claims, 600));
    expired = outsider.bearing(await keys.sign('at+jwt', claims, -1));
    void app.get(Database);
  });
  afterAll(() => house.close());

  it.each([
    ['an unknown route', 'GET', '/v1/nowhere', undefined, 404],
    ['an unknown page', 'GET', '/nowhere', undefined, 404],
    ['broken JSON', 'POST', '/v1/sessions', '{"username":', 400],
    ['a body that is too large', 'POST', '/v1/sessions', `"${'x'.repeat(1_100_000)}"`, 413],
    [
      'a field nobody declared',
      'POST',
      '/v1/sessions',
      { username: 'a', password: 'b', x: 1 },
      400,
    ],
    ['a wrong id', 'GET', '/v1/organisations/12', undefined, 400],
  ])('answers %s with a problem', async (_, method, path, body, status) => {
    const reply = await clerk.send(method, path, body);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
    expect(reply.body).toMatchObject({ status, instance: expect.stringMatching(/^\/requests\//) });
  });

  it('says that a token has expired, and asks for one where none was sent', async () => {
    const late = await expired.get('/v1/me', { 'accept-language': 'en' });
    expect(late.body).toMatchObject({
      status: 401,
      detail: 'The access token has expired; refresh it or sign in again',
    });
    expect(late.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect((await outsider.get('/v1/organisations')).status).toBe(401);
  });

  it('refuses another content type, and says which fields are wrong', async () => {
    const xml = await clerk.send('POST', '/v1/sessions', '<a/>', { 'content-type': 'text/xml' });
    expect(xml.status).toBe(415);
    const { body } = await outsider.post('/v1/sessions', { username: 7 });
    expect(body).toMatchObject({ errors: [{ pointer: '/username' }, { pointer: '/password' }] });
  });

  it('sends security headers, and lets in only the origins it was told of', async () => {
    const ours = await outsider.get('/v1/keys', { origin: 'https://vanphong.lamdong.gov.vn' });
    expect(ours.headers.get('access-control-allow-origin')).toBe('https://vanphong.lamdong.gov.vn');
    expect(ours.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(ours.headers.get('x-content-type-options')).toBe('nosniff');
    expect(ours.headers.get('strict-transport-security')).toBeTruthy();
    const other = await outsider.get('/v1/keys', { origin: 'https://example.org' });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('keeps files by their content, with names in NFC and without folders', async () => {
    const { status, body } = await clerk.upload(
      '../Công văn số 1.txt'.normalize('NFD'),
      'Kính gửi',
    );
    expect(status).toBe(201);
    expect(body.files[0]).toMatchObject({ name: 'Công văn số 1.txt', mediaType: 'text/plain' });
    const signed = Buffer.from('308206aa06092a864886f70d010702a082069b', 'hex');
    const cms = await clerk.upload('van-ban.p7m', signed);
    expect(cms.body.files[0]!.mediaType).toBe('application/pkcs7-mime');
    const named = await clerk.upload('bao-cao.pdf', 'MZ\0\0not a pdf');
    expect([named.status, (named.body as never as { type: string }).type]).toEqual([
      415,
      '/problems/unsupported-type',
    ]);
    const pdf = await clerk.upload(
      'x.bin',
      '%PDF-1.7\n%âãÏÓ\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF',
    );
    expect(pdf.body.files[0]!.mediaType).toBe('application/pdf');
    const quoted = await clerk.upload('Quy chế "một cửa".txt', 'Điều 1');
    expect(quoted.body.files[0]!.name).toBe('Quy chế "một cửa".txt');
  });

  it('keeps nothing of a file that is too large, of a stranger, or of no file', async () => {
    const large = await clerk.upload('lon.txt', 'x'.repeat(1024 * 1024 + 10));
    expect([large.status, (large.body as never as { type: string }).type]).toEqual([
      413,
      '/problems/too-large',
    ]);
    expect((await clerk.upload('vua.txt', 'x'.repeat(1024 * 1024))).status).toBe(201);
    const empty = await clerk.upload('rong.txt', '');
    expect(empty).toMatchObject({ status: 415, body: { detail: '“rong.txt” là tệp rỗng' } });
    expect((await clerk.send('POST', '/v1/files', { a: 1 })).body).toMatchObject({
      errors: [{ pointer: '/files' }],
    });
    expect((await outsider.upload('a.txt', 'a')).status).toBe(401);
    expect((await clerk.send('POST', '/v1/files', new FormData())).status).toBe(400);
  });

  it('sends events live, and after a break from where the reader was', async () => {
    const register = (code: string) =>
      clerk.post<{ personId: string }>('/v1/people', { fullName: `Người ${code}` });
    const first = await clerk.listen('/v1/events?types=directory.people.*');
    const { personId } = (await register('một')).body;
    const [event] = await first.take(1);
    expect(JSON.parse(event!.data)).toMatchObject({
      type: 'directory.people.changed.v1',
      subject: personId,
      actor: '00000000-0000-4000-8000-000000000003',
    });
    first.close();
    await register('hai');
    await register('ba');
    const again = await clerk.listen('/v1/events?types=directory.people.*', {
      'last-event-id': event!.id,
    });
    const names = (await again.take(2)).map(({ data }) => JSON.parse(data).data.fullName);
    expect(names).toEqual(['Người hai', 'Người ba']);
    again.close();
    expect((await outsider.get('/v1/events')).status).toBe(401);
    expect((await clerk.get('/v1/events', { 'last-event-id': 'x' })).status).toBe(400);
    const unknown = await clerk.get('/v1/events?types=directory.people.*&types=foo.*');
    expect(unknown.body).toMatchObject({ errors: [{ pointer: '/types' }] });
  });

  it('shows a reference page, and descriptions that are checked in', async () => {
    const page = await outsider.get<string>('/reference');
    expect(page.body).toContain('POST /v1/sessions');
    const read = async (name: string) =>
      JSON.parse(await readFile(new URL(`../../${name}`, import.meta.url), 'utf8'));
    expect((await outsider.get('/openapi.json')).body).toEqual(await read('openapi.json'));
    expect((await outsider.get('/events.json')).body).toEqual(await read('events.json'));
  });
});
