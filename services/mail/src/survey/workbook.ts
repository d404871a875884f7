import type { Survey } from '@eoffice/contracts';
import { writeSheet } from '@eoffice/platform/sheets';

/** Per cent with two decimals; nothing out of nothing is not a share. */
export const shareOf = (value: number, of: number) =>
  of === 0 ? undefined : Math.round((value / of) * 10_000) / 100;

const headings = [
  ...[
    'Cơ quan, đơn vị',
    'Cấp',
    'Chỉ tiêu',
    'Mã',
    'Phiên bản',
    'Đo được',
    'Trên tổng số',
    'Tỷ lệ %',
  ],
  ...['Tự khai', 'Tự khai trên tổng số', 'Tỷ lệ tự khai %', 'Chênh lệch (điểm %)'],
];

/** A month of the survey as a workbook: measured and declared side by side, with the difference. */
export function workbookOf({ month, items }: Survey): Promise<Buffer> {
  const rows = items.map((item) => {
    const measured = shareOf(item.value, item.of);
    const own = item.declared === undefined ? undefined : shareOf(item.declared, item.declaredOf!);
    const apart =
      measured === undefined || own === undefined
        ? undefined
        : Math.round((own - measured) * 100) / 100;
    return [
      ...[item.name, item.unitId ? 'Đơn vị' : 'Cơ quan', item.label, item.code, item.version],
      ...[item.value, item.of, measured, item.declared, item.declaredOf, own, apart],
    ];
  });
  const columns = headings.map((heading) => ({ heading, width: 20 }));
  return writeSheet(`Thư công vụ ${month}`, columns, rows);
}
