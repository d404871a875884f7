import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { account, administrator, enrol, type Tokens } from '@eoffice/testing/accounts';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { Database } from '@eoffice/platform/database';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';

const adminPassword = 'Chè Bảo Lộc thơm 1975';
const password = 'Hồ Xuân Hương 2026';
const settings = {
  ...{ HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40) },
  INITIAL_ADMIN_PASSWORD: adminPassword,
};
const since = { validFrom: '2021-01-01' };
const legalBasis = 'Quyết định 01/QĐ-UBND';

type Reach = 'organisation' | 'bloc' | 'all';

describe('whoever manages accounts', () => {
  let house: House;
  let outsider: Outsider;
  let database: Database;
  let admin: Outsider;
  let department: string;
  let commune: string;
  let committee: string;

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    outsider = await Outsider.of(app);
    database = app.get(Database);
    ({ person: admin } = await administrator(outsider, adminPassword));
    department = await organisation('government', 'Sở Nội vụ', 'SNV');
    commune = await organisation('government', 'Ủy ban nhân dân xã Đơn Dương', 'UBND');
    committee = await organisation('party', 'Ban Tổ chức Tỉnh ủy', 'BTC');
  });
  afterAll(() => house.close());

  async function organisation(bloc: string, name: string, symbol: string): Promise<string> {
    const { body } = await admin.post<{ organisationId: string }>('/v1/organisations', {
      ...{ bloc, name, symbol, shortName: name, kind: 'department', agency: true },
      ...{ ...since, legalBasis },
    });
    return body.organisationId;
  }

  /** Somebody in a post with roles. */
  async function holder(username: string, unitId: string, reach: Reach, roles: string[]) {
    const { id, personId } = await account(admin, { username, password });
    const post = await admin.post<{ postId: string }>('/v1/posts', {
      ...{ unitId, title: username, reach, roles, leads: false, signs: false, ...since },
    });
    const { postId } = post.body;
    const assigned = await admin.post('/v1/assignments', { personId, postId, ...since });
    expect(assigned.status).toBe(201);
    return { id, personId, postId };
  }

  /** The same, signed in with a second factor. */
  async function officer(username: string, unitId: string, reach: Reach) {
    const { id, personId } = await holder(username, unitId, reach, ['administrator', 'clerk']);
    const { body } = await outsider.post<Tokens>('/v1/sessions', { username, password });
    const { person } = await enrol(outsider, body);
    return { id, personId, person };
  }

  const acts = (id: string): [string, object][] => [
    [`/v1/accounts/${id}/disable`, {}],
    [`/v1/accounts/${id}/enable`, {}],
    [`/v1/accounts/${id}/password`, { password: 'Thác Datanla mùa mưa' }],
    [`/v1/accounts/${id}/identity/unlink`, {}],
  ];

  it('reaches the accounts of their own agency only, and never further than they reach themselves', async () => {
    const { person: local } = await officer('qt-so', department, 'organisation');
    const own = await holder('cv-so', department, 'organisation', ['official']);
    const beyond = [
      await holder('cv-xa', commune, 'organisation', ['official']),
      await holder('cv-tinh-uy', committee, 'organisation', ['official']),
      await holder('tt-tinh', department, 'bloc', ['inspector']),
      await holder('qt-tinh', department, 'all', ['administrator']),
      await account(admin, { username: 'chua-co-chuc', password }),
    ];
    const both = await holder('cv-hai-noi', department, 'organisation', ['official']);
    const second = await holder('cv-hai-noi-2', commune, 'organisation', ['official']);
    const { postId } = second;
    await admin.post('/v1/assignments', { personId: both.personId, postId, ...since });

    for (const [path, body] of acts(own.id)) {
      expect((await local.post(path, body)).status).toBe(200);
    }
    const [{ id: first }] = (await database.query<{ id: string }>(
      `select id from account where username = 'admin'`,
    )) as [{ id: string }];
    for (const id of [...beyond.map((each) => each.id), both.id, first]) {
      for (const [path, body] of acts(id)) expect((await local.post(path, body)).status).toBe(403);
    }
    const { personId } = beyond[0]!;
    const made = await local.post('/v1/accounts', { personId, username: 'cua-hau', password });
    expect(made.status).toBe(403);
    const listed = await local.get<{ items: { username: string }[] }>('/v1/accounts');
    const names = listed.body.items.map(({ username }) => username);
    expect(names).toEqual(['cv-hai-noi', 'cv-so', 'qt-so', 'qt-tinh', 'tt-tinh']);
  });

  it('reaches a whole bloc with a post that does, and nothing of the other bloc', async () => {
    const { person: wide } = await officer('qt-chinh-quyen', commune, 'bloc');
    const inside = await holder('cv-trong', department, 'organisation', ['official']);
    const outside = await holder('cv-ngoai', committee, 'organisation', ['official']);
    expect((await wide.post(`/v1/accounts/${inside.id}/disable`)).status).toBe(200);
    expect((await wide.post(`/v1/accounts/${outside.id}/disable`)).status).toBe(403);
    const listed = await wide.get<{ items: { username: string }[] }>('/v1/accounts?limit=200');
    const names = listed.body.items.map(({ username }) => username);
    expect(names).toContain('cv-trong');
    expect(names).not.toContain('cv-ngoai');
  });

  it('cannot give themselves more through a post, an assignment or an absence', async () => {
    const { person: local, personId } = await officer('qt-xa', commune, 'organisation');
    const chief = await holder('chu-tich', commune, 'all', ['administrator']);
    const post = {
      ...{ unitId: commune, title: 'Quyền lớn', leads: false, signs: false, ...since },
      roles: ['administrator'],
    };
    expect((await local.post('/v1/posts', { ...post, reach: 'all' })).status).toBe(403);
    expect((await local.post('/v1/posts', { ...post, reach: 'bloc' })).status).toBe(403);
    expect((await local.post('/v1/posts', { ...post, reach: 'organisation' })).status).toBe(201);
    const { postId } = chief;
    const assigned = await local.post('/v1/assignments', { personId, postId, ...since });
    expect(assigned.status).toBe(403);
    const absence = { personId: chief.personId, substituteId: personId };
    const days = { validFrom: '2026-01-01', validTo: '2027-12-31' };
    expect((await local.post('/v1/absences', { ...absence, ...days })).status).toBe(403);
  });

  it('takes no user name that is the address of another person', async () => {
    const email = 'chu.tich@lamdong.gov.vn';
    const person = await admin.post<{ personId: string }>('/v1/people', {
      fullName: 'Lê Đức Anh',
      email,
    });
    const { body } = await admin.post<{ personId: string }>('/v1/people', { fullName: 'Ai đó' });
    const { personId } = body;
    const taken = await admin.post('/v1/accounts', { personId, username: email, password });
    expect(taken.status).toBe(409);
    const own = await admin.post('/v1/accounts', {
      personId: person.body.personId,
      username: email,
      password,
    });
    expect(own.status).toBe(201);
  });

  describe('makes API keys', () => {
    const key = (by: Outsider, given: object) =>
      by.post<{ id: string; key: string }>('/v1/api-keys', {
        ...{ name: 'Trục liên thông', organisationId: department, scopes: ['events.read'] },
        ...given,
      });

    it('that can do what they may do themselves, there and as far', async () => {
      const { person: local } = await officer('qt-khoa', department, 'organisation');
      const made = await key(local, { scopes: ['events.read', 'documents.register'] });
      expect(made.status).toBe(201);
      const integration = outsider.bearing(made.body.key);
      expect((await integration.get('/v1/me')).body).toMatchObject({
        positions: [{ organisationId: department, reach: 'organisation' }],
      });
      for (const beyond of [
        { scopes: ['documents.approve'] },
        { scopes: ['events.read', 'portals.review'] },
        { organisationId: commune },
        { organisationId: committee },
        { reach: 'bloc' },
        { reach: 'all' },
      ]) {
        expect((await key(local, beyond)).status).toBe(403);
      }
    });

    it('that mix no post’s reach with another post’s permission', async () => {
      const { person: local, personId } = await officer('qt-hai-chuc', department, 'organisation');
      const post = await admin.post<{ postId: string }>('/v1/posts', {
        ...{ unitId: department, title: 'Thanh tra tỉnh', reach: 'all', roles: ['inspector'] },
        ...{ leads: false, signs: false, ...since },
      });
      await admin.post('/v1/assignments', { personId, postId: post.body.postId, ...since });
      const { body } = await outsider.post<Tokens>('/v1/sessions', {
        ...{ username: 'qt-hai-chuc', password, code: await newCode('qt-hai-chuc') },
      });
      expect((await local.get('/v1/me')).status).toBe(200);
      const fresh = outsider.bearing(body.accessToken);
      const wide = await key(fresh, { reach: 'all', scopes: ['documents.register'] });
      expect(wide.status).toBe(403);
    });

    it('that manage no accounts, whatever they are given', async () => {
      for (const scope of ['accounts.manage', 'directory.manage', 'upkeep.operate']) {
        expect((await key(admin, { scopes: ['events.read', scope], reach: 'all' })).status).toBe(
          403,
        );
      }
      const { body } = await key(admin, {
        scopes: ['events.read', 'documents.read'],
        reach: 'all',
      });
      const integration = outsider.bearing(body.key);
      const refused: [string, string, object?][] = [
        ['GET', '/v1/accounts'],
        ['GET', '/v1/api-keys'],
        [
          'POST',
          '/v1/api-keys',
          { name: 'x', scopes: ['events.read'], organisationId: department },
        ],
        ['GET', '/v1/me/sessions'],
        ['POST', `/v1/me/sessions/${body.id}/end`],
        ['POST', '/v1/me/password', { current: 'x', next: 'Thác Datanla mùa mưa' }],
        ['POST', '/v1/me/second-factor'],
        ['POST', '/v1/me/second-factor/confirm', { code: '000000' }],
        ['POST', '/v1/me/second-factor/recovery-codes', { code: '000000' }],
      ];
      for (const [method, path, sent] of refused) {
        const reply = await integration.send(
          method,
          path,
          sent ?? (method === 'POST' ? {} : undefined),
        );
        expect([path, reply.status]).toEqual([path, 403]);
      }
    });

    it('for a year at most, and only for agencies they reach to list and revoke', async () => {
      const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
      expect((await key(admin, { expiresAt: day(-1) })).status).toBe(400);
      expect((await key(admin, { expiresAt: day(400) })).status).toBe(400);
      expect((await key(admin, { expiresAt: day(30) })).status).toBe(201);
      const { body } = await key(admin, { organisationId: commune, name: 'Của xã' });
      const { person: local } = await officer('qt-liet-ke', department, 'organisation');
      const listed = await local.get<{ items: { organisationId: string }[] }>('/v1/api-keys');
      const places = listed.body.items.map(({ organisationId }) => organisationId);
      expect([...new Set(places)]).toEqual([department]);
      expect((await local.post(`/v1/api-keys/${body.id}/revoke`)).status).toBe(403);
      expect((await admin.post(`/v1/api-keys/${body.id}/revoke`)).status).toBe(200);
      expect((await outsider.bearing(body.key).get('/v1/me')).status).toBe(401);
    });
  });

  /** A recovery code that counts: the officer’s own were not kept. */
  async function newCode(username: string): Promise<string> {
    const code = 'aaaa-bbbb-cccc-dddd-eeee';
    await database.query(
      `update account set recovery_codes = array[encode(sha256($2), 'hex')] where username = $1`,
      [username, Buffer.from(code.replaceAll('-', ''))],
    );
    return code;
  }
});
