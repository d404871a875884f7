import { hash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  books,
  type Caller,
  deliveries,
  dispatches,
  documentSigned,
  drafts,
  mailRefused,
  messages,
  outgoing,
  type SendDocument,
} from '@eoffice/contracts';
import { bodiesOf } from '@eoffice/mime/bodies';
import { contentOf } from '@eoffice/mime/content/content';
import { parseMessage } from '@eoffice/mime/parse-message';
import { Database } from '@eoffice/platform/database';
import { localYear } from '@eoffice/platform/local-time';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { pdfOf } from '@eoffice/testing/files';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { MailServer } from '@eoffice/testing/mail-servers';
import { DocumentsModule } from '../services/documents/src/documents.module.js';
import { MailModule } from '../services/mail/src/mail.module.js';
import { openMailbox } from '../services/mail/src/testing/mailboxes.js';

describe('an issued document that goes out by mail', () => {
  let house: House;
  let database: Database;
  let agency: Agency;
  let clerk: Caller;
  let peer: MailServer;
  let mailboxId: string;
  let inside: { mailboxId: string; address: string };
  let documentId: string;
  let symbol: string;
  let signed: Buffer;

  const there = 'vanthu@snv.example.org';
  const send = (more: Partial<SendDocument> = {}, caller = clerk) =>
    house
      .client(dispatches)
      .send({ documentId, mailboxId, to: [there], ...more } as SendDocument, caller);
  const sentCopies = async () => {
    const { items } = await house.client(messages).list({ mailboxId }, clerk);
    return items;
  };

  beforeAll(async () => {
    house = await House.open();
    peer = await MailServer.open();
    await house.start('documents', DocumentsModule);
    const settings = { MAIL_RELAY: `smtp://127.0.0.1:${peer.port}` };
    database = (await house.start('mail', MailModule, settings)).get(Database);
    agency = await openAgency(house, { place: 'Bảo Lộc' });
    clerk = agency.callers.clerk;
    ({ mailboxId } = await openMailbox(database, 'vanthu.p1'));
    inside = await openMailbox(database, 'vanthu.p2');
    await database.query('update mailbox set owner_id = $2, name = $3 where id = $1', [
      ...[mailboxId, agency.people.clerk, 'Văn thư Phường 1'],
    ]);
    await issue();
  });
  afterAll(async () => {
    await house.close();
    await peer.close();
  });

  const issue = async () => {
    const { official, head, leader } = agency.callers;
    const { organisationId, people, unitId } = agency;
    const book = { organisationId, year: localYear(), code: 'VBD', name: 'Văn bản đi' };
    const { id: bookId } = await eventually(() =>
      house.client(books).open({ ...book, direction: 'outgoing' }, clerk),
    );
    const pdf = await pdfOf('Quyết định');
    const files = [await house.ticketOf(pdf, 'application/pdf', official, 'du-thao.pdf')];
    const content = { type: 'QĐ', abstract: 'Về việc khen thưởng', recipients: ['Sở Nội vụ'] };
    const signer = { signerId: people.leader, capacity: 'head', urgency: 'none' };
    const flow = house.client(drafts);
    const { id } = await eventually(() =>
      flow.create({ ...content, ...signer, unitId, files } as never, official),
    );
    await flow.checkContent({ id, version: 1 }, head);
    await flow.checkFormat({ id, version: 2 }, clerk);
    const { version } = await flow.approve({ id, version: 3 }, leader);
    const document = await flow.issue({ id, version, bookId }, clerk);
    ({ id: documentId, symbol } = document);
    signed = await pdfOf('Quyết định', 'đã ký');
    await house.ticketOf(signed, 'application/pdf', clerk);
    const signatureId = randomUUID();
    await house.announce(documentSigned, signatureId, {
      ...{ signatureId, draftId: id, kind: 'agency', agencyId: organisationId, level: 'B-T' },
      ...{ rootSha256: hash('sha256', pdf), personId: people.clerk },
      ...{ sha256: hash('sha256', signed), size: signed.length },
    });
    await eventually(async () => {
      const { signed } = await house.client(outgoing).find({ id: documentId }, clerk);
      expect(signed).toHaveLength(1);
    });
  };

  it('is sent by who issues documents and may send as the mailbox, and by nobody else', async () => {
    const { leader, official } = agency.callers;
    expect(await problemOf(send({}, leader))).toBe('forbidden');
    expect(await problemOf(send({}, official))).toBe('forbidden');
    expect(await problemOf(send({ mailboxId: inside.mailboxId }))).toBe('not-found');
    expect(await problemOf(send({ documentId: randomUUID() }))).toBe('not-found');
    expect(await problemOf(send({ to: ['khong phai dia chi'] }))).toBe('invalid');
    expect(await problemOf(send({ to: ['dan@gmail.com'] }))).toBe('mail/not-allowed');
    const [refusal] = await house.announced(mailRefused);
    expect(refusal!.data).toMatchObject({
      ...{ way: 'submission', rule: 'private-recipient', recipients: ['dan@gmail.com'] },
    });
    expect(peer.taken).toEqual([]);
  });

  it('arrives with its signed file, here and at another server, and both can be followed', async () => {
    const note = 'Đề nghị phúc đáp trước 30/11.';
    const made = await send({ to: [inside.address, there], note });
    expect(made).toMatchObject({
      ...{ documentId, mailboxId, subject: `${symbol} - Về việc khen thưởng` },
      ...{ sentBy: agency.people.clerk, files: [{ sha256: hash('sha256', signed) }] },
    });
    await eventually(async () => {
      const { items } = await house.client(dispatches).list({ documentId }, agency.callers.leader);
      expect(items[0]!.outcomes).toMatchObject([
        { recipient: inside.address, state: 'delivered' },
        { recipient: there, state: 'sent', reply: expect.stringMatching(/^250/) },
      ]);
    });
    const { acceptanceId } = made;
    const { items } = await house.client(deliveries).of({ acceptanceId }, clerk);
    expect(items).toMatchObject([{ recipient: there, state: 'sent' }]);
    const octets = Buffer.from(peer.taken[0]!.text, 'latin1');
    const message = parseMessage(octets);
    const { textBody, attachments } = bodiesOf(message);
    const text = contentOf(octets, textBody[0]!).toString().normalize('NFC');
    for (const part of [symbol, note, 'Bảo Lộc, ngày', hash('sha256', signed)])
      expect(text).toContain(part);
    expect(attachments).toMatchObject([
      { name: `${symbol.replace('/', '-')}.pdf`, type: 'application/pdf' },
    ]);
    expect(contentOf(octets, attachments[0]!).equals(signed)).toBe(true);
    expect(octets.toString('latin1')).toContain(`Message-ID: <${made.messageId}>`);
    expect(peer.taken[0]).toMatchObject({ from: 'vanthu.p1@lamdong.gov.vn', to: [there] });
  });

  it('is sent once to the same, whoever asks at whatever instant, unless asked again', async () => {
    const [before, taken] = [(await sentCopies()).length, peer.taken.length];
    const to = ['a@snv.example.org', 'B@SNV.example.org'];
    const key = await house.as({
      ...{ personId: clerk.personId, positions: clerk.positions, idempotencyKey: 'k' },
    });
    const made = await Promise.all([
      ...[send({ to }), send({ to: ['b@snv.example.org', ...to] })],
      ...[send({ to, again: true }, key), send({ to, again: true }, key)],
    ]);
    expect(new Set(made.map(({ id }) => id)).size).toBe(2);
    expect(made[2]).toEqual(made[3]);
    expect(await sentCopies()).toHaveLength(before + 2);
    await eventually(() => expect(peer.taken).toHaveLength(taken + 2));
    expect((await send({ to })).id).toBe(
      (await house.client(dispatches).list({ documentId }, clerk)).items[0]!.id,
    );
  });

  it('is not sent any more once it was recalled', async () => {
    const { version } = await house.client(outgoing).find({ id: documentId }, clerk);
    await house.client(outgoing).recall({ id: documentId, version, reason: 'Sai' }, clerk);
    expect(await problemOf(send({ to: ['c@snv.example.org'] }))).toBe('mail/not-issued');
  });
});
