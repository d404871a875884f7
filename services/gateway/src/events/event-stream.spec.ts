import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  absenceChanged,
  type Bloc,
  bookOpened,
  certificateRegistered,
  incomingRegistered,
  mailboxOpened,
  organisationChanged,
  personChanged,
  policyChanged,
  type Position,
  postChanged,
  successionRecorded,
} from '@eoffice/contracts';
import { absence, organisation, person, post } from '@eoffice/testing/directory';
import { House } from '@eoffice/testing/house';
import { Outsider } from '@eoffice/testing/http';
import { SigningKeys } from '../accounts/signing-keys.js';
import { GatewayModule } from '../gateway.module.js';
import { prepareHttp } from '../http/http.js';

interface Agency {
  id: string;
  bloc: Bloc;
}

describe('who is told of what', () => {
  let house: House;
  let outsider: Outsider;
  let keys: SigningKeys;
  let department: Agency;
  let commune: Agency;
  let committee: Agency;
  let start: string;

  beforeAll(async () => {
    house = await House.open();
    const settings = { HTTP_PORT: '0', GATEWAY_SECRET: 'w'.repeat(40) };
    const app = await house.start('gateway', GatewayModule, settings, prepareHttp);
    outsider = await Outsider.of(app);
    keys = app.get(SigningKeys);
    department = await register('government', 'Sở Nội vụ', 'SNV');
    commune = await register('government', 'Ủy ban nhân dân xã Đơn Dương', 'UBND');
    committee = await register('party', 'Ban Tổ chức Tỉnh ủy', 'BTC');
    start = await lastOf('/v1/events?after=0&types=directory.organisations.*', 3);
    await tellAll();
  });
  afterAll(() => house.close());

  /** Somebody with a token of these positions. */
  async function bearer(seconds: number, ...positions: Partial<Position>[]): Promise<Outsider> {
    const claims = {
      sub: randomUUID(),
      person: randomUUID(),
      name: 'Người đọc',
      positions: positions.map((each) => ({
        postId: randomUUID(),
        unitId: each.organisationId,
        reach: 'organisation',
        permissions: ['events.read'],
        ...each,
      })),
    };
    return outsider.bearing(await keys.sign('at+jwt', claims, seconds));
  }

  const at = ({ id, bloc }: Agency, rest: Partial<Position> = {}): Partial<Position> => ({
    organisationId: id,
    bloc,
    ...rest,
  });

  async function register(bloc: Bloc, name: string, symbol: string): Promise<Agency> {
    const everything = { organisationId: randomUUID(), bloc, reach: 'all' as const };
    const admin = await bearer(60, { ...everything, permissions: ['directory.manage'] });
    const { body } = await admin.post<{ organisationId: string }>('/v1/organisations', {
      ...{ bloc, name, symbol, shortName: name, kind: 'department', agency: true },
      ...{ validFrom: '2021-01-01', legalBasis: 'Quyết định 01/QĐ-UBND' },
    });
    return { id: body.organisationId, bloc };
  }

  /** The number of the last of so many events. */
  async function lastOf(path: string, count: number): Promise<string> {
    const reader = await bearer(60, at(department, { reach: 'all' }));
    const stream = await reader.listen(path);
    const events = await stream.take(count);
    stream.close();
    return events.at(-1)!.id;
  }

  /** Facts of every shape about each agency, and facts that name none. The last one is the department's. */
  async function tellAll() {
    for (const { id, bloc } of [committee, commune, department]) {
      const about = { organisationId: id, bloc };
      await house.announce(organisationChanged, id, organisation(about));
      await house.announce(postChanged, id, post({ agencyId: id, unitId: id, bloc }));
      await house.announce(successionRecorded, id, {
        ...{ successionId: randomUUID(), fromId: id, kind: 'rename' },
        ...{ effectiveOn: '2025-07-01', legalBasis: 'Nghị quyết 202/2025/QH15' },
      });
      const documentId = randomUUID();
      await house.announce(incomingRegistered, documentId, {
        ...{ documentId, organisationId: id, number: 1, year: 2026 },
      });
      await house.announce(mailboxOpened, id, {
        ...{ mailboxId: randomUUID(), address: `${bloc}@lamdong.gov.vn`, agencyId: id },
      });
      await house.announce(certificateRegistered, id, {
        ...{ certificateId: randomUUID(), agencyId: id },
      });
    }
    const [someone, nowhere] = [person(), randomUUID()];
    await house.announce(personChanged, someone.personId, someone);
    await house.announce(absenceChanged, someone.personId, absence());
    await house.announce(policyChanged, nowhere, { policyId: nowhere });
    await house.announce(mailboxOpened, nowhere, {
      ...{ mailboxId: nowhere, address: 'khong-ro@lamdong.gov.vn' },
    });
    await house.announce(bookOpened, nowhere, { bookId: nowhere, organisationId: nowhere });
    for (const { id } of [committee, commune, department]) {
      await house.announce(bookOpened, id, { bookId: id, organisationId: id });
    }
  }

  /** How many facts of each agency a reader gets, up to the last that is theirs. */
  async function heard(reader: Outsider, last: Agency) {
    const stream = await reader.listen(`/v1/events?after=${start}`);
    const seen: string[] = [];
    for (;;) {
      const [event] = await stream.take(1);
      const { type, data } = JSON.parse(event!.data) as { type: string; data: object };
      const { organisationId, agencyId, fromId } = data as Record<string, string>;
      seen.push(agencyId ?? organisationId ?? fromId ?? 'none');
      if (type === bookOpened.type && organisationId === last.id) break;
    }
    stream.close();
    const countOf = (id: string) => seen.filter((each) => each === id).length;
    const known = [department, commune, committee].map(({ id }) => countOf(id));
    const others = seen.length - known.reduce((sum, count) => sum + count, 0);
    return { department: known[0], commune: known[1], committee: known[2], others };
  }
  const nothing = { department: 0, commune: 0, committee: 0, others: 0 };

  it('tells the government bloc of the government bloc, and nothing of the party’s', async () => {
    const reader = await bearer(60, at(department, { reach: 'bloc' }));
    expect(await heard(reader, department)).toEqual({ ...nothing, department: 7, commune: 7 });
  });

  it('tells the party bloc of the party bloc, and nothing of the government’s', async () => {
    const reader = await bearer(60, at(committee, { reach: 'bloc' }));
    expect(await heard(reader, committee)).toEqual({ ...nothing, committee: 7 });
  });

  it('tells an agency of itself', async () => {
    expect(await heard(await bearer(60, at(commune)), commune)).toEqual({ ...nothing, commune: 7 });
    expect(await heard(await bearer(60, at(committee)), committee)).toEqual({
      ...nothing,
      committee: 7,
    });
  });

  it('goes by the posts that carry the permission, not by the others', async () => {
    const reader = await bearer(
      60,
      at(department),
      at(committee, { reach: 'bloc', permissions: ['documents.read'] }),
      at(commune, { reach: 'all', permissions: ['documents.read'] }),
    );
    expect(await heard(reader, department)).toEqual({ ...nothing, department: 7 });
  });

  it('tells whoever reaches everything of everything, also what names no agency', async () => {
    const reader = await bearer(60, at(department, { reach: 'all' }));
    const everything = { department: 7, commune: 7, committee: 7, others: 5 };
    expect(await heard(reader, department)).toEqual(everything);
  });

  it('is closed to whoever may not read events', async () => {
    const reader = await bearer(
      60,
      at(department, { reach: 'all', permissions: ['documents.read'] }),
    );
    expect((await reader.get('/v1/events')).status).toBe(403);
  });

  it('ends with the token it was opened with', async () => {
    const reader = await bearer(2, at(department));
    const stream = await reader.listen('/v1/events');
    expect(stream.status).toBe(200);
    expect(await stream.take(1)).toEqual([]);
    expect((await reader.get('/v1/events')).status).toBe(401);
  });
});
