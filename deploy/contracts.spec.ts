import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Contract,
  contracts,
  cursorOf,
  type Field,
  type Operation,
  planOf,
  routeOf,
  serviceNames,
  subjectOf,
} from '@eoffice/contracts';
import { eventually, House } from '@eoffice/testing/house';
import { Outsider, type Reply } from '@eoffice/testing/http';
import { DocumentsModule } from '../services/documents/src/documents.module.js';
import { SigningKeys } from '../services/gateway/src/accounts/signing-keys.js';
import { GatewayModule } from '../services/gateway/src/gateway.module.js';
import { prepareHttp } from '../services/gateway/src/http/http.js';
import { InspectionsModule } from '../services/inspections/src/inspections.module.js';
import { MailModule } from '../services/mail/src/mail.module.js';
import { PortalsModule } from '../services/portals/src/portals.module.js';
import { SignaturesModule } from '../services/signatures/src/signatures.module.js';

// Tests that nobody writes twice: the whole house runs, and every operation that the contracts name
// is called by strangers, by people who may not, and by people who may but send nothing useful.

const modules = {
  documents: DocumentsModule,
  mail: MailModule,
  signatures: SignaturesModule,
  portals: PortalsModule,
  inspections: InspectionsModule,
};

const mounted = contracts.flatMap((contract: Contract) =>
  Object.entries(contract.operations)
    .filter(([, operation]) => operation.route)
    .map(([name, operation]) => ({ id: subjectOf(contract, name), operation })),
);
const permissions = [
  ...new Set(
    contracts.flatMap(({ operations }) =>
      Object.values(operations).map(({ permission }) => permission),
    ),
  ),
].filter((permission) => permission.includes('.'));

/** A value of the right shape for a part of a path: of something that is not there. */
function valueFor({ schema }: Field): string {
  if (schema.format === 'uuid') return randomUUID();
  if (schema.format === 'date') return '2026-07-01';
  if (schema.pattern === '^[0-9a-f]{64}$') return 'a'.repeat(64);
  if (schema.pattern === '^\\d{4}$') return '2026';
  if (schema.pattern === '^\\d{4}-(0[1-9]|1[0-2])$') return '2026-07';
  return 'khong-co';
}

/** The verb of an operation and a path of its own, and the names of what the path says. */
function requestFor(operation: Operation) {
  const { verb, path } = routeOf(operation);
  const fields = planOf(operation.input);
  const named: string[] = [];
  const url = path.replace(/:(\w+)/g, (_, name: string) => {
    named.push(name);
    return valueFor(fields.get(name)!);
  });
  return { verb, url, named };
}

/** What must be said beside the path. */
function neededOf({ input, takes }: Operation, named: string[]): string[] {
  if (takes) return ['file'];
  const sample = new (input as new () => Record<string, unknown>)();
  return [...planOf(input)]
    .filter(([name, { optional }]) => !optional && sample[name] === undefined)
    .map(([name]) => name)
    .filter((name) => !named.includes(name));
}

describe('every operation of the running house', () => {
  let house: House;
  let stranger: Outsider;
  let everything: Outsider;

  beforeAll(async () => {
    house = await House.open();
    const settings = { HTTP_PORT: '0', GATEWAY_SECRET: 'z'.repeat(40) };
    const gateway = { ...settings, RATE_LIMIT_PER_MINUTE: '1000000' };
    const app = await house.start('gateway', GatewayModule, gateway, prepareHttp);
    house.signWith(app.get(SigningKeys));
    for (const name of serviceNames) {
      if (name !== 'gateway') await house.start(name, modules[name]);
    }
    stranger = await Outsider.of(app);
    everything = await bearer(permissions);
    await eventually(async () => expect((await everything.get('/v1/books')).status).toBe(200));
  });
  afterAll(() => house.close());

  const bearer = async (granted: string[]) =>
    stranger.bearing((await house.as({ permissions: granted, reach: 'all' })).request.token!);

  const call = (who: Outsider, operation: Operation, body?: unknown, query = '') => {
    const { verb, url } = requestFor(operation);
    const textual = verb === 'GET' || verb === 'DELETE';
    return who.send(verb, url + query, textual ? undefined : (body ?? {}));
  };
  const isProblem = ({ status, headers, body }: Reply) => {
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(body).toMatchObject({ status, title: expect.any(String) });
  };

  it('is many', () => expect(mounted.length).toBeGreaterThan(90));

  it.each(mounted)('$id asks strangers who they are', async ({ operation }) => {
    const reply = await call(stranger, operation);
    if (operation.permission === 'public') return expect(reply.status).not.toBe(401);
    expect(reply.status).toBe(401);
    isProblem(reply);
  });

  it.each(mounted.filter(({ operation }) => operation.permission.includes('.')))(
    '$id refuses who may do anything else, before it looks at what they send',
    async ({ operation }) => {
      const others = await bearer(permissions.filter((each) => each !== operation.permission));
      for (const body of [{}, { nothing: 'known' }, '{"broken":']) {
        const reply = await call(others, operation, body);
        expect(reply.status).toBe(403);
        isProblem(reply);
      }
    },
  );

  it.each(mounted)('$id names what is missing from an empty input', async ({ operation }) => {
    const reply = await call(everything, operation);
    const needed = neededOf(operation, requestFor(operation).named);
    expect(reply.status).toBeLessThan(500);
    if (needed.length === 0) return;
    expect([400, 404, 412, 428]).toContain(reply.status);
    isProblem(reply);
    if (reply.status !== 400) return;
    const { errors } = reply.body as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer.slice(1)).sort()).toEqual(needed.sort());
  });

  it.each(mounted)('$id answers nonsense with a problem', async ({ operation }) => {
    const { verb } = requestFor(operation);
    const replies =
      verb === 'GET' || verb === 'DELETE'
        ? [await call(everything, operation, undefined, '?khong=co&limit=-1&after=%00')]
        : [
            await call(everything, operation, '{"broken":'),
            await call(everything, operation, []),
            await call(everything, operation, 'null'),
            await call(everything, operation, { version: {}, id: 7, khong: [{}] }),
          ];
    for (const reply of replies) {
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.status).toBeLessThan(500);
      isProblem(reply);
    }
  });

  const paged = mounted.filter(({ operation }) => planOf(operation.input).has('after'));
  it.each(paged)('$id starts nowhere with a cursor that is not its own', async ({ operation }) => {
    const cursors = [cursorOf('x', 'y', 'z'), cursorOf(1, 2, 3), cursorOf('2026-01-01', 'x'), 'x'];
    for (const after of cursors) {
      const reply = await call(everything, operation, undefined, `?after=${after}`);
      expect(reply.status).toBeLessThan(500);
    }
  });
});
