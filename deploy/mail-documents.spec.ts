import { hash, randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  arrivals,
  books,
  type Caller,
  incoming,
  incomingRegistered,
  type MailEvidence,
  messages,
  type RegisterMessage,
  registrations,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { LocalFileStore } from '@eoffice/platform/files';
import { localYear } from '@eoffice/platform/local-time';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { pdfOf } from '@eoffice/testing/files';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { DocumentsModule } from '../services/documents/src/documents.module.js';
import { MailModule } from '../services/mail/src/mail.module.js';
import { acceptFor, messageOf, openMailbox } from '../services/mail/src/testing/mailboxes.js';

// Mail and documents are two services: what lies between them is tried where both run.

describe('a mail that becomes a document', () => {
  let house: House;
  let documents: NestFastifyApplication;
  let database: Database;
  let agency: Agency;
  let clerk: Caller;
  let mailboxId: string;
  let address: string;
  let bookId: string;
  let pdf: Buffer;

  const register = (id: string, more: Partial<RegisterMessage> = {}, caller = clerk) =>
    house
      .client(registrations)
      .register({ mailboxId, id, ...facts(), ...more } as RegisterMessage, caller);
  const facts = () => ({ bookId, author: 'Sở Nội vụ', abstract: 'Báo cáo nhân sự' });
  const find = (id: string, caller = clerk) => house.client(incoming).find({ id }, caller);
  const evidence = (documentId: string, caller = clerk): Promise<MailEvidence> =>
    eventually(() => house.client(registrations).evidence({ documentId }, caller));
  const allow = (personId: string) =>
    database.query(
      `insert into mailbox_grant (mailbox_id, person_id, reads, sends_as, sends_on_behalf,
         valid_from, reason, given_by)
       values ($1, $2, true, false, false, '2021-01-01', 'Văn thư', $2)`,
      [mailboxId, personId],
    );
  const receive = async (octets: Buffer) => {
    const id = await acceptFor(database, octets, [address], {
      ...{ reversePath: 'bounce@snv.example.org', peer: { address: '192.0.2.7', hello: 'mx' } },
    });
    return eventually(async () => {
      const [row] = await database.query<{ id: string }>(
        'select id from email where acceptance_id = $1',
        [id],
      );
      return row!.id;
    });
  };
  const letter = (subject: string, words = 'Kính gửi quý cơ quan.') =>
    messageOf(
      ...[`Subject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=`],
      ...['From: Van thu <vanthu@snv.example.org>', `Message-ID: <${randomUUID()}@snv>`],
      ...['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b', '', '--b'],
      ...['Content-Type: text/plain; charset=utf-8', '', words, '--b'],
      ...['Content-Type: image/png; name="../cong van.pdf"'],
      ...['Content-Disposition: attachment', 'Content-Transfer-Encoding: base64', ''],
      ...[pdf.toString('base64'), '--b', 'Content-Type: application/pdf; name="xem.pdf"'],
      ...['Content-Disposition: attachment', 'Content-Transfer-Encoding: base64', ''],
      ...[Buffer.from('MZ\0\x01 program').toString('base64'), '--b--', ''],
    );

  beforeAll(async () => {
    house = await House.open();
    documents = await house.start('documents', DocumentsModule);
    database = (await house.start('mail', MailModule)).get(Database);
    agency = await openAgency(house);
    clerk = agency.callers.clerk;
    const year = localYear();
    const book = { organisationId: agency.organisationId, year, code: 'CHUNG', name: 'Sổ đến' };
    const opened = await eventually(() =>
      house.client(books).open({ ...book, direction: 'incoming' }, clerk),
    );
    bookId = opened.id;
    pdf = await pdfOf('Công văn về nhân sự');
    ({ mailboxId, address } = await openMailbox(database, 'vanthu.p1'));
    await allow(agency.people.clerk);
  });
  afterAll(() => house.close());

  it('is read by whoever registers it, and registered by whoever may in the book', async () => {
    const id = await receive(letter('Riêng'));
    const { leader, official } = agency.callers;
    const registrar = await house.as({ permissions: ['documents.register'] });
    expect(await problemOf(register(id, {}, registrar))).toBe('not-found');
    expect(await problemOf(register(id, {}, leader))).toBe('forbidden');
    await allow(agency.people.official);
    expect(await problemOf(register(id, {}, official))).toBe('forbidden');
    expect(await problemOf(register(randomUUID()))).toBe('not-found');
    expect(await problemOf(register(id, { bookId: randomUUID() }))).toBe('not-found');
    expect(await problemOf(register(id, { partIds: ['9'] }))).toBe('not-found');
    expect(await problemOf(register(id, { partIds: ['2', '3'] }))).toBe('unsupported-type');
    expect(await problemOf(register(id, { secrecy: 'secret' }))).toBe('documents/secret');
    const marked = await receive(letter('Thư', 'Độ mật: TỐI MẬT'));
    expect(await problemOf(register(marked))).toBe('documents/secret');
  });

  it('has its attachments as files, and the message itself, whatever they were called', async () => {
    const octets = letter('Về việc báo cáo');
    const id = await receive(octets);
    const made = await register(id);
    expect(made).toMatchObject({ author: 'Sở Nội vụ', state: 'registered', duplicates: [] });
    const { files, origin } = await find(made.id);
    expect(files).toMatchObject([
      { mediaType: 'application/pdf', size: pdf.length, sha256: hash('sha256', pdf) },
      { mediaType: 'message/rfc822', name: 've-viec-bao-cao.eml', sha256: hash('sha256', octets) },
    ]);
    expect(files[0]!.name).not.toContain('/');
    expect(origin).toMatchObject({ channel: 'email', sender: 'vanthu@snv.example.org' });
    expect(octets.toString()).toContain(`<${origin!.messageId}>`);
    const alone = await find((await register(id, { partIds: ['2'] })).id);
    expect(alone.files).toEqual([files[0]]);
  });

  it('is registered whatever its header says, and all of it when it has no attachment', async () => {
    const marks = 'a\u0323\u0302'.repeat(3) + 'x' + '\u0301'.repeat(200);
    const octets = messageOf(
      ...[`Message-ID: <${marks}@${'y'.repeat(2_000)}>`, `From: ${marks}@so.example`],
      ...['Content-Type: multipart/mixed; boundary=b', '', '--b'],
      ...[
        `Content-Type: application/pdf; name="${marks}.pdf"`,
        'Content-Transfer-Encoding: base64',
      ],
      ...['Content-Disposition: attachment', '', pdf.toString('base64'), '--b--', ''],
    );
    const { files } = await find((await register(await receive(octets))).id);
    expect(files.map(({ mediaType }) => mediaType)).toEqual(['application/pdf', 'message/rfc822']);
    const bare = await receive(Buffer.from('\xff\xfe không phải thư', 'latin1'));
    const alone = await find((await register(bare)).id);
    expect(alone.files).toMatchObject([{ name: 'thu.eml', mediaType: 'message/rfc822' }]);
    expect(alone.origin).toMatchObject({ channel: 'email' });
    expect(alone.origin!.sender).toBeUndefined();
  });

  it('leaves frozen evidence to whoever may read the document, also when the mail is gone', async () => {
    const octets = letter('Chứng cứ');
    const id = await receive(octets);
    const made = await register(id, { partIds: ['2'] });
    const kept = await evidence(made.id);
    expect(kept).toMatchObject({
      ...{ documentId: made.id, mailboxId, sha256: hash('sha256', octets), size: octets.length },
      ...{ partIds: ['2'], way: 'exchange', reversePath: 'bounce@snv.example.org' },
      ...{ recipients: [address], peer: { address: '192.0.2.7', hello: 'mx' } },
      ...{ registeredBy: agency.people.clerk },
    });
    expect(kept.received).toMatch(/^Received: from example.org/);
    const { sha256, partIds } = kept;
    expect(await problemOf(evidenceNow(made.id, agency.callers.official))).toBe('not-found');
    expect(await evidence(made.id, agency.callers.leader)).toEqual(kept);

    await database.query(`update mailbox set owner_id = $2 where id = $1`, [
      ...[mailboxId, agency.people.clerk],
    ]);
    const gone = { mailboxId, ids: [id] };
    await house.client(messages).remove(gone, clerk);
    await house.client(messages).remove(gone, clerk);
    expect(await problemOf(house.client(messages).read({ mailboxId, id }, clerk))).toBe(
      'not-found',
    );
    const file = await house.client(registrations).message({ documentId: made.id }, clerk);
    const store = new LocalFileStore(house.filesFolder);
    expect(await text(await store.open(file.sha256))).toBe(octets.toString());
    expect({ sha256, partIds }).toEqual({ sha256: file.sha256, partIds: ['2'] });
    const purge = `delete from raw_message where sha256 = decode('${sha256}', 'hex')`;
    await database.query(
      `delete from delivery where acceptance_id in (select id from acceptance where sha256 = decode('${sha256}', 'hex'))`,
    );
    for (const table of ['authentication', 'authentication_due'])
      await database.query(
        `delete from ${table} where acceptance_id in (select id from acceptance where sha256 = decode('${sha256}', 'hex'))`,
      );
    await database.query(`delete from acceptance where sha256 = decode('${sha256}', 'hex')`);
    await expect(database.query(purge)).rejects.toThrow(/evidence/);
    for (const change of ['update evidence set sender = $$x$$', 'delete from evidence'])
      await expect(database.query(change)).rejects.toThrow(/append-only/);
  });
  const evidenceNow = (documentId: string, caller: Caller) =>
    house.client(registrations).evidence({ documentId }, caller);

  it('is one document, whoever asks at whatever instant', async () => {
    const id = await receive(letter('Một lần'));
    const before = (await house.announced(incomingRegistered)).length;
    const { people } = agency;
    const permissions = ['documents.register', 'documents.read', 'documents.read-all'];
    const second = await house.as({
      ...{ personId: people.official, organisationId: agency.organisationId, permissions },
    });
    const made = await Promise.all([
      ...[register(id), register(id, {}, second)],
      ...[register(id, { abstract: 'Khác' }), register(id)],
    ]);
    expect(new Set(made.map((each) => each.id)).size).toBe(1);
    expect(new Set(made.map((each) => each.number)).size).toBe(1);
    const again = await register(id, {}, second);
    expect(again).toMatchObject({ id: made[0]!.id, number: made[0]!.number, duplicates: [] });
    expect(await house.announced(incomingRegistered)).toHaveLength(before + 1);
    const other = await openAgency(house);
    await allow(other.people.clerk);
    const elsewhere = await eventually(() =>
      house.client(books).open(
        {
          ...{ organisationId: other.organisationId, direction: 'incoming', year: localYear() },
          ...{ code: 'CHUNG', name: 'Sổ đến' },
        },
        other.callers.clerk,
      ),
    );
    const there = { bookId: elsewhere.id };
    expect(await problemOf(register(id, there, other.callers.clerk))).toBe('conflict');
  });

  it('is the same document after a crash on either side of its registration', async () => {
    const id = await receive(letter('Sự cố'));
    await house.stop(documents);
    expect(await problemOf(register(id))).toBe('unavailable');
    const [frozen] = await database.query<{ documentId: string }>(
      'select document_id as "documentId" from evidence where email_id = $1',
      [id],
    );
    documents = await house.start('documents', DocumentsModule);
    expect(await problemOf(evidenceNow(frozen!.documentId, clerk))).toBe('not-found');
    // The document was registered, and the answer never reached the mail service.
    const { documentId } = frozen!;
    const origin = { channel: 'email' as const, sender: 'a@b.example', receivedAt: new Date() };
    const lost = { ...facts(), documentId, files: [], origin };
    const registered = await house.client(arrivals).register(lost as never, clerk);
    const again = await register(id);
    expect([again.id, again.number]).toEqual([documentId, registered.number]);
    expect((await evidence(documentId)).registeredBy).toBe(agency.people.clerk);
  });

  it('is frozen with what was found out of who sent it', async () => {
    const id = await receive(letter('Xác thực'));
    const documentId = (await register(id)).id;
    const [found] = await eventually(async () => {
      const rows = await database.query<{ spf: string; header: string }>(
        `select spf, header from authentication a join email using (acceptance_id) where id = $1`,
        [id],
      );
      expect(rows).toHaveLength(1);
      return rows;
    });
    const { authentication } = await evidence(documentId);
    expect(authentication).toMatchObject(found!);
    await database.query(`update authentication set spf = 'changed'`);
    const later = await evidence((await register(id, { partIds: ['2'] })).id);
    await database.query(`update authentication set spf = 'again'`);
    expect(await evidence(later.documentId)).toEqual(later);
  });
});
