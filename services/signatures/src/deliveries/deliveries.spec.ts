import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Caller,
  certificateDeliveries,
  type CertificateRequest,
  certificateRequests,
  certificates,
  deviceDelivered,
} from '@eoffice/contracts';
import { LocalFileStore } from '@eoffice/platform/files';
import { spreadsheet, writeSheet } from '@eoffice/platform/sheets';
import { type Agency, openAgency } from '@eoffice/testing/agency';
import { certificateOf } from '@eoffice/testing/certificates';
import { eventually, House, problemOf } from '@eoffice/testing/house';
import { startMail } from '@eoffice/testing/mail-service';
import type { ServiceProcess } from '@eoffice/testing/service-process';
import { ticketFor } from '@eoffice/testing/tokens';
import mammoth from 'mammoth';
import { SignaturesModule } from '../signatures.module.js';

describe('answers of the provider and the hand-over of devices', () => {
  let house: House;
  let mail: ServiceProcess;
  let agency: Agency;
  let officer: Caller;
  let request: CertificateRequest;
  const client = () => house.client(certificateDeliveries);
  const line = (index: number) => request.lines[index]!.id;
  const shown = () => house.client(certificateRequests).find({ id: request.id }, officer);
  const minutes = {
    ...{ handedOverOn: '2026-11-20', place: 'Sở KH&CN', giver: 'Đỗ Minh Dũng' },
    ...{ receiver: 'Trần Thị Bình', receiverPosition: 'Văn thư' },
  };

  beforeAll(async () => {
    house = await House.open();
    await house.start('signatures', SignaturesModule);
    mail = await startMail(house);
    agency = await openAgency(house);
    const permissions = ['signatures.read', 'signatures.manage', 'signatures.prepare'];
    officer = await house.as({ permissions, reach: 'bloc' });
    const requests = house.client(certificateRequests);
    const lines = (['leader', 'clerk', 'head', 'official'] as const).map((role) => ({
      ...{ form: '01' as const, holderKind: 'person' as const, holderId: agency.people[role] },
      fields: {
        ...{ fullName: role, personalId: '068123456789', idIssuedOn: '2021-05-01' },
        ...{ idIssuedBy: 'Bộ Công an', email: 'a@lamdong.gov.vn', keyKind: 'token' },
        ...{ position: 'Chức vụ', organisation: 'UBND', mobile: '0912345678' },
      },
    }));
    const input = { agencyId: agency.organisationId, lines };
    const { id, version } = await eventually(() => requests.create(input, officer));
    request = await requests.send({ id, version }, officer);
  });
  afterAll(async () => {
    await mail.kill();
    await house.close();
  });

  it('are recorded by an officer, all of one call or nothing', async () => {
    const { id } = request;
    const accepted = { lineId: line(0), outcome: 'accepted' as const };
    const { leader } = agency.callers;
    expect(await problemOf(client().answer({ id, answers: [accepted] }, leader))).toBe('forbidden');
    const unreasoned = { lineId: line(1), outcome: 'rejected' as const };
    await expect(
      client().answer({ id, answers: [accepted, unreasoned] }, officer),
    ).rejects.toMatchObject({ type: 'invalid', errors: [{ pointer: '/answers/1/reason' }] });
    expect((await shown()).lines[0]!.state).toBe('requested');
    const ready = { lineId: line(0), outcome: 'device_ready' as const, deviceSerial: 'TK-0001' };
    await client().answer({ id, answers: [ready] }, officer);
    expect(await problemOf(client().answer({ id, answers: [accepted] }, officer))).toBe(
      'signatures/out-of-order',
    );
  });

  it('come in as a sheet, with a result for each row', async () => {
    const { reference } = request;
    const columns = ['Mã dòng', 'Kết quả', 'Lý do từ chối', 'Số hiệu thiết bị cấp'];
    const content = await writeSheet(
      'Trả lời',
      columns.map((heading) => ({ heading })),
      [
        [`${reference}/2`, 'Từ chối', 'Sai số định danh', ''],
        [`${reference}/3`, 'Có thiết bị', '', 'TK-0003'],
        [`${reference}/3`, 'Chấp nhận', '', ''],
        [`${reference}/99`, 'Chấp nhận', '', ''],
        ['lạ', 'Chấp nhận', '', ''],
        [`${reference}/4`, 'có lẽ', '', ''],
        [`${reference}/4`, 'Từ chối', '', ''],
      ],
    );
    const store = new LocalFileStore(house.filesFolder);
    const upload = async (caller: Caller) => {
      const kept = await store.put(Readable.from([content]), { maxBytes: 1_000_000 });
      return ticketFor({ ...kept, name: 'tra-loi.xlsx', mediaType: spreadsheet }, caller);
    };
    const ticket = await upload(officer);
    const result = await client().importAnswers({ ticket }, officer);
    expect(result).toMatchObject({ recorded: 2, refused: 5 });
    expect(result.rows.map(({ row, done }) => [row, done])).toEqual([
      ...[
        [2, true],
        [3, true],
        [4, false],
        [5, false],
        [6, false],
        [7, false],
        [8, false],
      ],
    ]);
    expect(result.rows.at(-1)!.problem).toBe('cần lý do từ chối');
    const { lines } = await shown();
    expect(lines.map(({ state }) => state)).toEqual([
      ...['device_ready', 'rejected', 'device_ready', 'requested'],
    ]);
    const elsewhere = await house.as({
      ...{ permissions: ['signatures.manage'], organisationId: agency.unitId },
    });
    const foreign = await client().importAnswers({ ticket: await upload(elsewhere) }, elsewhere);
    expect(foreign).toMatchObject({ recorded: 0, refused: 7 });
  });

  it('are handed over with minutes that name each device, and become active certificates', async () => {
    const { id } = request;
    const lines = [{ lineId: line(0) }, { lineId: line(2), deviceSerial: 'TK-0003B' }];
    const early = { id, lines: [{ lineId: line(3) }], ...minutes };
    expect(await problemOf(client().handOver(early, officer))).toBe('signatures/out-of-order');
    const kept = await client().handOver({ id, lines, ...minutes }, officer);
    expect(kept).toMatchObject({ devices: 2, receiver: 'Trần Thị Bình' });
    await house.announced(deviceDelivered, 2);
    const file = await client().minutes({ id: kept.id, format: 'docx' }, agency.callers.clerk);
    const store = new LocalFileStore(house.filesFolder);
    const word = await mammoth.extractRawText({
      buffer: await buffer(await store.open(file.sha256)),
    });
    expect(word.value).toContain('TK-0003B');
    expect(word.value).toContain('BIÊN BẢN BÀN GIAO');

    const register = (requestLineId: string) =>
      house.client(certificates).register(
        {
          ...{ pem: certificateOf(`/CN=${requestLineId}`, 365).pem, holderKind: 'person' },
          ...{ holderId: agency.people.leader, agencyId: agency.organisationId },
          ...{ device: 'token', requestLineId },
        },
        officer,
      );
    expect(await problemOf(register(line(2)))).toBe('not-found');
    const { id: certificateId } = await register(line(0));
    expect(await problemOf(register(line(0)))).toBe('signatures/out-of-order');
    const { items } = await house.client(certificates).history({ id: certificateId }, officer);
    expect(items.map(({ kind }) => kind)).toEqual([
      ...['requested', 'accepted', 'device_ready', 'delivered', 'active'],
    ]);
  });
});
