import type { EntityManager } from 'typeorm';
import { nameOn } from '../directory/known-organisations.js';
import type { PrintedDocument } from '../printing/printed.js';
import { formsToday } from '../requests/forms.js';
import { RequestLine } from '../requests/request-line.js';
import type { HandOver } from './hand-over.js';

/** The minutes of a hand-over, with the title of form 07 under theirs. */
export async function minutesOf(
  manager: EntityManager,
  minutes: HandOver,
  { agencyId, reference }: { agencyId: string; reference: string },
): Promise<PrintedDocument> {
  const [agency] = await manager.query<{ name: string }[]>(
    `select ${nameOn('$1::uuid', '$2::date')} as name`,
    [agencyId, minutes.handedOverOn],
  );
  const notice = (await formsToday(manager)).get('07');
  const where = { handOverId: minutes.id };
  const lines = await manager.find(RequestLine, { where, order: { ordinal: 'ASC' } });
  const rows = lines.map(({ ordinal, fields, deviceSerial }, index) => [
    ...[String(index + 1), `${reference}/${ordinal}`],
    fields.fullName ?? fields.name ?? '',
    ...[fields.position ?? '', deviceSerial ?? 'SIM'],
  ]);
  return {
    agency: agency!.name,
    title: 'Biên bản bàn giao thiết bị lưu khóa bí mật',
    subtitle: `Ngày ${minutes.handedOverOn.split('-').reverse().join('/')}`,
    blocks: [
      ...(notice
        ? [{ kind: 'text', text: `Kèm ${notice.title} (${notice.legalBasis})` } as const]
        : []),
      {
        kind: 'pairs',
        pairs: [
          ['Hồ sơ', reference],
          ['Địa điểm', minutes.place],
          ['Bên giao', minutes.giver],
          ['Bên nhận', `${minutes.receiver}, ${minutes.receiverPosition}`],
          ...(minutes.note ? ([['Ghi chú', minutes.note]] as [string, string][]) : []),
        ],
      },
      {
        kind: 'table',
        columns: [
          { heading: 'STT', share: 6 },
          { heading: 'Mã dòng', share: 16 },
          { heading: 'Thuê bao', share: 34 },
          { heading: 'Chức vụ', share: 24 },
          { heading: 'Số hiệu thiết bị', share: 20 },
        ],
        rows,
      },
      { kind: 'signatures', left: 'Bên giao', right: 'Bên nhận' },
    ],
  };
}
