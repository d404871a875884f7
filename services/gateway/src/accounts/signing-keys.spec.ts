import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { administrator } from '@eoffice/testing/accounts';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { Callers } from '@eoffice/platform/callers';
import { Database } from '@eoffice/platform/database';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';
import { SigningKeys } from './signing-keys.js';

const password = 'Chè Bảo Lộc thơm 1975';
const settings = {
  ...{ HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40), INITIAL_ADMIN_PASSWORD: password },
};

describe('the keys that sign tokens', () => {
  let house: House;
  let outsider: Outsider;
  let database: Database;
  let token: string;

  /** Another replica of the gateway: nothing remembered, the same database. */
  const replica = () => house.start('gateway', GatewayModule, settings, prepareHttp);
  const age = (kid: string, interval: string) =>
    database.query(`update signing_key set created_at = now() - $2::interval where kid = $1`, [
      kid,
      interval,
    ]);
  const kidOf = (signed: string) => decodeProtectedHeader(signed).kid!;
  const published = async () => {
    const { body } = await outsider.get<{ keys: { kid: string }[] }>('/v1/keys');
    return body.keys.map(({ kid }) => kid);
  };
  const signBy = async (app: Awaited<ReturnType<typeof replica>>) =>
    app.get(SigningKeys).sign('at+jwt', { sub: 'a', person: 'p', name: 'n', positions: [] }, 600);
  /** Verifies as somebody outside would who has never seen our keys. */
  const verifyOutside = (signed: string) =>
    jwtVerify(signed, createRemoteJWKSet(new URL(`${outsider.url}/v1/keys`)), {
      issuer: 'eoffice',
      typ: 'at+jwt',
    });

  beforeAll(async () => {
    house = await House.open();
    const app = await replica();
    outsider = await Outsider.of(app);
    database = app.get(Database);
    const { tokens } = await administrator(outsider, password);
    token = tokens.accessToken;
  });
  afterAll(() => house.close());

  it('are a JWK set that anybody can verify with (RFC 7517)', async () => {
    const { payload, protectedHeader } = await verifyOutside(token);
    expect(payload).toMatchObject({ iss: 'eoffice', name: 'Quản trị hệ thống' });
    expect(protectedHeader.alg).toBe('ES256');
    const { body, headers } = await outsider.get<{ keys: object[] }>('/v1/keys');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(body.keys).toEqual([
      {
        ...{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: kidOf(token) },
        ...{ x: expect.any(String), y: expect.any(String) },
      },
    ]);
    const forged = `${token.slice(0, -4)}AAAA`;
    await expect(verifyOutside(forged)).rejects.toThrow();
  });

  it('rotate: the next is published before it signs, and old tokens hold while they last', async () => {
    const old = kidOf(token);
    await age(old, '30 days 1 hour');
    const second = await replica();
    expect(kidOf(await signBy(second))).toBe(old);
    const keys = await published();
    expect(keys).toHaveLength(2);
    expect(keys[1]).toBe(old);
    const next = keys[0]!;

    await age(next, '16 minutes');
    const third = await replica();
    const fresh = await signBy(third);
    expect(kidOf(fresh)).toBe(next);
    for (const signed of [token, fresh]) {
      await verifyOutside(signed);
      await third.get(Callers).claimsOf(signed);
    }
    expect((await outsider.bearing(token).get('/v1/accounts')).status).toBe(200);

    await age(old, '33 days 1 hour');
    await signBy(await replica());
    expect(await published()).toEqual([next]);
    await expect(verifyOutside(token)).rejects.toThrow('no applicable key');
    await verifyOutside(fresh);
  });

  it('sign by a new one at once when none is left, or none may sign any more', async () => {
    const [next] = await published();
    await age(next!, '31 days 1 hour');
    const signed = await signBy(await replica());
    expect(kidOf(signed)).not.toBe(next);
    await verifyOutside(signed);
  });
});
