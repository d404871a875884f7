import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from '@eoffice/testing/house';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';

const settings = { GATEWAY_SECRET: 'x'.repeat(32), HTTP_PORT: '0' };

describe('JMAP through the gateway', () => {
  let house: House;
  let mail: Server;
  let url: string;
  const seen: { request: IncomingMessage; body: Buffer }[] = [];

  beforeAll(async () => {
    house = await House.open();
    mail = createServer(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      seen.push({ request, body: Buffer.concat(pieces) });
      response.writeHead(request.url === '/jmap/events' ? 200 : 201, {
        'content-type': 'text/event-stream',
        'content-security-policy': "default-src 'none'; sandbox",
        'access-control-allow-origin': '*',
      });
      response.write('event: ping\n\n');
      if (request.url !== '/jmap/events') response.end();
    });
    await new Promise<void>((resolve) => mail.listen(0, '127.0.0.1', resolve));
    const { port } = mail.address() as AddressInfo;
    const given = { ...settings, MAIL_JMAP_URL: `http://127.0.0.1:${port}` };
    const app = await house.start('gateway', GatewayModule, given, prepareHttp);
    url = await app.getUrl();
  });
  afterAll(async () => {
    await house.close();
    mail.closeAllConnections();
    mail.close();
  });

  it('goes to mail as it came, and says by which address it was asked', async () => {
    const body = Buffer.from([0, 255, 13, 10]);
    const headers = {
      ...{ authorization: 'Basic YW46eA==', 'content-type': 'application/x-any' },
      ...{ cookie: 'a=b', 'x-forwarded-host': 'office.lamdong.gov.vn' },
      'x-forwarded-proto': 'https',
    };
    const init = { method: 'POST', headers, body };
    const answer = await fetch(`${url}/jmap/upload/a%20b?x=1`, init);
    expect([answer.status, await answer.text()]).toEqual([201, 'event: ping\n\n']);
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const { request, body: got } = seen.at(-1)!;
    expect([request.url, got.equals(body)]).toEqual(['/jmap/upload/a%20b?x=1', true]);
    expect(request.headers).toMatchObject({
      ...{ authorization: 'Basic YW46eA==', 'content-type': 'application/x-any' },
      ...{ 'x-forwarded-host': 'office.lamdong.gov.vn', 'x-forwarded-proto': 'https' },
    });
    expect(request.headers.cookie).toBeUndefined();
  });

  it('streams what is told bit by bit, and hangs up with the reader', async () => {
    const reading = new AbortController();
    const stream = await fetch(`${url}/jmap/events`, { signal: reading.signal });
    const { value } = await stream.body!.getReader().read();
    expect(Buffer.from(value!).toString()).toBe('event: ping\n\n');
    const hungUp = new Promise((resolve) => seen.at(-1)!.request.socket.once('close', resolve));
    reading.abort();
    await hungUp;
  });

  it('is a problem while mail is away', async () => {
    mail.closeAllConnections();
    await new Promise((resolve) => mail.close(resolve));
    const answer = await fetch(`${url}/.well-known/jmap`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ type: '/problems/unavailable' });
  });
});
