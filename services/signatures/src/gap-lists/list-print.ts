import type { EntityManager } from 'typeorm';
import { nameOn } from '../directory/known-organisations.js';
import type { PrintedDocument } from '../printing/printed.js';
import type { CampaignUnit } from './campaign-unit.js';
import type { GapLine } from './gap-line.js';

export const whyNames: Record<string, string> = {
  none: 'Chưa có chứng thư',
  expired: 'Đã hết hạn',
  blocked: 'Đang bị khóa',
  revoked: 'Đã thu hồi',
  expiring: 'Sắp hết hạn',
  added: 'Đơn vị bổ sung',
};

const stateNames = {
  open: 'chưa được thủ trưởng xác nhận',
  confirmed: 'đã được thủ trưởng xác nhận',
  consolidated: 'đã tổng hợp',
};

interface Facts {
  agency: string;
  campaign: string;
  legalBasis: string;
  confirmedBy: string | null;
  confirmedAt: string | null;
}

type Row = Pick<GapLine, 'why' | 'form' | 'fields' | 'removedReason' | 'addedReason'>;

/** The list of an agency for the head's signature; personal ids in full, as the form needs them. */
export async function printedList(
  manager: EntityManager,
  { campaignId, agencyId, state }: CampaignUnit,
): Promise<{ document: PrintedDocument; name: string }> {
  const [facts] = await manager.query<Facts[]>(
    `select ${nameOn('u.agency_id')} as agency, c.name as campaign, c.legal_basis as "legalBasis",
       p.full_name as "confirmedBy",
       to_char(u.confirmed_at at time zone 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY HH24:MI') as "confirmedAt"
     from campaign_unit u join campaign c on c.id = u.campaign_id
     left join known_person p on p.person_id = u.confirmed_by
     where u.campaign_id = $1 and u.agency_id = $2`,
    [campaignId, agencyId],
  );
  const rows = await manager.query<Row[]>(
    `select why, form, fields, removed_reason as "removedReason", added_reason as "addedReason"
     from gap_line where campaign_id = $1 and agency_id = $2 order by ordinal limit 1000`,
    [campaignId, agencyId],
  );
  const { agency, campaign, legalBasis, confirmedBy, confirmedAt } = facts!;
  const kept = rows.filter(({ removedReason }) => !removedReason);
  const removed = rows.filter(({ removedReason }) => removedReason);
  const confirmed = confirmedAt ? `, ${confirmedBy ?? ''} lúc ${confirmedAt}` : '';
  const document: PrintedDocument = {
    agency,
    title: 'Danh sách đề nghị cấp chứng thư chữ ký số còn thiếu',
    subtitle: campaign,
    blocks: [
      { kind: 'text', text: `Căn cứ: ${legalBasis}.` },
      { kind: 'text', text: `Danh sách ${stateNames[state]}${confirmed}.` },
      table(kept, ({ why, addedReason }) => addedReason ?? whyNames[why]!),
      ...(removed.length > 0
        ? [
            { kind: 'heading', text: 'Đã loại khỏi danh sách' } as const,
            table(removed, ({ removedReason }) => removedReason!),
          ]
        : []),
      { kind: 'signatures', left: 'Người lập', right: 'Thủ trưởng cơ quan' },
    ],
  };
  return { document, name: `danh-sach-thieu-chu-ky-so-${agency}` };
}

function table(rows: Row[], reason: (row: Row) => string) {
  const columns = [
    { heading: 'STT', share: 6 },
    { heading: 'Thuê bao', share: 24 },
    { heading: 'Chức vụ', share: 20 },
    { heading: 'Số định danh', share: 16 },
    { heading: 'Mẫu', share: 7 },
    { heading: 'Lý do', share: 27 },
  ];
  const cells = rows.map((row, index) => {
    const { fullName, name = '', position = '', personalId = '' } = row.fields;
    return [String(index + 1), fullName ?? name, position, personalId, row.form, reason(row)];
  });
  return { kind: 'table', columns, rows: cells } as const;
}
