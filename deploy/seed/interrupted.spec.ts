import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { DocumentsModule } from '../../services/documents/src/documents.module.js';
import { SigningKeys } from '../../services/gateway/src/accounts/signing-keys.js';
import { GatewayModule } from '../../services/gateway/src/gateway.module.js';
import { prepareHttp } from '../../services/gateway/src/http/http.js';
import { type Planted, seed, type SignInSecrets } from './seed.js';

const adminPassword = 'Mật khẩu chỉ để thử';

/** What the seed asks for, as "POST /v1/accounts". */
const named = ({ method, url }: IncomingMessage) => `${method} ${url!.split('?')[0]}`;

/** A wire to the gateway. The request for which `cut` says so is acted on, and its answer lost. */
async function wireTo(gateway: string, cut: (what: string) => boolean): Promise<Server> {
  const server = createServer((asked, answer) => {
    const lost = cut(named(asked));
    const { method, headers } = asked;
    const passed = request(gateway + asked.url, { method, headers }, (reply) => {
      if (lost) return void answer.destroy();
      answer.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(answer);
    });
    asked.pipe(passed);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

describe('a seed that is interrupted', () => {
  let house: House;
  let stranger: Outsider;
  /** What is on the disk. */
  const kept: SignInSecrets = {};

  beforeAll(async () => {
    house = await House.open();
    const settings = {
      ...{ HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40), RATE_LIMIT_PER_MINUTE: '1000000' },
      INITIAL_ADMIN_PASSWORD: adminPassword,
    };
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    house.signWith(app.get(SigningKeys));
    await house.start('documents', DocumentsModule);
    stranger = await Outsider.of(app);
  });
  afterAll(() => house.close());

  /** Seeds until the answer to such a request is lost, the so-maniest of them. */
  async function seedUntil(what = '', count = 1) {
    let left = count;
    const asked: { what: string; kept: SignInSecrets }[] = [];
    const wire = await wireTo(stranger.url, (each) => {
      asked.push({ what: each, kept: { ...kept } });
      return each === what && --left === 0;
    });
    const { port } = wire.address() as AddressInfo;
    const planted = await seed({
      ...{ url: `http://127.0.0.1:${port}`, adminPassword, kept, report: () => {} },
      keep: async (secrets) => void Object.assign(kept, secrets),
    }).catch((error: Error) => error);
    wire.closeAllConnections();
    wire.close();
    return { planted, asked };
  }

  it('has kept every secret before it counts, and is taken up by the next', async () => {
    const begun = await seedUntil('POST /v1/me/second-factor');
    expect(String(begun.planted)).toContain('fetch failed');

    const half = await seedUntil('POST /v1/accounts', 20);
    expect(String(half.planted)).toContain('fetch failed');
    const before = (name: string) => half.asked.find(({ what }) => what === name)!.kept;
    expect(before('POST /v1/me/second-factor/confirm').adminTotp).toBe(kept.adminTotp);
    expect(before('POST /v1/accounts').demoPassword).toBe(kept.demoPassword);

    const { planted } = await seedUntil();
    const { accounts, integrationKey } = planted as Planted;
    expect(accounts.length).toBeGreaterThan(100);
    for (const { username, password } of [0, 18, 19, 20, -1].map((at) => accounts.at(at)!)) {
      const { status } = await stranger.post('/v1/sessions', { username, password });
      expect([username, status]).toEqual([username, 201]);
    }
    const events = await stranger.bearing(integrationKey).listen('/v1/events');
    expect(events.status).toBe(200);
    events.close();
  }, 180_000);
});
