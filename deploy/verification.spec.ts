import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { trust, type Verification } from '@eoffice/contracts';
import { issue } from '@eoffice/signing/testing/authority';
import { authority } from '@eoffice/signing/pdf/testing/signers';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { signedPdf, tampered, trustOfSigners } from '@eoffice/testing/signed-files';
import { SigningKeys } from '../services/gateway/src/accounts/signing-keys.js';
import { GatewayModule } from '../services/gateway/src/gateway.module.js';
import { prepareHttp } from '../services/gateway/src/http/http.js';
import { SignaturesModule } from '../services/signatures/src/signatures.module.js';

describe('verification by anybody, through the gateway', () => {
  let house: House;
  let stranger: Outsider;
  let sound: Buffer;
  const send = <Body>(path: string, content: Uint8Array, name = 'van-ban.pdf') => {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(content)]), name);
    return stranger.send<Body>('POST', path, form);
  };
  const aside = () => readdir(join(house.filesFolder, 'incoming')).catch(() => []);
  const kept = async () =>
    (await readdir(house.filesFolder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);

  beforeAll(async () => {
    house = await House.open();
    const settings = { HTTP_PORT: '0', GATEWAY_SECRET: 'v'.repeat(40) };
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    house.signWith(app.get(SigningKeys));
    await house.start('signatures', SignaturesModule);
    stranger = await Outsider.of(app);
    const keeper = await house.as({ permissions: ['signatures.keep-trust'], reach: 'all' });
    for (const row of trustOfSigners('trial')) await house.client(trust).addAnchor(row, keeper);
    sound = await signedPdf(['QUYẾT ĐỊNH', 'Về việc tặng Bằng khen']);
  });
  afterAll(() => house.close());

  it('shows a form without scripts, which nothing from elsewhere can frame or feed', async () => {
    const { status, headers, body } = await stranger.get<string>('/verify');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('script-src');
    expect(body).toContain('<html lang="vi">');
    expect(body).not.toMatch(/<script|javascript:| on\w+=|https?:\/\//i);
    expect(body).toMatch(/<label for="file">/);
  });

  it('says who signed, that it holds, and that a trial is a trial; and keeps nothing', async () => {
    const before = await kept();
    const { status, headers, body } = await send<string>('/verify', sound);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toContain('HỢP LỆ</h2>');
    expect(body).toContain('Nguyễn Văn Ánh');
    expect(body).toContain('Chữ ký số thử nghiệm, không có giá trị pháp lý');
    const json = await send<Verification>('/v1/verifications', sound);
    expect(json.body).toMatchObject({
      ...{ verdict: 'TOTAL_PASSED', size: sound.length },
      signatures: [{ indication: 'TOTAL_PASSED', signer: { list: 'trial' } }],
    });
    expect(await kept()).toEqual(before);
    expect(await aside()).toEqual([]);
  });

  it('refuses a copy that was changed, with the reason', async () => {
    const { body } = await send<string>('/verify', tampered(sound));
    expect(body).toContain('KHÔNG HỢP LỆ</h2>');
    expect(body).toContain('Nội dung đã bị thay đổi sau khi ký.');
    const json = await send<Verification>('/v1/verifications', tampered(sound));
    expect(json.body).toMatchObject({
      verdict: 'TOTAL_FAILED',
      signatures: [{ subIndication: 'HASH_FAILURE' }],
    });
  });

  it('shows what hostile files say as text', async () => {
    const subject = 'CN=<script>alert(1)</script>"><img src=x>';
    const party = issue({ subject, issuer: authority });
    const content = await signedPdf(['Văn bản'], { party });
    const { body } = await send<string>('/verify', content, '"><svg onload=alert(2)>.pdf');
    expect(body).not.toMatch(/<script|<img|<svg/);
    expect(body).toContain('&#60;script&#62;alert(1)');
    expect(body).toContain('&#60;svg onload=alert(2)&#62;.pdf');
  });

  it.each<[string, Uint8Array, number]>([
    ['noise', randomBytes(5_000_000), 200],
    ['nothing', new Uint8Array(), 200],
    ['more than it takes', new Uint8Array(21 * 1024 * 1024), 413],
  ])('answers to %s, and keeps nothing', async (_, content, expected) => {
    const { status, body } = await send<string>('/verify', content);
    expect(status).toBe(expected);
    if (status === 200) expect(body).toContain('KHÔNG ĐỌC ĐƯỢC TỆP');
    expect(await aside()).toEqual([]);
  });

  it('takes one file of a form and nothing else', async () => {
    const asJson = await stranger.post('/verify', { aside: crypto.randomUUID(), name: 'x' });
    expect(asJson).toMatchObject({ status: 400, body: { errors: [{ pointer: '/file' }] } });
    const empty = await stranger.send('POST', '/verify', new FormData());
    expect(empty.status).toBe(400);
    const two = new FormData();
    for (const name of ['a.pdf', 'b.pdf'])
      two.append('file', new Blob([new Uint8Array(sound)]), name);
    const many = await stranger.send<string>('POST', '/verify', two);
    expect(many.body).toContain('a.pdf');
    expect(await aside()).toEqual([]);
  });

  it('slows down who asks too often', async () => {
    const replies = await Promise.all(
      Array.from({ length: 30 }, () => send('/v1/verifications', new Uint8Array(10))),
    );
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(10);
    expect(refused[0]!.headers.get('retry-after')).toBeTruthy();
  });
});
