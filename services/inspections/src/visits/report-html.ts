import type { ReportFigure, VisitReport } from '@eoffice/contracts';
import { zone } from '@eoffice/platform/local-time';

type Names = Map<string, string>;

const roles = {
  head: 'Trưởng đoàn',
  deputy: 'Phó trưởng đoàn',
  secretary: 'Thư ký',
  member: 'Thành viên',
};
const states = { open: 'Chưa thực hiện', reported: 'Đang thực hiện', done: 'Đã thực hiện' };
const escape = (text: string) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
const day = (date: string) => date.split('-').reverse().join('/');
const moment = new Intl.DateTimeFormat('vi-VN', {
  timeZone: zone,
  dateStyle: 'short',
  timeStyle: 'short',
});

/** The report of a visit, to be read on a screen or printed: tables with headings, no scripts. */
export function reportHtml({ visit, measuredAt, figures }: VisitReport, names: Names): string {
  const { title, legalBasis, from, to, members, units, findings, recommendations } = visit;
  const people = members.map(({ personId, role }) => [nameOf(names, personId), roles[role]]);
  const visited = units.map(({ organisationId, on }) => [day(on), nameOf(names, organisationId)]);
  const found = findings.map(({ organisationId, text, evidence }) => [
    nameOf(names, organisationId),
    text,
    evidence ?? '',
  ]);
  const recommended = recommendations.map(({ organisationId, text, dueOn, state, late }) => [
    nameOf(names, organisationId),
    text,
    day(dueOn),
    late ? `${states[state]} (quá hạn)` : states[state],
  ]);
  return `<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head><body><main>
<h1>Báo cáo đoàn công tác</h1><p><strong>${escape(title)}</strong></p>
<p>Căn cứ: ${escape(legalBasis)}. Từ ${day(from)} đến ${day(to)}.</p>
${table('Thành viên', ['Họ và tên', 'Vai trò'], people)}
${table('Lịch làm việc', ['Ngày', 'Đơn vị'], visited)}
${table('Phát hiện', ['Đơn vị', 'Nội dung', 'Căn cứ'], found)}
${table('Kiến nghị', ['Đơn vị', 'Nội dung', 'Hạn', 'Tình trạng'], recommended)}
${table(`Số liệu đo lúc ${moment.format(measuredAt)}`, ['Đơn vị', 'Chỉ tiêu', 'Giá trị', 'Nguồn'], figures.map(figureRow))}
</main></body></html>`;
}

const nameOf = (names: Names, id: string) => names.get(id) ?? 'Không rõ';

const services: Record<string, string> = {
  documents: 'Văn bản',
  mail: 'Thư công vụ',
  signatures: 'Chữ ký số',
  portals: 'Cổng thông tin',
};

/** A share of nothing is no zero: it says that there was nothing to measure. */
function figureRow({ unit, name, measured, value, of, counted, source }: ReportFigure): string[] {
  const total = of === undefined || of === null ? '' : `/${of}`;
  const shown = of === 0 ? 'chưa có dữ liệu' : `${value}${total} ${counted ?? ''}`;
  return [unit, name, measured ? shown : 'không đo được', services[source] ?? source];
}

function table(caption: string, headings: string[], rows: string[][]): string {
  if (rows.length === 0) return `<h2>${escape(caption)}</h2><p>Không có.</p>`;
  const head = headings.map((text) => `<th scope="col">${escape(text)}</th>`).join('');
  const body = rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`)
    .join('');
  return `<h2>${escape(caption)}</h2><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

const style = `body{font:1rem/1.5 'Times New Roman',Tinos,serif;max-width:60rem;margin:1rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #555;padding:.3rem .5rem;text-align:left;
vertical-align:top}th{background:#eee}h2{margin-top:1.5rem}`;
