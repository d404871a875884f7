import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller, organisations, successionRecorded } from '@eoffice/contracts';
import { House, problemOf } from '@eoffice/testing/house';
import { SigningKeys } from '../accounts/signing-keys.js';
import { GatewayModule } from '../gateway.module.js';

const reorganised = '2025-07-01';
const legalBasis = 'Nghị quyết 1671/NQ-UBTVQH15';

describe('the graph of succession', () => {
  let house: House;
  let admin: Caller;
  const directory = () => house.client(organisations);

  beforeAll(async () => {
    house = await House.open();
    const settings = { HTTP_PORT: '0', GATEWAY_SECRET: 'x'.repeat(40) };
    const app = await house.start('gateway', GatewayModule, settings);
    house.signWith(app.get(SigningKeys));
    const permissions = ['directory.manage'];
    admin = await house.as({ permissions, organisationId: randomUUID(), reach: 'bloc' });
  });
  afterAll(() => house.close());

  const register = async (name: string, validFrom = '2013-01-01', validTo?: string) => {
    const known = { kind: 'district', agency: true, shortName: name, symbol: 'UBND' };
    const facts = { ...known, name, validFrom, validTo, legalBasis, bloc: 'government' as const };
    return (await directory().register(facts, admin)).organisationId;
  };
  type Kind = 'merge' | 'split' | 'rename' | 'transfer' | 'dissolve';
  const succeed = (
    kind: Kind,
    fromId: string,
    toId: string | undefined,
    more: { effectiveOn?: string; scope?: string } = {},
  ) => {
    const edge = { kind, fromId, toId, effectiveOn: reorganised, legalBasis, ...more };
    return directory().succeed(edge, admin);
  };
  const now = async (id: string, on = '2026-07-01') => {
    const { items, oneToOne } = await directory().successors({ id, on }, admin);
    return { names: items.map(({ name }) => name), items, oneToOne };
  };

  it('shows the four wards beside what Bảo Lộc issued in 2013, and leaves its issuer', async () => {
    const city = await register('Ủy ban nhân dân thành phố Bảo Lộc', '2013-01-01', '2025-06-30');
    const wards = ['phường 1 Bảo Lộc', 'phường 2 Bảo Lộc', 'phường 3 Bảo Lộc', "phường B'Lao"];
    for (const ward of wards) {
      const id = await register(`Ủy ban nhân dân ${ward}`, reorganised);
      await succeed('split', city, id, { scope: `địa bàn ${ward}` });
    }
    const issuer = await directory().find({ id: city, on: '2013-05-05' }, admin);
    expect(issuer.name).toBe('Ủy ban nhân dân thành phố Bảo Lộc');
    const { names, items, oneToOne } = await now(city);
    expect(names).toEqual(wards.map((ward) => `Ủy ban nhân dân ${ward}`));
    expect(items[3]).toMatchObject({ scope: "địa bàn phường B'Lao", kinds: ['split'] });
    expect(oneToOne).toBe(false);
    expect((await now(city, '2025-06-30')).names).toEqual([issuer.name]);
    const told = await house.announced(successionRecorded, 4);
    expect(told[0]).toMatchObject({ subject: city, actor: admin.personId });
  });

  it('adds up what merged or was renamed whole', async () => {
    const province = await register('Tỉnh Lâm Đồng');
    const parts = [];
    for (const name of ['Tỉnh Đắk Nông', 'Tỉnh Bình Thuận']) {
      parts.push(await register(name, '2013-01-01', '2025-06-30'));
      await succeed('merge', parts.at(-1)!, province);
    }
    for (const part of parts) {
      expect(await now(part)).toMatchObject({ names: ['Tỉnh Lâm Đồng'], oneToOne: true });
    }
    expect((await now(province)).names).toEqual(['Tỉnh Lâm Đồng']);
    const old = await register('Sở cũ', '2013-01-01', '2019-12-31');
    const middle = await register('Sở giữa', '2020-01-01', '2025-02-28');
    const last = await register('Sở nay', '2025-03-01');
    await succeed('rename', old, middle, { effectiveOn: '2020-01-01' });
    await succeed('merge', middle, last, { effectiveOn: '2025-03-01' });
    const { items, oneToOne } = await now(old);
    expect(items).toMatchObject([{ organisationId: last, kinds: ['rename', 'merge'] }]);
    expect(oneToOne).toBe(true);
    expect((await now(old, '2022-01-01')).names).toEqual(['Sở giữa']);
  });

  it('knows who gave one function away and stayed, and who went without a successor', async () => {
    const giver = await register('Sở Nội vụ');
    const taker = await register('Thanh tra tỉnh');
    const scope = 'thanh tra chuyên ngành';
    await succeed('transfer', giver, taker, { scope });
    const { names, items, oneToOne } = await now(giver);
    expect([names, oneToOne]).toEqual([['Sở Nội vụ', 'Thanh tra tỉnh'], false]);
    expect(items[1]!.scope).toBe(scope);
    const gone = await register('Ban quản lý', '2013-01-01', '2025-06-30');
    await succeed('dissolve', gone, undefined);
    expect(await now(gone)).toMatchObject({ names: [], oneToOne: false });
    const handed = await register('Trung tâm', '2013-01-01', '2025-06-30');
    await succeed('transfer', handed, taker);
    expect((await now(handed)).names).toEqual(['Thanh tra tỉnh']);
  });

  it('follows only what came after, and comes out of cycles', async () => {
    const [a, b, c] = [await register('A'), await register('B'), await register('C')];
    await succeed('transfer', b, c, { effectiveOn: '2015-01-01', scope: 'việc của B' });
    await succeed('merge', a, b, { effectiveOn: '2020-01-01' });
    expect((await now(a)).names).toEqual(['B']);
    expect((await now(b)).names).toEqual(['B', 'C']);
    await succeed('merge', b, a, { effectiveOn: '2022-01-01' });
    expect((await now(a)).names).toEqual(['A']);
    const [d, e] = [await register('D'), await register('E')];
    await succeed('merge', d, e);
    await succeed('merge', e, d);
    expect((await now(d)).names).toEqual([]);
  });

  it('stays quick when everything goes everywhere', async () => {
    const layers = [[await register('Gốc', '2013-01-01', '2013-12-31')]];
    for (let year = 2014; year < 2026; year++) {
      const last = year === 2025 ? undefined : `${year}-12-31`;
      const layer = [];
      for (const side of ['trái', 'phải']) {
        layer.push(await register(`${side} ${year}`, `${year}-01-01`, last));
      }
      for (const from of layers.at(-1)!) {
        for (const to of layer) await succeed('split', from, to, { effectiveOn: `${year}-01-01` });
      }
      layers.push(layer);
    }
    const started = performance.now();
    expect((await now(layers[0]![0]!)).names).toEqual(['phải 2025', 'trái 2025']);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('takes only edges between two that are there', async () => {
    const [a, b] = [await register('Một'), await register('Hai', '2026-01-01')];
    expect(await problemOf(succeed('merge', a, a))).toBe('directory/wrong-parent');
    expect(await problemOf(succeed('merge', a, b))).toBe('not-found');
    expect(await problemOf(succeed('merge', a, randomUUID()))).toBe('not-found');
    expect(await problemOf(succeed('merge', a, undefined))).toBe('invalid');
    expect(await problemOf(succeed('dissolve', a, b))).toBe('invalid');
  });
});
