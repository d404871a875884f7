import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@eoffice/platform/database';
import {
  documentSigned,
  signatureBatchEnded,
  signatureBatches,
  signing,
  signingKeys,
  type StartBatch,
  trust,
} from '@eoffice/contracts';
import { type Party } from '@eoffice/signing/testing/authority';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { ServiceProcess } from '@eoffice/testing/service-process';
import { SigningOffice } from '@eoffice/testing/signing-office';
import { SignaturesModule } from '../signatures.module.js';

const passphrase = 'con trâu đi trước';
const settings = { SIGNING_SECRET: 'k'.repeat(40) };

/** A key of the leader kept here, with the certificate that was issued for it. */
async function newKey(office: SigningOffice, database: Database): Promise<string> {
  const { organisationId: agencyId } = office.agency;
  const input = { holderKind: 'person', agencyId, algorithm: 'ec-p256', passphrase } as const;
  const keys = office.house.client(signingKeys);
  const { id, version } = await keys.create(input, office.leader);
  const [row] = await database.query<{ spki: Buffer }>(
    'select spki from signing_key where id = $1',
    [id],
  );
  const subject = 'O=Sở Khoa học và Công nghệ,CN=Lê Đức Anh';
  const party: Party = office.certifying.issue({ subject, spki: row!.spki });
  const { id: certificateId } = await office.register('leader', party);
  await keys.attach({ id, version, certificateId }, office.leader);
  return id;
}

async function documentsOf(office: SigningOffice, database: Database, count: number) {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) ids.push((await office.document()).id);
  await eventually(async () => {
    const [row] = await database.query<{ count: number }>(
      'select count(*)::int as count from known_signing where draft_id = any ($1)',
      [ids],
    );
    expect(row!.count).toBe(count);
  }, 30_000);
  return ids;
}

