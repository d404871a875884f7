import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Caller,
  type Campaign,
  campaignClosed,
  campaignConsolidated,
  campaignOpened,
  certificateDeliveries,
  certificateRequests,
  certificates,
  type GapLine,
  gapListConfirmed,
  gapLists,
  signatureCampaigns,
} from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { addDays, localDay } from '@eoffice/platform/local-time';
import { readSheet, spreadsheet } from '@eoffice/platform/sheets';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { certificateOf } from '@eoffice/testing/certificates';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { startMail } from '@eoffice/testing/mail-service';
import type { ServiceProcess } from '@eoffice/testing/service-process';
import mammoth from 'mammoth';
import { SignaturesModule } from '../signatures.module.js';

describe('a campaign for missing certificates', () => {
  let house: House;
  let mail: ServiceProcess;
  let ward: Agency;
  let other: Agency;
  let officer: Caller;
  let campaign: Campaign;
  const campaigns = () => house.client(signatureCampaigns);
  const lists = () => house.client(gapLists);
  const input = () => ({
    ...{ name: 'Rà soát chữ ký số còn thiếu', legalBasis: 'Kế hoạch của UBND tỉnh' },
    ...{ deadline: addDays(localDay(), 14), expiringWithinDays: 90 },
    agencyIds: [ward.organisationId, other.organisationId],
  });
  const at = (agency: Agency) => ({ id: campaign.id, agencyId: agency.organisationId });
  const show = (agency: Agency, caller = officer) => lists().show(at(agency), caller);
  const identity = (personalId: string, email: string) => ({
    ...{ personalId, email, idIssuedOn: '2021-05-01', idIssuedBy: 'Bộ Công an' },
    mobile: '0912345678',
  });
  const place = { address: '1 Lê Lợi', province: 'Lâm Đồng', receiverName: 'Trần Thị Bình' };
  /** Fills in what the forms of an agency ask for. */
  const fill = async (agency: Agency, personalId: string, email: string) => {
    const { lines } = await show(agency);
    for (const { id: lineId, form } of lines.filter(({ state }) => state === 'open')) {
      const forAgency = { ...place, ...identity(personalId, `vt.${email}`), position: 'Văn thư' };
      const fields = form === '01' ? identity(personalId, email) : forAgency;
      if (form !== '04')
        await lists().editLine({ ...at(agency), lineId, fields }, agency.callers.clerk);
    }
  };
  const confirm = async (agency: Agency) => {
    const { version } = await show(agency);
    return lists().confirm({ ...at(agency), version }, agency.callers.leader);
  };

  beforeAll(async () => {
    house = await House.open();
    await house.start('signatures', SignaturesModule);
    mail = await startMail(house);
    [ward, other] = [await openAgency(house), await openAgency(house)];
    const permissions = ['signatures.read', 'signatures.manage', 'signatures.prepare'];
    officer = await house.as({ permissions, reach: 'bloc' });
    // The head of another unit holds one that ends within 90 days and may be renewed.
    const ending = {
      ...{ pem: certificateOf('/CN=Phạm Văn Dũng', 70).pem, holderKind: 'person' as const },
      ...{ holderId: ward.people.head, agencyId: ward.organisationId, device: 'token' as const },
    };
    await eventually(() => house.client(certificates).register(ending, officer));
    await eventually(async () => {
      const { organisationId: agencyId } = other;
      const { units } = await house.client(certificates).coverage({ agencyId }, officer);
      expect(units).toHaveLength(1);
    });
  });
  afterAll(async () => {
    await mail.kill();
    await house.close();
  });

  it('is opened only by who manages certificates of all its agencies', async () => {
    expect(await problemOf(campaigns().open(input(), ward.callers.leader))).toBe('forbidden');
    const near = await house.as({
      ...{ permissions: ['signatures.manage'], organisationId: ward.organisationId },
    });
    expect(await problemOf(campaigns().open(input(), near))).toBe('forbidden');
    const unknown = { ...input(), agencyIds: [randomUUID()] };
    expect(await problemOf(campaigns().open(unknown, officer))).toBe('not-found');
    campaign = await campaigns().open(input(), officer);
    expect(campaign).toMatchObject({ state: 'open', lines: { open: 5, confirmed: 0 } });
    await house.announced(campaignOpened);
  });

  it('finds who signs without a certificate, agencies without one, and what ends soon', async () => {
    const shown = ({ form, why, fields }: GapLine) => [form, why, fields.fullName ?? fields.name];
    const { lines } = await show(ward, ward.callers.clerk);
    expect(lines.map(shown)).toEqual([
      ['02', 'none', 'Sở Khoa học và Công nghệ'],
      ['01', 'none', 'Lê Đức Anh'],
      ['04', 'expiring', 'Phạm Văn Dũng'],
    ]);
    expect(await problemOf(show(ward, other.callers.clerk))).toBe('not-found');
    const { agencies } = await campaigns().find({ id: campaign.id }, ward.callers.clerk);
    expect(agencies.map(({ agencyId }) => agencyId)).toEqual([ward.organisationId]);
  });

  it('lets an agency add, fill in and take off lines, each for a reason', async () => {
    const { clerk, official } = ward.callers;
    const line = {
      ...{ ...at(ward), form: '01' as const, holderKind: 'person' as const },
      ...{ holderId: ward.people.official, reason: 'Ký thừa lệnh', fields: { fullName: "K'Brêm" } },
    };
    expect(await problemOf(lists().addLine(line, official))).toBe('forbidden');
    expect(await problemOf(lists().addLine({ ...line, holderId: randomUUID() }, clerk))).toBe(
      'not-found',
    );
    const added = await lists().addLine(line, clerk);
    expect(await problemOf(lists().addLine(line, clerk))).toBe('conflict');
    const lineId = added.lines.at(-1)!.id;
    const removed = await lists().removeLine(
      { ...at(ward), lineId, reason: 'Không ký văn bản' },
      clerk,
    );
    expect(removed.lines.at(-1)).toMatchObject({
      ...{ state: 'removed', removedReason: 'Không ký văn bản', addedReason: 'Ký thừa lệnh' },
    });
    const edit = { ...at(ward), lineId, fields: { note: 'x' } };
    expect(await problemOf(lists().editLine(edit, clerk))).toBe('signatures/out-of-order');
  });

  it('is confirmed by the head only, once the forms are complete and read', async () => {
    const { version } = await show(ward);
    const input = { ...at(ward), version };
    expect(await problemOf(lists().confirm(input, ward.callers.clerk))).toBe('forbidden');
    await expect(lists().confirm(input, ward.callers.leader)).rejects.toMatchObject({
      type: 'signatures/form-incomplete',
    });
    await fill(ward, '068123456789', 'anh.ld@lamdong.gov.vn');
    const mailed = (await show(ward)).lines.find(({ form }) => form === '04')!;
    const fields = { email: 'dung.pv@lamdong.gov.vn' };
    await lists().editLine({ ...at(ward), lineId: mailed.id, fields }, ward.callers.clerk);
    expect(await problemOf(lists().confirm(input, ward.callers.leader))).toBe('changed');
    const privately = { ...at(ward), lineId: mailed.id, fields: { email: 'dung@gmail.com' } };
    await lists().editLine(privately, ward.callers.clerk);
    await expect(confirm(ward)).rejects.toMatchObject({
      type: 'signatures/form-incomplete',
      errors: [
        { detail: { en: expect.stringContaining('“dung@gmail.com” is no official address') } },
      ],
    });
    await lists().editLine({ ...privately, fields }, ward.callers.clerk);
    expect(await confirm(ward)).toMatchObject({
      ...{ state: 'confirmed', confirmedBy: ward.people.leader },
    });
    await house.announced(gapListConfirmed);
    const file = await lists().export({ ...at(ward), format: 'docx' }, ward.callers.clerk);
    const store = new LocalFileStore(house.filesFolder);
    const word = await mammoth.extractRawText({
      buffer: await buffer(await store.open(file.sha256)),
    });
    expect(word.value).toContain('068123456789');
    expect(word.value).toContain('Không ký văn bản');
  });

  it('flags the same personal id at two agencies, and gives the list back', async () => {
    await fill(other, '068123456789', 'khac@lamdong.gov.vn');
    const { version } = await confirm(other);
    const { duplicates, unconfirmed, incomplete } = await campaigns().check(
      { id: campaign.id },
      officer,
    );
    expect([duplicates.map(({ by }) => by), unconfirmed, incomplete]).toEqual([
      ...[['personalId'], [], []],
    ]);
    expect(await problemOf(campaigns().consolidate({ id: campaign.id }, officer))).toBe(
      'signatures/duplicate-subscribers',
    );
    const back = { ...at(other), version, reason: 'Trùng số định danh' };
    expect(await problemOf(lists().giveBack(back, other.callers.leader))).toBe('forbidden');
    expect(await lists().giveBack(back, officer)).toMatchObject({
      ...{ state: 'open', returnedReason: 'Trùng số định danh' },
    });
    await fill(other, '068987654321', 'khac@lamdong.gov.vn');
    await confirm(other);
  });

  it('becomes one request for each managing agency', async () => {
    const { id } = campaign;
    const consolidated = await campaigns().consolidate({ id }, officer);
    expect(consolidated.lines).toMatchObject({ open: 0, confirmed: 0, requested: 5, removed: 1 });
    expect(new Set(consolidated.agencies.map(({ requestId }) => requestId)).size).toBe(2);
    await house.announced(campaignConsolidated, 2);
    const { items } = await house.client(certificateRequests).list({ campaignId: id }, officer);
    expect(items.map(({ lines, state }) => [lines, state]).sort()).toEqual([
      ...[
        [2, 'sent'],
        [3, 'sent'],
      ],
    ]);
    expect((await campaigns().consolidate({ id }, officer)).lines.requested).toBe(5);
  });

  it('closes when every line has ended, and goes out as a workbook', async () => {
    const { id } = campaign;
    const found = await campaigns().find({ id }, officer);
    expect(await problemOf(campaigns().close({ id, version: found.version }, officer))).toBe(
      'signatures/campaign-unfinished',
    );
    const deliveries = house.client(certificateDeliveries);
    for (const { requestId } of found.agencies) {
      const request = await house.client(certificateRequests).find({ id: requestId! }, officer);
      const [first, ...rest] = request.lines;
      const answers = [
        { lineId: first!.id, outcome: 'rejected' as const, reason: 'Sai mã số thuế' },
        ...rest.map(({ id: lineId }, index) => ({
          ...{ lineId, outcome: 'device_ready' as const, deviceSerial: `TK-${index}` },
        })),
      ];
      await deliveries.answer({ id: requestId!, answers }, officer);
      const minutes = {
        ...{ handedOverOn: localDay(), place: 'Sở KH&CN', giver: 'Đỗ Minh Dũng' },
        ...{ receiver: 'Trần Thị Bình', receiverPosition: 'Văn thư' },
      };
      const lines = rest.map(({ id: lineId }) => ({ lineId }));
      await deliveries.handOver({ id: requestId!, lines, ...minutes }, officer);
    }
    const file = await campaigns().export({ id }, officer);
    const store = new LocalFileStore(house.filesFolder);
    const rows = await readSheet(await buffer(await store.open(file.sha256)), spreadsheet, {
      maxRows: 20,
    });
    expect(
      rows
        .slice(1)
        .map((row) => row[6])
        .sort(),
    ).toEqual([
      ...['Bị từ chối', 'Bị từ chối', 'Đã bàn giao', 'Đã bàn giao', 'Đã bàn giao', 'Đã loại'],
    ]);
    expect(JSON.stringify(rows)).not.toContain('068123456789');
    const closed = await campaigns().close({ id, version: found.version }, officer);
    expect(closed).toMatchObject({ state: 'closed', lines: { delivered: 3, rejected: 2 } });
    await house.announced(campaignClosed);
    expect(await problemOf(campaigns().consolidate({ id }, officer))).toBe(
      'signatures/out-of-order',
    );
  });
});
