import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Caller,
  incomingSignable,
  trust,
  validationConcluded,
  validations,
} from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { Database } from '@eoffice/platform/database';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { signedPdf, tampered, trustOfSigners } from '@eoffice/testing/signed-files';
import { SignaturesModule } from '../signatures.module.js';

describe('validation of incoming documents', () => {
  let house: House;
  let app: NestFastifyApplication;
  let agency: Agency;
  let reader: Caller;
  let sound: Buffer;
  const keep = (content: Buffer) =>
    new LocalFileStore(house.filesFolder).put(Readable.from([content]), { maxBytes: 10_000_000 });
  const announce = (documentId: string, files: { sha256: string; size: number }[], id?: string) =>
    house.announce(
      incomingSignable,
      documentId,
      { documentId, organisationId: agency.organisationId, number: 7, year: 2026, files },
      id,
    );
  const concludedFor = (documentId: string, count = 1) =>
    eventually(async () => {
      const all = await house.announced(validationConcluded);
      const own = all.filter(({ data }) => data.documentId === documentId);
      expect(own).toHaveLength(count);
      return own.map(({ data }) => data);
    });
  const jobs = () => app.get(Database).query('select 1 from validation_job');

  beforeAll(async () => {
    house = await House.open();
    app = await house.start('signatures', SignaturesModule);
    agency = await openAgency(house);
    const keeper = await house.as({ permissions: ['signatures.keep-trust'], reach: 'all' });
    for (const row of trustOfSigners('public')) await house.client(trust).addAnchor(row, keeper);
    reader = await house.as({
      permissions: ['signatures.read-validations'],
      organisationId: agency.organisationId,
    });
    sound = await signedPdf(['CÔNG VĂN', 'Về việc báo cáo']);
  });
  afterAll(() => house.close());

  it('happens by itself, once for each file, however often the event comes', async () => {
    const documentId = randomUUID();
    const files = await Promise.all([keep(sound), keep(tampered(sound))]);
    await announce(documentId, files);
    await announce(documentId, files);
    const facts = await concludedFor(documentId, 2);
    expect(facts.map(({ sha256, verdict }) => [sha256, verdict]).sort()).toEqual(
      [
        [files[0]!.sha256, 'TOTAL_PASSED'],
        [files[1]!.sha256, 'TOTAL_FAILED'],
      ].sort(),
    );
    const failed = facts.find(({ verdict }) => verdict === 'TOTAL_FAILED')!;
    expect(failed).toMatchObject({
      organisationId: agency.organisationId,
      reason: { vi: 'Nội dung đã bị thay đổi sau khi ký.' },
    });
    expect(facts.find(({ verdict }) => verdict === 'TOTAL_PASSED')).toMatchObject({
      lists: ['public'],
    });
    expect(await jobs()).toEqual([]);
    const read = await house.client(validations).find({ id: failed.validationId }, reader);
    expect(read).toMatchObject({ name: 'Văn bản đến số 7/2026', documentId });
    const stranger = await house.as({
      permissions: ['signatures.read-validations'],
      organisationId: randomUUID(),
    });
    const hidden = house.client(validations).find({ id: failed.validationId }, stranger);
    expect(await problemOf(hidden)).toBe('not-found');
  });

  it('takes up what a process left that died, and is not done twice by two', async () => {
    const documentId = randomUUID();
    const content = await signedPdf(['CÔNG VĂN', 'Khác']);
    const { sha256, size } = await keep(content);
    await house.stop(app);
    const second = await house.start('signatures', SignaturesModule);
    app = await house.start('signatures', SignaturesModule);
    await app.get(Database).transaction({}, (manager) =>
      manager.query(
        `insert into validation_job (document_id, sha256, size, name, organisation_id, leased_until, attempts)
         values ($1, $2, $3, 'Văn bản', $4, now() + interval '2 seconds', 1)`,
        [documentId, sha256, size, agency.organisationId],
      ),
    );
    await concludedFor(documentId);
    await announce(randomUUID(), [{ sha256, size }]);
    expect(await concludedFor(documentId)).toHaveLength(1);
    await house.stop(second);
  });

  it('waits for a file that is not there yet, and for a status that is not known yet', async () => {
    const documentId = randomUUID();
    const content = await signedPdf(['CÔNG VĂN'], { lasting: false });
    const later = await signedPdf(['CÔNG VĂN', 'đến sau']);
    const sha256 = createHash('sha256').update(later).digest('hex');
    await announce(documentId, [{ sha256, size: later.length }]);
    await eventually(async () => {
      const rows = await app
        .get(Database)
        .query<{ attempts: number }>('select attempts from validation_job');
      expect(rows[0]!.attempts).toBeGreaterThan(0);
    });
    await keep(later);
    await concludedFor(documentId);
    const open = randomUUID();
    await announce(open, [await keep(content)]);
    const [fact] = await concludedFor(open);
    expect(fact).toMatchObject({ verdict: 'INDETERMINATE' });
    const due = 'select document_id as id, due_at > now() as later from validation_job';
    expect(await app.get(Database).query(due)).toEqual([{ id: open, later: true }]);
    await app
      .get(Database)
      .transaction({}, (manager) => manager.query('update validation_job set due_at = now()'));
    await eventually(async () => {
      const [row] = await app
        .get(Database)
        .query<{ attempts: number }>('select attempts from validation_job where due_at > now()');
      expect(row!.attempts).toBe(2);
    });
    expect(await concludedFor(open)).toHaveLength(1);
  });
});
