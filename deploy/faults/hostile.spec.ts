import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hostileRequests } from './hostile-requests.js';
import { plantSmallProvince, type SmallProvince } from './province.js';
import { type FaultyHouse, openFaultyHouse } from './stack.js';
import { vitalsOf } from './vitals.js';

describe('a gateway that is spoken to in bad faith', () => {
  let house: FaultyHouse;
  let province: SmallProvince;
  const say = (line: string) => process.stdout.write(`${line}\n`);

  beforeAll(async () => {
    house = await openFaultyHouse();
    province = await plantSmallProvince(house.url, house.adminPassword);
  });
  afterAll(() => house.close());

  it('says what was wrong, whatever was sent', async () => {
    const { tokens, inBookId } = province;
    const wrong: unknown[] = [];
    for (const { name, status, pointer, send } of hostileRequests(
      house.url,
      tokens.clerk,
      inBookId,
    )) {
      const reply = await send();
      const told = reply.headers['content-type']?.startsWith('application/problem+json')
        ? JSON.parse(reply.body)
        : undefined;
      const named = told?.errors?.map((error: { pointer: string }) => error.pointer) ?? [];
      const right = reply.status === status && (status < 400 || told?.status === status);
      if (!right || (pointer !== undefined && !named.includes(pointer))) {
        wrong.push([name, reply.status, named, reply.body.slice(0, 200)]);
      }
    }
    expect(wrong).toEqual([]);
  });
  it('v', async () => {
    for (const s of ['gateway', 'documents', 'inspections'])
      say(`${s} ${JSON.stringify(await vitalsOf(house, s))}`);
  });
});
