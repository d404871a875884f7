import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CloudEvent, serviceNames } from '@eoffice/contracts';
import { connectNats } from '@eoffice/platform/nats';
import { jetstream } from '@nats-io/jetstream';
import { Client as Postgres } from 'pg';
import { PersistentClient } from './persistent-client.js';
import { plantSmallProvince, type SmallProvince } from './province.js';
import { EventReader } from './reader.js';
import { eventually } from '@eoffice/testing/house';
import { type FaultyHouse, openFaultyHouse } from './stack.js';

const registered = 'documents.incoming.registered.v1';
const issued = 'documents.outgoing.issued.v1';

interface Registered {
  id: string;
  number: number;
}
interface Draft {
  id: string;
  version: number;
}

describe('a house whose parts are killed while it works', () => {
  let house: FaultyHouse;
  let province: SmallProvince;
  let client: PersistentClient;
  let reader: EventReader;
  let working = true;
  /** What clients were answered, by the idempotency key they sent. */
  const incoming = new Map<string, Registered>();
  const outgoing = new Map<string, Registered>();
  const faults: { what: string; at: number }[] = [];
  const say = (line: string) => process.stdout.write(`${line}\n`);

  beforeAll(async () => {
    house = await openFaultyHouse();
    province = await plantSmallProvince(house.url, house.adminPassword);
    client = new PersistentClient(house.url);
    reader = new EventReader(house.url, province.tokens.admin);
  });
  afterAll(async () => {
    await reader.close();
    await house.close();
  });

  async function registerOn() {
    const { tokens, inBookId: bookId } = province;
    while (working) {
      const key = randomUUID();
      const document = { bookId, author: 'Sở Nội vụ', abstract: `Về việc ${key}` };
      const options = { token: tokens.clerk, key };
      incoming.set(key, await client.post('/v1/incoming-documents', document, options));
      await wait(20);
    }
  }

  async function issueOn() {
    const { tokens, unitId, leaderId: signerId, outBookId: bookId, ticket } = province;
    const decide = (draft: Draft, step: string, token: string) =>
      client.post<Draft>(
        `/v1/drafts/${draft.id}/${step}`,
        {},
        { token, key: randomUUID(), version: draft.version },
      );
    while (working) {
      const content = { type: 'QĐ', abstract: 'Phê duyệt', recipients: ['Lưu: VT'], signerId };
      let draft = await client.post<Draft>(
        '/v1/drafts',
        { ...content, unitId, files: [ticket] },
        { token: tokens.official, key: randomUUID() },
      );
      draft = await decide(draft, 'content-check', tokens['unit-head']);
      draft = await decide(draft, 'format-check', tokens.clerk);
      draft = await decide(draft, 'approval', tokens.leader);
      const key = randomUUID();
      const options = { token: tokens.clerk, key, version: draft.version };
      outgoing.set(key, await client.post(`/v1/drafts/${draft.id}/issue`, { bookId }, options));
    }
  }

  const kill = (service: string) => process.kill(house.programs[service]!.pid!, 'SIGKILL');
  const killAndRestart = async (server: { kill(): Promise<void>; restart(): Promise<void> }) => {
    await server.kill();
    await wait(Math.random() * 500);
    await server.restart();
  };
  const ways: Record<string, () => unknown> = {
    documents: () => kill('documents'),
    gateway: () => kill('gateway'),
    NATS: () => killAndRestart(house.nats),
    PostgreSQL: () => killAndRestart(house.postgres),
  };

  async function breakThings(times: number) {
    const order = Object.keys(ways).flatMap((what) => Array<string>(times).fill(what));
    order.sort(() => Math.random() - 0.5);
    for (const what of order) {
      await wait(1_000 + Math.random() * 1_500);
      faults.push({ what, at: performance.now() });
      await ways[what]!();
    }
    await wait(2_000);
  }

  it('goes on, and tells its clients to come again', async () => {
    const began = performance.now();
    const clients = [
      ...Array.from({ length: 4 }, registerOn),
      ...Array.from({ length: 2 }, issueOn),
    ];
    await breakThings(2);
    working = false;
    await Promise.all(clients);
    const { told } = client;
    const done = told.filter(({ status }) => status >= 200 && status < 300);
    const seconds = (performance.now() - began) / 1000;
    say(`${told.length} requests in ${seconds.toFixed(1)} s, ${done.length} answered`);
    say(`${incoming.size} documents registered, ${outgoing.size} issued`);
    const counts: Record<number, number> = {};
    for (const { status } of told) counts[status] = (counts[status] ?? 0) + 1;
    say(`told: ${JSON.stringify(counts)}; the reader came back ${reader.returns} times`);
    for (const { what, at } of faults) {
      const after = done.filter(({ sentAt }) => sentAt >= at).map(({ answeredAt }) => answeredAt);
      const first = Math.min(...after) - at;
      say(
        `${((at - began) / 1000).toFixed(1).padStart(6)} s  ${what.padEnd(11)} ${first.toFixed(0).padStart(6)} ms without an answer`,
      );
    }
    for (const { status, mediaType, retryAfter, body } of told) {
      if (status === 0 || status < 300) continue;
      expect([429, 503, 504]).toContain(status);
      expect(mediaType).toMatch(/^application\/problem\+json/);
      expect(Number(retryAfter)).toBeGreaterThan(0);
      expect(JSON.parse(body)).toMatchObject({ status });
    }
  });

  it('has every document it promised under its number, once', async () => {
    for (const [book, promised] of [
      ['incoming_document', incoming],
      ['outgoing_document', outgoing],
    ] as const) {
      const rows = await ask<Registered>(
        'documents',
        `select id, number from ${book} order by number`,
      );
      expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => index + 1));
      const kept = new Map(rows.map(({ id, number }) => [id, number]));
      for (const { id, number } of promised.values()) expect(kept.get(id)).toBe(number);
      expect(rows).toHaveLength(promised.size);
      expect(new Set([...promised.values()].map(({ id }) => id)).size).toBe(promised.size);
    }
  });

  it('has announced each once, and kept nothing back', async () => {
    const t0 = performance.now();
    for (const service of serviceNames) {
      await eventually(async () => {
        const [row] = await ask<{ waiting: number }>(
          service,
          'select count(*)::int as waiting from outbox',
        );
        expect([service, row!.waiting]).toEqual([service, 0]);
      });
    }
    say(`outbox empty after ${(performance.now() - t0).toFixed(0)} ms`);
    const stream = await history();
    const eventsOf = (type: string) => stream.filter((event) => event.type === type);
    for (const [type, promised] of [
      [registered, incoming],
      [issued, outgoing],
    ] as const) {
      const subjects = eventsOf(type)
        .map(({ subject }) => subject)
        .sort();
      expect(subjects).toEqual([...promised.values()].map(({ id }) => id).sort());
    }
    const ids = stream.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    await eventually(() => {
      const heard = new Set(reader.heard.map(({ id }) => id));
      expect(ids.map((id, i) => [i, id]).filter(([, id]) => !heard.has(id as string))).toEqual([]); // DEBUG
    });
    say(
      `the reader heard ${reader.heard.length} of ${ids.length} events after ${(performance.now() - t0).toFixed(0)} ms`,
    );
  });

  it('finds them all, has intact journals and no dead letters', async () => {
    const t0 = performance.now();
    const total = incoming.size + outgoing.size;
    await eventually(async () => {
      const [row] = await ask<{ found: number }>(
        'documents',
        'select count(*)::int as found from searchable',
      );
      expect(row!.found).toBe(total);
    }, 60_000);
    say(`index complete after ${(performance.now() - t0).toFixed(0)} ms`);
    for (const service of serviceNames) {
      const verdict = await province.admin.post(`/v1/${service}/audit/verify`);
      expect(verdict).toMatchObject({ intact: true, faults: [] });
      expect(await province.admin.get(`/v1/${service}/dead-letters`)).toEqual({ items: [] });
    }
  });

  async function ask<Row>(service: string, sql: string): Promise<Row[]> {
    const connection = new Postgres({ connectionString: house.databaseUrlAs(service) });
    await connection.connect();
    try {
      return (await connection.query(sql)).rows as Row[];
    } finally {
      await connection.end();
    }
  }

  /** Every event that JetStream keeps, in order. */
  async function history(): Promise<CloudEvent[]> {
    const nats = await connectNats(house.nats.url.replace('//', '//gateway:gateway@'), 'gateway');
    try {
      const consumer = await jetstream(nats).consumers.get('events');
      const { num_pending: count } = await consumer.info();
      const events: CloudEvent[] = [];
      if (count === 0) return events;
      for await (const message of await consumer.consume()) {
        events.push(message.json<CloudEvent>());
        if (message.info.pending === 0) break;
      }
      return events;
    } finally {
      await nats.close();
    }
  }
});
