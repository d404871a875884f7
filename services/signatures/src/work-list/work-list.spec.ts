import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  assignmentChanged,
  type Caller,
  type Certificate,
  certificates,
  organisationChanged,
  personChanged,
  postChanged,
  signatureIndicators,
  successionRecorded,
  workItemRaised,
  workList,
} from '@eoffice/contracts';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { certificateOf } from '@eoffice/testing/certificates';
import { assignment, organisation, person, post } from '@eoffice/testing/directory';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { SignaturesModule } from '../signatures.module.js';

describe('certificates that no longer fit', () => {
  let house: House;
  let agency: Agency;
  let officer: Caller;
  const client = () => house.client(workList);
  const register = (holderId: string, holderKind: 'person' | 'agency' = 'person') =>
    house.client(certificates).register(
      {
        ...{ pem: certificateOf(`/CN=${holderId}`, 365).pem, holderKind, holderId },
        ...{ agencyId: agency.organisationId, device: 'token' },
      },
      officer,
    );
  const open = async ({ id }: Certificate) => {
    const { items } = await client().list({}, officer);
    return items.filter(({ certificateId }) => certificateId === id);
  };
  const grounds = async (certificate: Certificate) =>
    (await open(certificate)).map(({ ground }) => ground);
  /** Somebody new with a post at the agency. */
  const newcomer = async () => {
    const { organisationId: agencyId } = agency;
    const [someone, held] = [person(), post({ agencyId })];
    const { personId } = someone;
    const holding = assignment({ personId, postId: held.postId, agencyId, unitId: agencyId });
    await house.announce(personChanged, personId, someone);
    await house.announce(postChanged, held.postId, held);
    await house.announce(assignmentChanged, holding.assignmentId, holding);
    const certificate = await eventually(() => register(personId));
    return { someone, holding, certificate };
  };

  beforeAll(async () => {
    house = await House.open();
    await house.start('signatures', SignaturesModule);
    agency = await openAgency(house);
    const permissions = ['signatures.read', 'signatures.manage', 'signatures.prepare'];
    officer = await house.as({ permissions, reach: 'bloc' });
    await eventually(() => register(agency.people.leader));
  });
  afterAll(() => house.close());

  it('are raised when the holder leaves, and withdrawn when that was a mistake', async () => {
    const { holding, certificate } = await newcomer();
    const { assignmentId } = holding;
    const validTo = addDays(localDay(), 10);
    await house.announce(assignmentChanged, assignmentId, { ...holding, validTo });
    await eventually(async () => expect(await grounds(certificate)).toEqual(['left-agency']));
    const [item] = await open(certificate);
    expect(item).toMatchObject({
      ...{ action: 'revoke', effectiveOn: addDays(validTo, 1), agencyId: agency.organisationId },
      legalBasis: expect.stringContaining('chưa xác nhận'),
    });
    const [event] = await house.announced(workItemRaised);
    expect(event!.data).toMatchObject({ certificateId: certificate.id, ground: 'left-agency' });
    await house.announce(assignmentChanged, assignmentId, holding);
    await eventually(async () => expect(await grounds(certificate)).toEqual([]));
    const { items } = await house.client(certificates).list({}, officer);
    expect(items.find(({ id }) => id === certificate.id)!.state).toBe('valid');
  });

  it('are raised when the holder moves to another post or leaves the service', async () => {
    const { someone, holding, certificate } = await newcomer();
    const next = post({ agencyId: agency.organisationId, title: 'Phó Chánh Văn phòng' });
    await house.announce(postChanged, next.postId, next);
    const moved = { ...holding, assignmentId: randomUUID(), postId: next.postId };
    await house.announce(assignmentChanged, moved.assignmentId, moved);
    const left = { ...holding, validTo: localDay() };
    await house.announce(assignmentChanged, holding.assignmentId, left);
    await eventually(async () => expect(await grounds(certificate)).toEqual(['changed-post']));
    expect((await open(certificate))[0]!.action).toBe('replace');
    const gone = { ...someone, active: false };
    await house.announce(personChanged, someone.personId, gone);
    await eventually(async () =>
      expect((await grounds(certificate)).sort()).toEqual(['changed-post', 'left-service']),
    );
  });

  it('are settled by an officer, once, and by a revocation', async () => {
    const { certificate } = await newcomer();
    const { id, version } = certificate;
    const block = { id, reason: 'Mất thiết bị' };
    await house.client(certificates).block(block, officer);
    const [item] = await open(certificate);
    expect(item).toMatchObject({ ground: 'blocked', detail: 'Mất thiết bị' });
    const done = { id: item!.id, version: item!.version, outcome: 'dismissed' as const, note: 'x' };
    expect(await problemOf(client().settle(done, agency.callers.leader))).toBe('forbidden');
    const settled = await client().settle(done, officer);
    expect(settled.state).toBe('dismissed');
    expect(await problemOf(client().settle(done, officer))).toBe('changed');
    const again = { ...done, version: settled.version };
    expect(await problemOf(client().settle(again, officer))).toBe('signatures/out-of-order');
    const other = (await newcomer()).certificate;
    await house.client(certificates).block({ id: other.id, reason: 'Lộ mã PIN' }, officer);
    const revocation = { id: other.id, version: other.version + 1, reason: 'Lộ mã PIN' };
    await house.client(certificates).revoke(revocation, officer);
    expect(await open(other)).toEqual([]);
    expect(version).toBe(1);
  });

  it('are raised when the agency is renamed or merged, and indicators look back', async () => {
    const { organisationId } = agency;
    const seal = await register(organisationId, 'agency');
    const indicators = house.client(signatureIndicators);
    const measured = await indicators.measure({ agencyId: organisationId }, officer);
    expect(measured.items).toMatchObject([
      { code: 'SIGN_COVER_ORG', value: 1, of: 1 },
      { code: 'SIGN_COVER_PERSON', value: 1, of: 1 },
      { code: 'SIGN_EXPIRING', value: 0 },
    ]);
    const before = { agencyId: organisationId, on: '2026-01-01' };
    expect((await indicators.measure(before, officer)).items[0]).toMatchObject({ value: 0, of: 1 });
    const renamed = organisation({
      ...{ organisationId, name: 'Sở Khoa học, Công nghệ và Chuyển đổi số' },
      ...{ validFrom: addDays(localDay(), 30), legalBasis: 'Nghị quyết 99/NQ-HĐND' },
    });
    await house.announce(organisationChanged, organisationId, renamed);
    await eventually(async () => expect(await grounds(seal)).toEqual(['agency-renamed']));
    expect((await open(seal))[0]).toMatchObject({
      detail: 'Sở Khoa học và Công nghệ → Sở Khoa học, Công nghệ và Chuyển đổi số',
      legalBasis: expect.stringContaining('Nghị quyết 99/NQ-HĐND'),
    });
    const successionId = randomUUID();
    await house.announce(successionRecorded, successionId, {
      ...{ successionId, fromId: organisationId, kind: 'dissolve' },
      ...{ effectiveOn: addDays(localDay(), 60), legalBasis: 'Nghị quyết 100/NQ-HĐND' },
    });
    await eventually(async () =>
      expect((await grounds(seal)).sort()).toEqual(['agency-renamed', 'agency-succeeded']),
    );
  });
});
