import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@eoffice/testing/house';
import { Client, type Refused } from '../seed/client.js';
import fc from 'fast-check';
import { hostileContents, hostileForms, hostileWorkbook } from './hostile-files.js';
import { type Hostility, hostileRequests } from './hostile-requests.js';
import { plantSmallProvince, type SmallProvince } from './province.js';
import { everyOperation, queryOf } from './random-inputs.js';
import { type RawReply, request, speak } from './raw-http.js';
import { type FaultyHouse, openFaultyHouse } from './stack.js';
import { Watch } from './vitals.js';

/** How late a service may be because of one hostile thing, beside what a busy machine costs all. */
const maxBlockedMs = 200;
const maxMb = 600;
/** Random inputs for each operation. */
const samples = 8;

describe('a house that is spoken to in bad faith', () => {
  let house: FaultyHouse;
  let province: SmallProvince;
  let clerk: Client;
  let watch: Watch;
  let slow: Promise<RawReply>[];
  const say = (line: string) => process.stdout.write(`${line}\n`);

  beforeAll(async () => {
    house = await openFaultyHouse();
    province = await plantSmallProvince(house.url, house.adminPassword);
    watch = new Watch(house);
    clerk = new Client(house.url).bearing(province.tokens.clerk);
    const [head] = request('POST', '/v1/incoming-documents', {
      headers: { 'content-type': 'application/json', 'content-length': '1000' },
    });
    const trickle = Array.from({ length: 40 }, () => ['{', 500]).flat();
    slow = [
      speak(house.url, [head!, ...trickle], { patienceMs: 30_000 }),
      speak(house.url, ['GET /v1/me HTTP/1.1\r\nx: y', ...trickle], { patienceMs: 30_000 }),
    ];
  });
  afterAll(() => house.close());

  /** What was answered otherwise than it should be. */
  async function wrongAmong(hostilities: Hostility[]) {
    const wrong: unknown[] = [];
    for (const { name, status, pointer, send } of hostilities) {
      const reply = await send();
      const told = problemIn(reply);
      const named = told?.errors?.map((error) => error.pointer) ?? [];
      const right = reply.status === status && (status < 400 || told?.status === status);
      if (!right || (pointer !== undefined && !named.includes(pointer))) {
        wrong.push([name, reply.status, named, reply.body.slice(0, 200)]);
      }
    }
    return wrong;
  }

  /** Nobody was kept waiting for long, by more than the others on this machine, and memory has an end. */
  async function expectCalm(what: string) {
    const bystander = await watch.look('inspections');
    for (const service of ['gateway', 'documents']) {
      const { blockedMs, lateMs, peakMb } = await watch.look(service);
      say(`${what.padEnd(36)} ${service}: late by ${lateMs} ms, at most ${peakMb} MB`);
      expect(blockedMs).toBeLessThan(maxBlockedMs + 2 * bystander.lateMs);
      expect(peakMb).toBeLessThan(maxMb);
    }
  }

  const filesOnDisk = async () => {
    const entries = await readdir(`${house.folder}/files`, {
      recursive: true,
      withFileTypes: true,
    });
    return entries.filter((entry) => entry.isFile()).length;
  };

  it('says what was wrong, whatever was sent', async () => {
    await watch.look('gateway');
    await watch.look('documents');
    const { tokens, inBookId } = province;
    expect(await wrongAmong(hostileRequests(house.url, tokens.clerk, inBookId))).toEqual([]);
    await expectCalm('hostile requests');
  });

  it('keeps nothing of a form that is not whole', async () => {
    const before = await filesOnDisk();
    expect(await wrongAmong(hostileForms(house.url, province.tokens.clerk))).toEqual([]);
    await eventually(async () => expect(await filesOnDisk()).toBe(before));
    await expectCalm('hostile forms');
  });

  it.each(hostileContents())('registers and indexes “%s”', async (name, content) => {
    const ticket = await clerk.upload(name, content);
    const document = { bookId: province.inBookId, author: 'Sở Nội vụ', files: [ticket] };
    await clerk.post('/v1/incoming-documents', { ...document, abstract: name });
    const q = encodeURIComponent(name);
    const find = () => clerk.get<{ items: unknown[] }>(`/v1/documents/search?q=${q}`);
    await eventually(async () => expect((await find()).items).toHaveLength(1), 30_000);
    await expectCalm(name);
  });

  it.each([undefined, 1_000])('refuses a workbook of 2 GB that claims %s', async (claimed) => {
    const ticket = await clerk.upload('so.xlsx', hostileWorkbook(claimed));
    const sent = clerk.post('/v1/incoming-documents/bulk', { bookId: province.inBookId, ticket });
    expect((await refusalOf(sent)).status).toBe(400);
    await expectCalm(`a workbook that claims ${claimed}`);
  });

  it('asks for less where more would be answered than can be carried', async () => {
    const { tokens, unitId, leaderId: signerId, ticket } = province;
    const official = clerk.bearing(tokens.official);
    const recipients = Array<string>(200).fill('Ủ'.repeat(200));
    const content = { type: 'QĐ', abstract: 'Phê duyệt', recipients, signerId };
    for (let count = 0; count < 40; count++) {
      await official.post('/v1/drafts', { ...content, unitId, files: [ticket] });
    }
    expect(await refusalOf(official.get('/v1/drafts?limit=200'))).toMatchObject({
      status: 400,
      problem: { errors: [{ pointer: '/limit' }] },
    });
    expect((await official.get<{ items: object[] }>('/v1/drafts?limit=5')).items).toHaveLength(5);
  });

  it('takes an idempotency key for one request only, wherever its parts were sent', async () => {
    const official = clerk.bearing(province.tokens.official);
    const { items } = await official.get<{ items: { id: string }[] }>('/v1/drafts?limit=2');
    const [one, other] = items.map(({ id }) => `/v1/drafts/${id}/comments`);
    const comment = (path: string) =>
      official.send('POST', path, { text: 'Đã xem' }, { 'idempotency-key': 'one key' });
    const first = await comment(one!);
    expect(await comment(one!)).toEqual(first);
    expect((await refusalOf(comment(other!))).status).toBe(422);
  });

  it('compares texts that have nothing in common without keeping others waiting', async () => {
    const { tokens, unitId, leaderId: signerId } = province;
    const official = clerk.bearing(tokens.official);
    const content = { type: 'QĐ', abstract: 'Phê duyệt', recipients: ['Lưu: VT'], signerId };
    const [one, other] = await Promise.all(
      ['một.txt', 'hai.txt'].map((name) => {
        const words = Array.from({ length: 40_000 }, () => randomBytes(3).toString('hex'));
        return official.upload(name, Buffer.from(words.join(' ')));
      }),
    );
    const draft = await official.post('/v1/drafts', { ...content, unitId, files: [one] });
    const path = `/v1/drafts/${String(draft.id)}`;
    const version = { 'if-match': `"${String(draft.version)}"` };
    await official.send('POST', `${path}/versions`, { ...content, files: [other] }, version);
    await expectCalm('before the comparison');
    const { text } = await official.get<{ text: object[] }>(`${path}/comparison?from=1&to=2`);
    expect(text.length).toBeGreaterThan(1);
    await expectCalm('a comparison');
  });

  it('never says “unexpected”, whatever is asked of it', async () => {
    const { tokens, inBookId, outBookId, unitId, leaderId } = province;
    const permissions = Object.values(tokens).map((token) => ({
      token,
      may: permissionsIn(token),
    }));
    const failures: unknown[] = [];
    const counts: Record<number, number> = {};
    for (const target of everyOperation([inBookId, outBookId, unitId, leaderId])) {
      const { name, verb, permission, requests } = target;
      const { token } = permissions.find(({ may }) => may.includes(permission)) ?? permissions[0]!;
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const textual = verb === 'GET' || verb === 'DELETE';
      for (const { path, input } of fc.sample(requests, samples)) {
        const reply = await fetch(house.url + path + (textual ? queryOf(input) : ''), {
          method: verb,
          headers: { ...headers, 'if-match': '"1"' },
          body: textual ? undefined : JSON.stringify(input),
        });
        counts[reply.status] = (counts[reply.status] ?? 0) + 1;
        const told = await reply.text();
        if (reply.status >= 500) failures.push([name, path, JSON.stringify(input), told]);
      }
    }
    say(`random inputs: ${JSON.stringify(counts)}`);
    expect(failures).toEqual([]);
  });

  it('hangs up on whoever sends too slowly', async () => {
    const replies = await Promise.all(slow);
    expect(replies.map((reply) => [reply.status, problemIn(reply)?.status])).toEqual([
      [408, 408],
      [408, 408],
    ]);
  });
});

const refusalOf = (work: Promise<unknown>) => work.catch((error) => error) as Promise<Refused>;

function problemIn({ headers, body }: RawReply) {
  if (!headers['content-type']?.startsWith('application/problem+json')) return undefined;
  return JSON.parse(body) as { status: number; errors?: { pointer: string }[] };
}

function permissionsIn(token: string): string[] {
  const payload = Buffer.from(token.split('.')[1]!, 'base64url').toString();
  const { positions } = JSON.parse(payload) as { positions: { permissions: string[] }[] };
  return positions.flatMap(({ permissions }) => permissions);
}
