import type { StoredFile } from '@eoffice/contracts';
import type { FileStore } from '@eoffice/platform/files';
import { writeSheet } from '@eoffice/platform/sheets';
import type { EntityManager } from 'typeorm';
import { nameOn } from '../directory/known-organisations.js';
import { whyNames } from '../gap-lists/list-print.js';
import { keepFile } from '../printing/keep-print.js';
import type { Campaign } from './campaign.js';

const maxRows = 20_000;

const stateNames: Record<string, string> = {
  open: 'Đang rà soát',
  confirmed: 'Đã xác nhận',
  removed: 'Đã loại',
  requested: 'Đã gửi đề nghị',
  accepted: 'Được chấp nhận',
  rejected: 'Bị từ chối',
  device_ready: 'Có thiết bị',
  delivered: 'Đã bàn giao',
  active: 'Đã hoạt động',
};

interface Row {
  agency: string;
  unit: string;
  named: string;
  position: string;
  why: string;
  form: string;
  state: string;
  reference: string;
  deviceSerial: string;
  note: string;
}

/** Every line of a campaign as a workbook: where each stands, without personal ids. */
export async function sheetOf(
  manager: EntityManager,
  files: FileStore,
  { id, name }: Campaign,
): Promise<StoredFile> {
  const rows = await manager.query<Row[]>(
    `select ${nameOn('g.agency_id')} as agency, ${nameOn('g.unit_id')} as unit,
       coalesce(g.fields->>'fullName', g.fields->>'name') as named,
       g.fields->>'position' as position, g.why, g.form, g.state, g.reference,
       g.device_serial as "deviceSerial",
       coalesce(g.removed_reason, g.rejected_reason, g.added_reason) as note
     from gap_line_state g where g.campaign_id = $1
     order by agency, g.agency_id, g.ordinal limit ${maxRows}`,
    [id],
  );
  const headings = [
    ...['Cơ quan', 'Đơn vị', 'Thuê bao', 'Chức vụ', 'Lý do đưa vào', 'Mẫu'],
    ...['Tình trạng', 'Mã dòng', 'Số hiệu thiết bị', 'Ghi chú'],
  ];
  const content = await writeSheet(
    name,
    headings.map((heading) => ({ heading, width: 22 })),
    rows.map((row) => [
      ...[row.agency, row.unit, row.named, row.position, whyNames[row.why], row.form],
      ...[stateNames[row.state], row.reference, row.deviceSerial, row.note],
    ]),
  );
  return keepFile(files, content, `dot-ra-soat-${name}`, 'xlsx');
}
