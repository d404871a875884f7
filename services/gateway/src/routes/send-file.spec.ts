import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { outgoing, type StoredFile } from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { SigningKeys } from '../accounts/signing-keys.js';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';
import { rangeOf } from './send-file.js';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));

describe('a range', () => {
  it.each([
    ['bytes=0-99', { start: 0, end: 99 }],
    ['bytes=900-', { start: 900, end: 999 }],
    ['bytes=-100', { start: 900, end: 999 }],
    ['bytes=-5000', { start: 0, end: 999 }],
    ['bytes=990-2000', { start: 990, end: 999 }],
    ['BYTES = 0 - 0', { start: 0, end: 0 }],
    ['bytes=1000-', 'none'],
    ['bytes=-0', 'none'],
    ['bytes=5-4', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,5-6', undefined],
    ['items=0-1', undefined],
    ['bytes=0x1-2', undefined],
    [undefined, undefined],
  ])('%s', (header, range) => expect(rangeOf(header, 1_000)).toEqual(range));

  it('of an empty file is none', () => expect(rangeOf('bytes=0-', 0)).toBe('none'));
});

describe('downloads', () => {
  let house: House;
  let reader: Outsider;
  let file: StoredFile;
  const path = () => `/v1/outgoing-documents/${randomUUID()}/files/${file.sha256}`;

  beforeAll(async () => {
    house = await House.open();
    const settings = { HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40) };
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    house.signWith(app.get(SigningKeys));
    const stranger = await Outsider.of(app);
    const { token } = (await house.as({ permissions: ['documents.read'] })).request;
    reader = stranger.bearing(token!);
    const store = new LocalFileStore(house.filesFolder);
    const kept = await store.put(Readable.from([content]), { maxBytes: 1_000_000 });
    file = { ...kept, name: 'Quyết định số 09.pdf', mediaType: 'application/pdf' };
    house.nats.subscribe(`${outgoing.name}.file`, {
      callback: (_, message) => void message.respond(JSON.stringify(file)),
    });
    await house.nats.flush();
  });
  afterAll(() => house.close());

  const get = async (headers: Record<string, string> = {}, method = 'GET') => {
    const { authorization } = (reader as never as { headers: Record<string, string> }).headers;
    const url = reader.url + path();
    const reply = await fetch(url, {
      method,
      headers: { authorization: authorization!, ...headers },
    });
    return { reply, bytes: Buffer.from(await reply.arrayBuffer()) };
  };

  it('are whole without a range, and say that ranges can be had', async () => {
    const { reply, bytes } = await get();
    expect(reply.status).toBe(200);
    expect(bytes.equals(content)).toBe(true);
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      ...{ 'accept-ranges': 'bytes', etag: `"${file.sha256}"`, 'content-length': '300000' },
      ...{ 'content-type': 'application/pdf', 'cache-control': 'private, no-cache' },
      'content-disposition': expect.stringContaining("filename*=UTF-8''Quy%E1%BA%BFt"),
    });
    const head = await get({}, 'HEAD');
    expect([head.reply.status, head.reply.headers.get('content-length')]).toEqual([200, '300000']);
    expect(head.bytes).toHaveLength(0);
  });

  it('come in the pieces that a viewer of PDF asks for', async () => {
    const pieces: Buffer[] = [];
    for (let start = 0; start < content.length; start += 65_536) {
      const end = Math.min(start + 65_535, content.length - 1);
      const { reply, bytes } = await get({ range: `bytes=${start}-${end}` });
      expect(reply.status).toBe(206);
      expect(reply.headers.get('content-range')).toBe(`bytes ${start}-${end}/300000`);
      expect(reply.headers.get('content-length')).toBe(String(bytes.length));
      pieces.push(bytes);
    }
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
    const tail = await get({ range: 'bytes=-1024' });
    expect(tail.bytes.equals(content.subarray(-1_024))).toBe(true);
    const rest = await get({ range: 'bytes=299990-' });
    expect(rest.bytes.equals(content.subarray(299_990))).toBe(true);
  });

  it('are refused with 416 where the file has nothing, and whole for what nobody must serve', async () => {
    const { reply, bytes } = await get({ range: 'bytes=300000-' });
    expect([reply.status, reply.headers.get('content-range')]).toEqual([416, 'bytes */300000']);
    expect(JSON.parse(bytes.toString())).toMatchObject({ type: '/problems/no-such-range' });
    for (const range of ['bytes=0-1,4-5', 'bytes=9-1', 'lines=1-2']) {
      expect((await get({ range })).reply.status).toBe(200);
    }
  });

  it('are not sent again to who has them, and never glued to another file', async () => {
    const etag = `"${file.sha256}"`;
    for (const mine of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const { reply, bytes } = await get({ 'if-none-match': mine, range: 'bytes=0-9' });
      expect([reply.status, bytes.length]).toEqual([304, 0]);
    }
    expect((await get({ 'if-none-match': '"x"' })).reply.status).toBe(200);
    const range = 'bytes=0-9';
    expect((await get({ range, 'if-range': etag })).reply.status).toBe(206);
    for (const other of ['"x"', `W/${etag}`, 'Tue, 24 Nov 2026 08:00:00 GMT']) {
      expect((await get({ range, 'if-range': other })).reply.status).toBe(200);
    }
  });

  it('end when the reader goes away in the middle', async () => {
    const { authorization } = (reader as never as { headers: Record<string, string> }).headers;
    await new Promise<void>((resolve, reject) => {
      const headers = { authorization: authorization! };
      const asked = request(reader.url + path(), { headers }, (reply) => {
        reply.once('data', () => {
          asked.destroy();
          resolve();
        });
      });
      asked.on('error', reject).end();
    });
    expect((await get({ range: 'bytes=0-0' })).bytes).toEqual(Buffer.from([0]));
  });
});