describe('signing many at once', () => {
  let house: House;
  let office: SigningOffice;
  let database: Database;
  let keyId: string;
  const client = () => house.client(signatureBatches);

  beforeAll(async () => {
    house = await House.open();
    const app = await house.start('signatures', SignaturesModule, settings);
    database = app.get(Database);
    office = await SigningOffice.open(house);
    await office.addStamper('/tsa', 1, 30);
    keyId = await eventually(() => newKey(office, database));
  });
  afterAll(async () => {
    await office?.close();
    await house.close();
  });

  const documents = (count: number) => documentsOf(office, database, count);
  const start = (documentIds: string[], more: Partial<StartBatch> = {}) =>
    client().start({ kind: 'personal', keyId, passphrase, documentIds, ...more }, office.leader);
  const ended = (id: string) =>
    eventually(async () => {
      const batch = await client().find({ id }, office.leader);
      expect(batch.state).toBe('ended');
      expect(batch.stamping).toBe(0);
      return batch;
    }, 60_000);

  it('is one call by software key for one document', async () => {
    const [documentId] = await documents(1);
    const input = { kind: 'personal', documentId, keyId, passphrase } as const;
    const one = await house.client(signing).sign(input, office.leader);
    expect(one).toMatchObject({ state: 'signed', level: 'B-T' });
    const wrong = { ...input, passphrase: 'sai mật khẩu rồi' };
    expect(await problemOf(house.client(signing).sign(wrong, office.leader))).toBe(
      'signatures/wrong-passphrase',
    );
    expect(await problemOf(house.client(signing).sign(input, office.clerk))).toBe('not-found');
  });

  it('says of each document what became of it, and signs none without the rules', async () => {
    const good = await documents(12);
    const others = (await office.document({ signerId: office.agency.people.head })).id;
    const broken = (await office.document({}, Buffer.from('không phải PDF'))).id;
    const unknown = crypto.randomUUID();
    await documents(1);
    const { id, state, total } = await start([...good, others, broken, unknown]);
    expect([state, total]).toEqual(['running', 15]);
    expect(await ended(id)).toMatchObject({ signed: 12, refused: 3, waiting: 0 });
    const { items, next } = await client().rows({ id, limit: 10 }, office.leader);
    expect(items.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const { items: rest } = await client().rows({ id, after: next }, office.leader);
    expect(rest.slice(2)).toMatchObject([
      { state: 'refused', documentId: others, problem: expect.stringContaining('Người ký') },
      { state: 'refused', documentId: broken, problem: expect.stringContaining('PDF') },
      { state: 'refused', documentId: unknown, problem: expect.stringContaining('Không có') },
    ]);
    const refused = await client().rows({ id, state: 'refused' }, office.leader);
    expect(refused.items).toHaveLength(3);
    const told = await house.announced(documentSigned, 13);
    expect(new Set(told.map(({ data }) => data.draftId))).toEqual(
      new Set([...good, ...told.slice(0, 1).map(({ data }) => data.draftId)]),
    );
    const [fact] = await house.announced(signatureBatchEnded);
    expect(fact!.data).toMatchObject({ batchId: id, made: 12, refused: 3 });
  }, 60_000);

  it('is its owner’s alone, one at a time, and never the same document twice', async () => {
    const [one] = await documents(1);
    expect(await problemOf(start([one!, one!]))).toBe('conflict');
    expect(await problemOf(start([]))).toBe('invalid');
    const many = Array.from({ length: 501 }, () => crypto.randomUUID());
    expect(await problemOf(start(many))).toBe('invalid');
    const wrong = start([one!], { passphrase: 'sai mật khẩu rồi' });
    expect(await problemOf(wrong)).toBe('signatures/wrong-passphrase');
    const { id } = await start([one!]);
    expect(await problemOf(client().find({ id }, office.clerk))).toBe('not-found');
    await ended(id);
  });

  it('goes on after its process ended, with the key, where it stopped', async () => {
    const ids = await documents(3);
    const { id } = await start(ids.slice(0, 1));
    await ended(id);
    // What a crash leaves: rows that nobody works on, and no word for a while.
    await database.query(
      `with more as (insert into signature_batch_row (batch_id, row, document_id)
         values ($1, 2, $2), ($1, 3, $3))
       update signature_batch set ended_at = null, alive_at = now() - interval '1 minute'
       where id = $1`,
      [id, ids[1], ids[2]],
    );
    const found = await client().find({ id }, office.leader);
    expect(found).toMatchObject({ state: 'interrupted', waiting: 2, signed: 1 });
    const wrong = client().resume({ id, passphrase: 'sai mật khẩu rồi' }, office.leader);
    expect(await problemOf(wrong)).toBe('signatures/wrong-passphrase');
    await client().resume({ id, passphrase }, office.leader);
    expect(await ended(id)).toMatchObject({ signed: 3, refused: 0 });
    expect(await problemOf(client().resume({ id, passphrase }, office.leader))).toBe(
      'signatures/out-of-order',
    );
  });

  it('counts as it goes, and is stamped in its own time', async () => {
    const { id } = await start(await documents(100));
    const seen = await eventually(async () => {
      const batch = await client().find({ id }, office.leader);
      expect(batch.signed + batch.stamping).toBeGreaterThan(0);
      return batch;
    });
    expect(seen.waiting + seen.stamping + seen.signed).toBe(100);
    expect(await ended(id)).toMatchObject({ total: 100, signed: 100, refused: 0 });
  }, 120_000);
});

describe('a batch whose process is killed', () => {
  let house: House;
  let office: SigningOffice;
  let database: Database;
  let service: ServiceProcess;
  const client = () => house.client(signatureBatches);
  const found = (id: string) => client().find({ id }, office.leader);

  beforeAll(async () => {
    house = await House.open();
    house.answerKeys();
    service = new ServiceProcess(house, 'signatures', settings);
    service.start();
    const nobody = await house.as({});
    await eventually(() => house.client(trust).list({}, nobody), 20_000);
    database = new Database('signatures', house.database.urlAs('signatures'), 2, []);
    await database.open();
    office = await SigningOffice.open(house);
    await office.addStamper('/tsa', 1, 30);
  }, 40_000);
  afterAll(async () => {
    await office?.close();
    await service?.kill();
    await database?.close();
    await house.close();
  });

  it('goes on with the key where it stopped, and signs every document once', async () => {
    const total = 60;
    const keyId = await eventually(() => newKey(office, database));
    const documentIds = await documentsOf(office, database, total);
    const input = { kind: 'personal', keyId, passphrase, documentIds } as const;
    const { id } = await client().start(input, office.leader);
    const made = () =>
      database.query<unknown[]>(
        'select id from signature where sha256 is not null or cms is not null',
      );
    while ((await made()).length < 5) await wait(2);
    await service.kill();
    const before = (await made()).length;
    expect(before).toBeLessThan(total);
    service.start();
    await eventually(() => found(id), 20_000);
    // Half a minute passes.
    await database.query(
      `update signature_batch set alive_at = alive_at - interval '31 seconds' where id = $1`,
      [id],
    );
    const stopped = await found(id);
    expect(stopped).toMatchObject({ state: 'interrupted', refused: 0, total });
    expect(stopped.signed + stopped.stamping).toBe(before);
    expect(stopped.waiting).toBe(total - before);
    await client().resume({ id, passphrase }, office.leader);
    await eventually(async () => {
      expect(await found(id)).toMatchObject({ state: 'ended', signed: total, refused: 0 });
    }, 60_000);
    const signed = await database.query<{ draft: string }>(
      `select draft_id as draft from signature where state = 'signed'`,
    );
    expect(signed.map(({ draft }) => draft).sort()).toEqual([...documentIds].sort());
    const told = await house.announced(documentSigned, total);
    expect(told.map(({ data }) => data.draftId).sort()).toEqual([...documentIds].sort());
  }, 120_000);
});
