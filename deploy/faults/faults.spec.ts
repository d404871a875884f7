import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CloudEvent, serviceNames } from '@eoffice/contracts';
import { connectNats } from '@eoffice/platform/nats';
import { jetstream } from '@nats-io/jetstream';
import { eventually } from '@eoffice/testing/house';
import { Client as Postgres } from 'pg';
import { EventReader } from './event-reader.js';
import { OfficeWork, type Promised } from './office-work.js';
import { plantSmallProvince, type SmallProvince } from './province.js';
import { request, speak } from './raw-http.js';
import { type FaultyHouse, openFaultyHouse } from './stack.js';

const say = (line: string) => process.stdout.write(`${line}\n`);
const since = (at: number) => `${(performance.now() - at).toFixed(0)} ms`;

describe('a house whose parts are killed while it works', () => {
  let house: FaultyHouse;
  let province: SmallProvince;
  let office: OfficeWork;
  let reader: EventReader;
  /** What was broken, and when. */
  const faults: { what: string; at: number }[] = [];
  /** What the gateway said of its health while a server was away. */
  const healthWhileAway: number[] = [];

  beforeAll(async () => {
    house = await openFaultyHouse();
    province = await plantSmallProvince(house.url, house.adminPassword);
    office = new OfficeWork(house.url, province);
    reader = new EventReader(house.url, province.tokens.admin);
  });
  afterAll(async () => {
    await reader.close();
    await house.close();
  });

  const signal = (service: string, name: NodeJS.Signals = 'SIGKILL') =>
    process.kill(house.programs[service]!.pid!, name);
  const health = async () => (await fetch(`${house.url}/health/ready`)).status;
  const killAndRestart = async (server: { kill(): Promise<void>; restart(): Promise<void> }) => {
    await server.kill();
    await wait(Math.random() * 400);
    healthWhileAway.push(await health().catch(() => 503));
    await server.restart();
  };
  const ways: Record<string, () => unknown> = {
    documents: () => signal('documents'),
    gateway: () => signal('gateway'),
    another: () => signal(['mail', 'signatures', 'portals', 'inspections'].at(Math.random() * 4)!),
    NATS: () => killAndRestart(house.nats),
    PostgreSQL: () => killAndRestart(house.postgres),
  };

  async function breakThings() {
    const order = [
      'another',
      ...['documents', 'gateway', 'NATS', 'PostgreSQL'].flatMap((what) => [what, what]),
    ];
    order.sort(() => Math.random() - 0.5);
    for (const what of order) {
      await wait(1_000 + Math.random() * 1_000);
      faults.push({ what, at: performance.now() });
      await ways[what]!();
    }
    await wait(1_500);
  }

  it('goes on, and tells its clients to come again', async () => {
    const began = performance.now();
    office.start({ registering: 4, issuing: 2 });
    await breakThings();
    await office.stop();
    const { told } = office.client;
    const done = told.filter(({ status }) => status >= 200 && status < 300);
    say(`${told.length} requests in ${since(began)}: ${JSON.stringify(countsOf(told))}`);
    say(`${office.incoming.size} documents registered, ${office.outgoing.size} issued`);
    const longest = Math.max(...told.map(({ sentAt, answeredAt }) => answeredAt - sentAt));
    say(`the longest wait for any answer: ${longest.toFixed(0)} ms`);
    say(`the reader of events came back ${reader.returns} times`);
    for (const { what, at } of faults) {
      const after = done.filter(({ sentAt }) => sentAt >= at).map(({ answeredAt }) => answeredAt);
      const away = Math.min(...after) - at;
      const seconds = ((at - began) / 1000).toFixed(1);
      say(
        `${seconds.padStart(6)} s  ${what.padEnd(11)} ${away.toFixed(0).padStart(6)} ms without an answer`,
      );
    }
    for (const { status, mediaType, retryAfter, body } of told) {
      if (status === 0 || status < 300) continue;
      expect([429, 503, 504]).toContain(status);
      expect(mediaType).toMatch(/^application\/problem\+json/);
      expect(Number(retryAfter)).toBeGreaterThan(0);
      expect(JSON.parse(body)).toMatchObject({ status });
    }
    expect(new Set(healthWhileAway)).toEqual(new Set([503]));
    await eventually(async () => expect(await health()).toBe(200));
  }, 180_000);

  it('finishes what it has begun when it is asked to end', async () => {
    const { told } = office.client;
    const before = told.length;
    office.start({ registering: 8, issuing: 0 });
    await wait(300);
    signal('documents', 'SIGTERM');
    await wait(2_500);
    const form = `--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\ntệp\r\n--x--\r\n`;
    const [head] = request('POST', '/v1/files', {
      headers: {
        authorization: `Bearer ${province.tokens.clerk}`,
        'content-type': 'multipart/form-data; boundary=x',
      },
      body: form,
    });
    const upload = speak(house.url, [head!, form.slice(0, 50), 800, form.slice(50)]);
    await wait(200);
    const asked = performance.now();
    signal('gateway', 'SIGTERM');
    expect((await upload).status).toBe(201);
    await wait(2_000);
    await office.stop();
    const since = told.slice(before);
    say(`asked to end: ${JSON.stringify(countsOf(since))}`);
    const broken = since.filter(({ status, sentAt }) => status === 0 && sentAt < asked);
    expect(since.filter(({ status }) => ![0, 200, 201, 503].includes(status))).toEqual([]);
    expect(broken.length).toBeLessThanOrEqual(8);
  });

  it('gives the same answer to the same key', async () => {
    for (const [key, promised] of [...office.incoming].slice(0, 20)) {
      const { id, number } = await office.register(key);
      expect({ id, number }).toMatchObject({ id: promised.id, number: promised.number });
    }
  });

  it('has every document it promised under its number, once', async () => {
    for (const [table, promised] of promises()) {
      const rows = await ask<Promised>(
        'documents',
        `select id, number from ${table} order by number`,
      );
      expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => index + 1));
      const kept = new Map(rows.map(({ id, number }) => [id, number]));
      for (const { id, number } of promised.values()) expect(kept.get(id)).toBe(number);
      expect(new Set([...promised.values()].map(({ id }) => id)).size).toBe(rows.length);
    }
    const comments = `select count(*)::int from draft_step where kind = 'comment'`;
    expect(await ask('documents', comments)).toEqual([{ count: office.comments }]);
  });

  it('has announced each once, and kept nothing back', async () => {
    const began = performance.now();
    for (const service of serviceNames) {
      await eventually(async () => {
        const [row] = await ask<{ waiting: number }>(
          service,
          'select count(*)::int as waiting from outbox',
        );
        expect([service, row!.waiting]).toEqual([service, 0]);
      });
    }
    const events = await history();
    for (const [table, promised] of promises()) {
      const type = table.startsWith('incoming') ? 'incoming.registered' : 'outgoing.issued';
      const fitting = events.filter((event) => event.type === `documents.${type}.v1`);
      const subjects = fitting.map(({ subject }) => subject).sort();
      expect(subjects).toEqual([...promised.values()].map(({ id }) => id).sort());
    }
    const ids = events.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    await eventually(() => {
      const heard = new Set(reader.heard.map(({ id }) => id));
      expect(ids.filter((id) => !heard.has(id))).toEqual([]);
    });
    say(`the reader heard all ${ids.length} events (${reader.heard.length}) after ${since(began)}`);
  });

  it('finds them all, has intact journals and no dead letters', async () => {
    const began = performance.now();
    const total = office.incoming.size + office.outgoing.size;
    await eventually(async () => {
      const [row] = await ask<{ found: number }>(
        'documents',
        'select count(*)::int as found from searchable',
      );
      expect(row!.found).toBe(total);
    }, 30_000);
    say(`all ${total} documents are found after ${since(began)}`);
    for (const service of serviceNames) {
      const verdict = await province.admin.post(`/v1/${service}/audit/verify`);
      expect(verdict).toMatchObject({ intact: true, faults: [] });
      expect(await province.admin.get(`/v1/${service}/dead-letters`)).toEqual({ items: [] });
    }
  });

  const promises = () =>
    [
      ['incoming_document', office.incoming],
      ['outgoing_document', office.outgoing],
    ] as const;

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
      const events: CloudEvent[] = [];
      const consumer = await jetstream(nats).consumers.get('events');
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

function countsOf(told: { status: number }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of told) counts[status || 'broken'] = (counts[status || 'broken'] ?? 0) + 1;
  return counts;
}
