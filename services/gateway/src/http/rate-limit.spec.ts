import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from './http.js';

const settings = {
  ...{ HTTP_PORT: '0', GATEWAY_SECRET: 'y'.repeat(40) },
  ...{ RATE_LIMIT_PER_MINUTE: '3', TRUSTED_PROXIES: '127.0.0.0/8, ::1' },
};

describe('how much one address may ask', () => {
  let house: House;
  let outsider: Outsider;

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    outsider = await Outsider.of(app);
  });
  afterAll(() => house.close());

  const statusOf = async (forwarded: string) =>
    (await outsider.get('/v1/keys', { 'x-forwarded-for': forwarded })).status;

  it('is limited, and it is told when to come back', async () => {
    for (let n = 0; n < 3; n++) expect(await statusOf('203.0.113.1')).toBe(200);
    const { status, headers, body } = await outsider.get('/v1/keys', {
      'x-forwarded-for': '203.0.113.1',
    });
    expect([status, body.type]).toEqual([429, '/problems/too-many']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    expect(await statusOf('203.0.113.2')).toBe(200);
  });

  it('believes only the proxies it was told of', async () => {
    for (let n = 0; n < 3; n++) expect(await statusOf(`198.51.100.${n}, 10.1.2.3`)).toBe(200);
    expect(await statusOf('198.51.100.9, 10.1.2.3')).toBe(429);
  });
});
