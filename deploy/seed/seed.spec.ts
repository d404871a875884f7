import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Caller,
  type ImportReport,
  imports,
  type Organisation,
  organisations,
  people,
} from '@eoffice/contracts';
import { House } from '@eoffice/testing/house';
import { Database } from '@eoffice/platform/database';
import { SigningKeys } from '../../services/gateway/src/accounts/signing-keys.js';
import { positionsOf } from '../../services/gateway/src/directory/positions.js';
import { GatewayModule } from '../../services/gateway/src/gateway.module.js';

const kinds = ['organisations', 'successions', 'people'] as const;
const today = '2026-07-01';
const wards = {
  'phường 1 Bảo Lộc': '24823',
  'phường 2 Bảo Lộc': '24820',
  'phường 3 Bảo Lộc': '24841',
  "phường B'Lao": '24829',
};
const successors: Record<string, Record<string, string>> = {
  'thành phố Bảo Lộc': wards,
  'thành phố Đà Lạt': {
    ...{ 'phường Xuân Hương - Đà Lạt': '24781', 'phường Cam Ly': '24787' },
    ...{ 'phường Lâm Viên': '24778', 'phường Xuân Trường': '24805', 'phường Lang Biang': '24846' },
  },
  'huyện Bảo Lâm': {
    ...{ 'xã Bảo Lâm 1': '25054', 'xã Bảo Lâm 2': '25084', 'xã Bảo Lâm 3': '25093' },
    ...{ 'xã Bảo Lâm 4': '25063', 'xã Bảo Lâm 5': '25057' },
  },
  'huyện Di Linh': { 'xã Di Linh': '25000' },
  'huyện Đạ Huoai': {
    ...{ 'xã Đạ Huoai': '25099', 'xã Đạ Huoai 2': '25105', 'xã Đạ Huoai 3': '25114' },
  },
  'huyện Đạ Tẻh': {
    ...{ 'xã Đạ Tẻh': '25126', 'xã Đạ Tẻh 2': '25138', 'xã Đạ Tẻh 3': '25135' },
  },
  'huyện Cát Tiên': {
    ...{ 'xã Cát Tiên': '25159', 'xã Cát Tiên 2': '25180', 'xã Cát Tiên 3': '25162' },
  },
  'huyện Phú Quý': { 'đặc khu Phú Quý': '23272' },
};

