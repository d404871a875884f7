import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  books,
  type Caller,
  documentSigned,
  drafts,
  incoming,
  issuingPolicies,
  outgoing,
  outgoingIssued,
  signingChanged,
} from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { docxOf, pdfOf } from '@eoffice/testing/files';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { DocumentsModule } from '../documents.module.js';

const sha256Of = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

describe('signatures beside outgoing documents', () => {
  let house: House;
  let agency: Agency;
  let bookId: string;
  let keeper: Caller;
  const flow = () => house.client(drafts);
  const issued = () => house.client(outgoing);
  const policies = () => house.client(issuingPolicies);

  beforeAll(async () => {
    house = await House.open();
    await house.start('documents', DocumentsModule);
    agency = await openAgency(house, { place: 'Bảo Lộc' });
    keeper = await house.as({ permissions: ['documents.keep-policies'], reach: 'all' });
    const { organisationId } = agency;
    const year = Number(localDay().slice(0, 4));
    const book = {
      organisationId,
      code: 'VBD',
      name: 'Văn bản đi',
      direction: 'outgoing' as const,
      year,
    };
    const opened = await eventually(() => house.client(books).open(book, agency.callers.clerk));
    bookId = opened.id;
  });
  afterAll(() => house.close());

  const approved = async (asPdf = true) => {
    const { official, head, clerk, leader } = agency.callers;
    const text = ['Điều 1. Khen thưởng.', randomUUID()];
    const content = asPdf ? await pdfOf(...text) : docxOf(...text);
    const type = asPdf ? 'application/pdf' : docx;
    const file = { type: 'QĐ', abstract: 'Về việc khen thưởng', recipients: ['Sở Nội vụ'] };
    const signer = { signerId: agency.people.leader, capacity: 'head', urgency: 'none' };
    const files = [await house.ticketOf(content, type, official, 'du-thao')];
    const input = { ...file, ...signer, unitId: agency.unitId, files };
    const { id } = await eventually(() => flow().create(input as never, official));
    await flow().checkContent({ id, version: 1 }, head);
    await flow().checkFormat({ id, version: 2 }, clerk);
    const draft = await flow().approve({ id, version: 3 }, leader);
    return { ...draft, root: sha256Of(content) };
  };
  const issue = ({ id, version }: { id: string; version: number }) =>
    flow().issue({ id, version, bookId }, agency.callers.clerk);
  const wishes = async (draftId: string, count: number) =>
    eventually(async () => {
      const facts = await house.announced(signingChanged, 1);
      const ours = facts.filter(({ data }) => data.draftId === draftId).map(({ data }) => data);
      expect(ours).toHaveLength(count);
      return ours;
    });
  const sign = async (draftId: string, kind: 'personal' | 'agency', root: string) => {
    const signed = await pdfOf(kind, draftId);
    await house.ticketOf(signed, 'application/pdf', agency.callers.clerk);
    const [signatureId, sha256] = [randomUUID(), sha256Of(signed)];
    await house.announce(documentSigned, signatureId, {
      ...{ signatureId, draftId, kind, agencyId: agency.organisationId, rootSha256: root },
      ...{ personId: agency.people.leader, sha256, size: signed.length, level: 'B-T' },
    });
    return sha256;
  };
  const find = (id: string) => issued().find({ id }, agency.callers.clerk);

  it('are asked for when a draft is approved, and again when it has a number', async () => {
    const draft = await approved();
    const [first] = await wishes(draft.id, 1);
    expect(first).toEqual({
      ...{ draftId: draft.id, organisationId: agency.organisationId, type: 'QĐ', wanted: true },
      ...{ signerId: agency.people.leader, signerName: 'Lê Đức Anh', capacity: 'head' },
      files: [draft.root],
    });
    const { id, symbol, state, issuedOn } = await issue(draft);
    expect(state).toBe('issued');
    const [, second] = await wishes(draft.id, 2);
    expect(second).toEqual({ ...first, documentId: id, symbol, issuedOn });
    const { version } = await find(id);
    const end = { id, version, reason: 'Cấp nhầm số' };
    await issued().cancel(end, agency.callers.clerk);
    expect((await wishes(draft.id, 3)).at(-1)).toMatchObject({ documentId: id, wanted: false });
  });

  it('are not asked for any more when the draft goes back, nor for what is no PDF', async () => {
    const { id, version } = await approved();
    await wishes(id, 1);
    await flow().sendBack({ id, version, reason: 'Sai căn cứ' }, agency.callers.leader);
    expect((await wishes(id, 2)).at(-1)).toMatchObject({ wanted: false });
    const word = await approved(false);
    await issue(word);
    await wishes(word.id, 0);
  });

  it('are kept beside the document by the event, once, and can be downloaded', async () => {
    const draft = await approved();
    const { id } = await issue(draft);
    const sha256 = await sign(draft.id, 'personal', draft.root);
    const { signed } = await eventually(async () => {
      const details = await find(id);
      expect(details.signed).toHaveLength(1);
      return details;
    });
    expect(signed[0]).toMatchObject({ kind: 'personal', sha256, rootSha256: draft.root });
    const file = await issued().file({ id, sha256 }, agency.callers.clerk);
    expect(file).toMatchObject({ sha256, mediaType: 'application/pdf', size: signed[0]!.size });
    expect(file.name).toMatch(/^\d+-QĐ-UBND\.pdf$/);
    const stranger = await house.as({
      permissions: ['documents.read'],
      organisationId: randomUUID(),
    });
    expect(await problemOf(issued().file({ id, sha256 }, stranger))).toBe('not-found');
  });

  it('stand beside what came in when it was stamped, as its file with the stamp', async () => {
    const { clerk } = agency.callers;
    const { organisationId } = agency;
    const year = Number(localDay().slice(0, 4));
    const book = { organisationId, code: 'VBDEN', name: 'Văn bản đến', year };
    const opened = await house.client(books).open({ ...book, direction: 'incoming' }, clerk);
    const pdf = await pdfOf('Công văn', randomUUID());
    const files = [await house.ticketOf(pdf, 'application/pdf', clerk, 'den.pdf')];
    const given = { bookId: opened.id, author: 'Sở Nội vụ', abstract: 'Về công tác cán bộ' };
    const { id } = await house.client(incoming).register({ ...given, files } as never, clerk);
    const stamped = await pdfOf('ĐẾN', id);
    await house.ticketOf(stamped, 'application/pdf', clerk);
    const [signatureId, sha256] = [randomUUID(), sha256Of(stamped)];
    await house.announce(documentSigned, signatureId, {
      ...{ signatureId, documentId: id, kind: 'incoming', agencyId: organisationId },
      ...{ rootSha256: sha256Of(pdf), personId: agency.people.clerk },
      ...{ sha256, size: stamped.length, level: 'B-T' },
    });
    await eventually(async () => {
      const details = await house.client(incoming).find({ id }, clerk);
      expect(details.stamped).toMatchObject([{ sha256, kind: 'incoming' }]);
    });
    const file = await house.client(incoming).file({ id, sha256 }, clerk);
    expect(file).toMatchObject({ sha256, name: 'den.pdf', size: stamped.length });
  });

  it('are waited for where a dated row says so: numbered first, issued with the last', async () => {
    const { clerk } = agency.callers;
    const { organisationId } = agency;
    const row = { waitsForSignatures: true, validFrom: localDay(), legalBasis: 'Quy chế' };
    expect(await problemOf(policies().enact({ ...row, organisationId }, clerk))).toBe('forbidden');
    const policy = await policies().enact({ ...row, organisationId }, keeper);
    const told = async (documentId: string) =>
      (await house.announced(outgoingIssued)).filter(({ data }) => data.documentId === documentId);

    const draft = await approved();
    const { id, state, number } = await issue(draft);
    expect([state, number]).toEqual(['numbered', expect.any(Number)]);
    await sign(draft.id, 'personal', draft.root);
    await eventually(async () => expect((await find(id)).signed).toHaveLength(1));
    expect((await find(id)).state).toBe('numbered');
    expect(await told(id)).toEqual([]);
    await sign(draft.id, 'agency', sha256Of(Buffer.from('another file')));
    await eventually(async () => expect((await find(id)).signed).toHaveLength(2));
    expect((await find(id)).state).toBe('numbered');
    await sign(draft.id, 'agency', draft.root);
    await eventually(async () => expect((await find(id)).state).toBe('issued'));
    await eventually(async () => expect(await told(id)).toHaveLength(1));
    const recalled = await problemOf(
      issued().recall({ id, version: (await find(id)).version, reason: 'Thu hồi' }, clerk),
    );
    expect(recalled).toBe('none');

    const word = await approved(false);
    expect(await problemOf(issue(word))).toBe('documents/nothing-to-sign');
    const cancelled = await approved();
    const waiting = await issue(cancelled);
    await issued().cancel({ id: waiting.id, version: 1, reason: 'Cấp nhầm số' }, clerk);
    await sign(cancelled.id, 'agency', cancelled.root);
    await eventually(async () => expect((await find(waiting.id)).signed).toHaveLength(1));
    expect((await find(waiting.id)).state).toBe('cancelled');

    const until = { id: policy.id, validTo: '2020-01-01' };
    expect(await policies().end(until, keeper)).toMatchObject({ validTo: '2020-01-01' });
    expect(await issue(word)).toMatchObject({ state: 'issued' });
  });
});
