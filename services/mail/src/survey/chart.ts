import type { Survey } from '@eoffice/contracts';
import { shareOf } from './workbook.js';

const rowHeight = 26;
const labelWidth = 340;
const barWidth = 420;
const charted = 'MAIL_REGULAR';

/** Regular use by agency as bars, the declared share as a mark on each: a picture that prints well. */
export function chartOf({ month, items }: Survey): Buffer {
  const rows = items
    .filter(({ unitId, code }) => !unitId && code === charted)
    .map((item) => ({ ...item, share: shareOf(item.value, item.of) ?? 0 }))
    .sort((a, b) => b.share - a.share);
  const height = 70 + rowHeight * Math.max(rows.length, 1);
  const bars = rows.map(({ name = '', share, value, of, declared, declaredOf }, at) => {
    const y = 56 + at * rowHeight;
    const own = declared === undefined ? undefined : shareOf(declared, declaredOf!);
    const mark =
      own === undefined
        ? ''
        : `<rect x="${x(own)}" y="${y - 2}" width="3" height="20" fill="#b3261e"><title>Tự khai ${own}%</title></rect>`;
    return `<text x="${labelWidth - 10}" y="${y + 13}" text-anchor="end">${escaped(name.slice(0, 48))}</text>
<rect x="${labelWidth}" y="${y}" width="${(share / 100) * barWidth}" height="16" fill="#1f5fa8"/>${mark}
<text x="${labelWidth + barWidth + 10}" y="${y + 13}">${share}% (${value}/${of})</text>`;
  });
  const title = `Dùng thư công vụ thường xuyên, tháng ${month.slice(5)}/${month.slice(0, 4)}`;
  const empty = `<text x="20" y="70">Chưa có số liệu</text>`;
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="900" height="${height}" role="img" aria-label="${title}" font-family="sans-serif" font-size="13">
<rect width="900" height="${height}" fill="#fff"/><text x="20" y="28" font-size="17" font-weight="bold">${title}</text>
${bars.join('\n') || empty}
</svg>
`);
}

const x = (share: number) => labelWidth + (Math.min(share, 100) / 100) * barWidth;

const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
