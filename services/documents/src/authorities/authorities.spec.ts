import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  authorities,
  authorityEnded,
  authorityGranted,
  type Caller,
  drafts,
  type GrantAuthority,
} from '@eoffice/contracts';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { type Agency, openAgency, type Role } from '@eoffice/testing/agency';
import { pdfOf } from '@eoffice/testing/files';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { DocumentsModule } from '../documents.module.js';

const today = localDay();

describe('authorities to sign', () => {
  let house: House;
  let agency: Agency;
  let other: Agency;
  const written = () => house.client(authorities);
  const flow = () => house.client(drafts);

  beforeAll(async () => {
    house = await House.open();
    await house.start('documents', DocumentsModule);
    agency = await openAgency(house);
    other = await openAgency(house);
    await eventually(async () => {
      const { organisationId } = other;
      await written().list({ organisationId }, other.callers.leader);
    });
    await eventually(async () => {
      const { validTo } = await grant('head', 'TL');
      expect(validTo).toBe(addDays(today, 30));
    });
  });
  afterAll(() => house.close());

  const grant = (to: Role, capacity: 'TL' | 'TUQ', more: object = {}, caller?: Caller) => {
    const known = { organisationId: agency.organisationId, personId: agency.people[to], capacity };
    const limits = { documentTypes: ['QĐ', 'TB'], validFrom: today, validTo: addDays(today, 30) };
    const legalBasis = 'Giấy ủy quyền 05/GUQ-UBND ngày 02/11/2026';
    const input: GrantAuthority = { ...known, ...limits, legalBasis, ...more };
    return written().grant(input, caller ?? agency.callers.leader);
  };
  /** A draft that somebody is to sign, checked for content and form. */
  const checked = async (signer: Role, capacity: string, more: object = {}) => {
    const { clerk, head, official } = agency.callers;
    const drafter = signer === 'official' ? head : official;
    const pdf = await pdfOf('Điều 1. Khen thưởng.');
    const files = [await house.ticketOf(pdf, 'application/pdf', drafter, 'du-thao.pdf')];
    const content = { type: 'QĐ', abstract: 'Về việc khen thưởng', recipients: ['Sở Nội vụ'] };
    const signing = { signerId: agency.people[signer], capacity, urgency: 'none' };
    const input = { ...content, ...signing, unitId: agency.unitId, files, ...more };
    const { id } = await flow().create(input as never, drafter);
    const may = await house.as({
      ...{ personId: randomUUID(), organisationId: agency.organisationId, unitId: agency.unitId },
      permissions: ['documents.check-content', 'documents.read'],
    });
    await flow().checkContent({ id, version: 1 }, drafter === head ? may : head);
    return flow().checkFormat({ id, version: 2 }, clerk);
  };
  const approve = ({ id, version }: { id: string; version: number }, caller: Caller) =>
    flow().approve({ id, version }, caller);

  it('are granted by who holds a signing post, to who may have them', async () => {
    const { official, leader } = agency.callers;
    expect(await problemOf(grant('head', 'TL', {}, official))).toBe('forbidden');
    expect(await problemOf(grant('head', 'TL', {}, other.callers.leader))).toBe('forbidden');
    expect(await problemOf(grant('leader', 'TL'))).toBe('invalid');
    await expect(grant('official', 'TL')).rejects.toMatchObject({
      errors: [{ pointer: '/personId', detail: { vi: expect.stringContaining('đứng đầu') } }],
    });
    const stranger = grant('head', 'TL', { personId: other.people.head });
    expect(await problemOf(stranger)).toBe('invalid');
    const granted = await grant('official', 'TUQ');
    expect(granted).toMatchObject({
      ...{ capacity: 'TUQ', person: "K'Brêm", grantedBy: leader.personId, version: 1 },
    });
    const [, fact] = await house.announced(authorityGranted, 2);
    expect(fact).toMatchObject({ subject: granted.id, actor: leader.personId });
  });

  it('are limited in time and to types of documents', async () => {
    for (const wrong of [
      { validTo: addDays(today, -1), validFrom: '2020-01-01' },
      { validTo: addDays(today, 1), validFrom: addDays(today, 2) },
      { documentTypes: [] },
      { documentTypes: ['QĐ', 'XX'] },
      { validTo: undefined },
      { legalBasis: '' },
    ]) {
      expect(await problemOf(grant('head', 'TUQ', wrong))).toBe('invalid');
    }
  });

  it('let the head of a unit sign by order what they are for, and nobody else', async () => {
    const { head, leader, official } = agency.callers;
    const draft = await checked('head', 'TL');
    expect(await problemOf(approve(draft, official))).toBe('forbidden');
    expect(await problemOf(approve(draft, leader))).toBe('documents/may-not-sign');
    expect(await approve(draft, head)).toMatchObject({ state: 'approved' });
    const { items } = await flow().steps({ id: draft.id }, head);
    expect(items.at(-1)).toMatchObject({ kind: 'approved', personId: agency.people.head });
    const other = await checked('head', 'TL', { type: 'NQ' });
    await expect(approve(other, head)).rejects.toMatchObject({
      ...{ type: 'documents/may-not-sign', detail: { en: expect.stringContaining('type') } },
    });
    const asHead = await checked('head', 'KT');
    expect(await problemOf(approve(asHead, head))).toBe('forbidden');
  });

  it('let somebody sign in the stead of the head, who reads the draft wherever they work', async () => {
    const { official } = agency.callers;
    const draft = await checked('official', 'TUQ');
    const elsewhere = await house.as({
      ...{ personId: agency.people.official, organisationId: agency.organisationId },
      permissions: ['documents.read', 'documents.handle'],
    });
    expect((await flow().find({ id: draft.id }, elsewhere)).id).toBe(draft.id);
    const listed = (await flow().list({}, elsewhere)).items.map(({ id }) => id);
    expect(listed).toContain(draft.id);
    expect(await approve(draft, official)).toMatchObject({ state: 'approved' });
  });

  it('are not handed on: not by who has one, nor by who stands in', async () => {
    const { organisationId, people } = agency;
    const permissions = ['documents.approve', 'documents.handle', 'documents.read'];
    const holder = await house.as({ personId: people.official, organisationId, permissions });
    expect(await problemOf(grant('head', 'TUQ', {}, holder))).toBe('documents/not-handed-on');
    const standing = { postId: randomUUID(), unitId: organisationId, organisationId, permissions };
    const reaching = { bloc: 'government' as const, reach: 'organisation' as const };
    const substitute = await house.as({
      personId: people.head,
      positions: [{ ...standing, ...reaching, forPersonId: people.leader }],
    });
    const handed = grant('official', 'TUQ', {}, substitute);
    expect(await problemOf(handed)).toBe('documents/not-handed-on');

    const draft = await checked('official', 'TUQ');
    const forHolder = await house.as({
      personId: people.head,
      positions: [{ ...standing, ...reaching, forPersonId: people.official }],
    });
    expect(await problemOf(approve(draft, forHolder))).toBe('documents/may-not-sign');
  });

  it('do not count before their first day, nor once they are ended', async () => {
    const { head, leader } = agency.callers;
    const { organisationId } = agency;
    const draft = await checked('head', 'TUQ');
    expect(await problemOf(approve(draft, head))).toBe('documents/may-not-sign');
    await grant('head', 'TUQ', { validFrom: addDays(today, 1) });
    await expect(approve(draft, head)).rejects.toMatchObject({
      detail: { en: expect.stringContaining('that day') },
    });
    const { id, version } = await grant('head', 'TUQ');
    const end = { id, version, reason: 'Trở lại làm việc' };
    expect(await problemOf(written().end(end, head))).toBe('forbidden');
    expect(await problemOf(written().end(end, other.callers.leader))).toBe('not-found');
    expect(await problemOf(written().end({ ...end, version: 2 }, leader))).toBe('changed');
    const now = { organisationId, on: today };
    const before = (await written().list(now, head)).items.map((each) => each.id);
    expect(before).toContain(id);
    const ended = await written().end(end, leader);
    expect(ended).toMatchObject({ endReason: 'Trở lại làm việc', version: 2 });
    expect(await problemOf(written().end({ ...end, version: 2 }, leader))).toBe(
      'documents/authority-ended',
    );
    expect((await written().list(now, head)).items.map((each) => each.id)).not.toContain(id);
    expect(await problemOf(approve(draft, head))).toBe('documents/may-not-sign');
    await house.announced(authorityEnded);
  });

  it('are shown to the agency, newest first, page by page, and to no other', async () => {
    const { organisationId } = agency;
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await written().list({ organisationId, limit: 2, after }, agency.callers.clerk);
      ids.push(...page.items.map(({ id }) => id));
      after = page.next;
    } while (after);
    expect(ids.length).toBe(new Set(ids).size);
    expect(ids.length).toBe(4);
    const hidden = written().list({ organisationId }, other.callers.clerk);
    expect(await problemOf(hidden)).toBe('not-found');
  });
});