describe('the seed', () => {
  let house: House;
  let database: Database;
  let admin: Caller;
  const reports: ImportReport[] = [];

  beforeAll(async () => {
    house = await House.open();
    const settings = { HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40) };
    const app = await house.start('gateway', GatewayModule, settings);
    house.signWith(app.get(SigningKeys));
    database = app.get(Database);
    admin = await house.as({ permissions: ['directory.import', 'directory.manage'] });
    for (const kind of kinds) reports.push(await importTable(kind));
  });
  afterAll(() => house.close());

  const importTable = async (kind: (typeof kinds)[number]) => {
    const content = await readFile(new URL(`${kind}.csv`, import.meta.url));
    const ticket = await house.ticketOf(content, 'text/csv', admin);
    return house.client(imports).run({ kind, ticket, dryRun: false }, admin);
  };
  const all = async (on: string) => {
    const found: Organisation[] = [];
    let after: string | undefined;
    do {
      const page = await house.client(organisations).list({ on, limit: 200, after }, admin);
      found.push(...page.items);
      after = page.next;
    } while (after);
    return found;
  };
  const named = async (name: string, on: string) => {
    const found = (await all(on)).find((each) => each.name === `Ủy ban nhân dân ${name}`);
    if (!found) throw new Error(`no ${name} on ${on}`);
    return found;
  };

  it('is imported whole, and a second time changes nothing', async () => {
    for (const { written, wrong, unchanged } of reports) {
      expect({ written, wrong, unchanged }).toEqual({ written: true, wrong: 0, unchanged: 0 });
    }
    for (const kind of kinds)
      expect(await importTable(kind)).toMatchObject({ created: 0, wrong: 0 });
  });

  it('knows the province, and what merged into it', async () => {
    const province = await named('tỉnh Lâm Đồng', today);
    expect(province).toMatchObject({ administrativeCode: '68', identifier: 'H36', symbol: 'UBND' });
    for (const name of ['tỉnh Đắk Nông', 'tỉnh Bình Thuận']) {
      const { organisationId: id } = await named(name, '2025-06-30');
      const now = await house.client(organisations).successors({ id, on: today }, admin);
      expect(now).toMatchObject({ items: [{ name: province.name }], oneToOne: true });
    }
  });

  it.each(Object.entries(successors))('knows who came after %s', async (name, units) => {
    const before = await named(name, '2013-06-01');
    expect(before.validTo).toBe('2025-06-30');
    const { organisationId: id } = before;
    const now = await house.client(organisations).successors({ id, on: today }, admin);
    const after = (await all(today)).filter(({ organisationId }) =>
      now.items.some((each) => each.organisationId === organisationId),
    );
    const codes = after.map((each) => [
      each.name.replace('Ủy ban nhân dân ', ''),
      each.administrativeCode,
    ]);
    expect(Object.fromEntries(codes)).toEqual(units);
    expect(after.every(({ validFrom }) => validFrom === '2025-07-01')).toBe(true);
  });

  it('has no district left, and two departments that became one on the first of March', async () => {
    const kinds = new Set((await all(today)).map(({ kind }) => kind));
    expect([...kinds].filter((kind) => ['district', 'city'].includes(kind))).toEqual([]);
    const old = (await all('2025-02-28')).find(({ shortName }) => shortName === 'Sở TT&TT')!;
    const { items } = await house
      .client(organisations)
      .successors({ id: old.organisationId, on: '2025-03-01' }, admin);
    expect(items.map(({ name }) => name)).toEqual(['Sở Khoa học và Công nghệ tỉnh Lâm Đồng']);
  });

  it('keeps the blocs apart', async () => {
    const permissions = ['directory.manage'];
    const party = await house.as({ permissions, organisationId: admin.accountId, bloc: 'party' });
    const { items } = await house.client(organisations).list({ on: today, limit: 200 }, party);
    expect(items.length).toBeGreaterThan(2);
    expect(items.every(({ bloc }) => bloc === 'party')).toBe(true);
  });

  /** What the people of an agency may do today, all together. */
  const rolesAt = async (agencyId: string) => {
    const posts = (
      await house.client(people).posts({ unitId: agencyId, on: today, limit: 200 }, admin)
    ).items;
    const { items } = await house.client(people).holders({ id: agencyId }, admin);
    const held = posts.filter(({ postId }) => items.some((each) => each.postId === postId));
    return new Set(held.flatMap(({ roles }) => roles));
  };

  it('has somebody in every role where it is tried out', async () => {
    const office = ['clerk', 'leader', 'unit-head', 'official'];
    const portal = ['portal-editor', 'portal-reviewer'];
    for (const name of Object.keys(wards)) {
      const roles = await rolesAt((await named(name, today)).organisationId);
      expect([...roles]).toEqual(expect.arrayContaining([...office, ...portal]));
    }
    const agency = async (shortName: string) =>
      (await all(today)).find((each) => each.agency && each.shortName === shortName)!
        .organisationId;
    const keepers = ['certificate-officer', 'mail-officer', 'administrator', 'inspector'];
    expect([...(await rolesAt(await agency('Sở KH&CN')))]).toEqual(
      expect.arrayContaining([...office, ...portal, ...keepers, 'archivist']),
    );
    expect([...(await rolesAt(await agency('VP UBND tỉnh')))]).toEqual(
      expect.arrayContaining([...office, ...portal, 'inspector', 'archivist']),
    );
    expect([...(await rolesAt(await agency('UBND tỉnh')))]).toEqual(expect.arrayContaining(office));
    expect([...(await rolesAt(await agency('VP Tỉnh ủy')))]).toEqual(
      expect.arrayContaining([...office, 'administrator']),
    );
  });

  it('took the rights of the dissolved city from its people on its last day', async () => {
    const { organisationId } = await named('thành phố Bảo Lộc', '2025-06-30');
    const { items } = await house
      .client(people)
      .posts({ unitId: organisationId, on: '2025-06-30' }, admin);
    expect(items.length).toBeGreaterThan(3);
    const rows = await database.query<{ id: string }>(
      'select distinct person_id as id from assignment where agency_id = $1',
      [organisationId],
    );
    for (const { id } of rows) {
      expect(await positionsOf(database.manager, id, '2025-06-30')).toHaveLength(1);
      expect(await positionsOf(database.manager, id, '2025-07-01')).toEqual([]);
    }
  });
});
