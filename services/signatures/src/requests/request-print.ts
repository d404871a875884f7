import type { StoredFile } from '@eoffice/contracts';
import type { FileStore } from '@eoffice/platform/files';
import { writeSheet } from '@eoffice/platform/sheets';
import type { EntityManager } from 'typeorm';
import { nameOn } from '../directory/known-organisations.js';
import { keepFile, keepPrint } from '../printing/keep-print.js';
import type { Block, PrintedDocument } from '../printing/printed.js';
import type { CertificateRequest } from './certificate-request.js';
import { type Form, formsToday } from './forms.js';
import { RequestLine } from './request-line.js';

const choices: Record<string, string> = {
  ...{ token: 'Thiết bị', sim: 'SIM', renew: 'Gia hạn', change: 'Thay đổi' },
  ...{ device: 'Thiết bị', service: 'Dịch vụ', software: 'Phần mềm' },
};
/** The columns that the provider fills in, as the import of answers knows them. */
export const answerHeadings = ['Kết quả', 'Lý do từ chối', 'Số hiệu thiết bị cấp'];
const coded = ['keyKind', 'change', 'systemKind'];

/** A request in its forms as PDF or Word, or its lines as rows of a sheet; personal data in full. */
export async function exportOf(
  manager: EntityManager,
  files: FileStore,
  request: CertificateRequest,
  format: 'pdf' | 'docx' | 'xlsx',
): Promise<StoredFile> {
  const forms = await formsToday(manager);
  const where = { requestId: request.id };
  const lines = await manager.find(RequestLine, { where, order: { ordinal: 'ASC' } });
  const name = `de-nghi-chung-thu-${request.reference}`;
  if (format === 'xlsx') return keepFile(files, await sheetOf(request, lines, forms), name, format);
  const [agency] = await manager.query<{ name: string }[]>(`select ${nameOn('$1::uuid')} as name`, [
    request.agencyId,
  ]);
  return keepPrint(files, printed(request, lines, forms, agency!.name), format, name);
}

function printed(
  request: CertificateRequest,
  lines: RequestLine[],
  forms: Map<string, Form>,
  agency: string,
): PrintedDocument {
  const used = [...new Set(lines.map(({ form }) => form))].sort();
  const only = used.length === 1 ? forms.get(used[0]!)! : undefined;
  const blocks = used.flatMap((code): Block[] => {
    const form = forms.get(code)!;
    const ours = lines.filter((line) => line.form === code);
    return [
      { kind: 'heading', text: `Mẫu ${code}. ${form.title}` },
      { kind: 'text', text: form.legalBasis },
      ...ours.flatMap((line): Block[] => [
        { kind: 'text', text: `Mã dòng ${request.reference}/${line.ordinal}` },
        { kind: 'pairs', pairs: form.fields.map(({ name, vi }) => [vi, shown(line, name)]) },
      ]),
    ];
  });
  const signatures = {
    kind: 'signatures',
    left: 'Người lập',
    right: 'Thủ trưởng cơ quan',
  } as const;
  return {
    agency,
    title: only?.title ?? 'Đề nghị về chứng thư chữ ký số',
    subtitle: `Số hồ sơ ${request.reference}`,
    blocks: [...blocks, signatures],
  };
}

function shown({ fields }: RequestLine, name: keyof RequestLine['fields']): string {
  const value = fields[name] ?? '';
  if (coded.includes(name)) return choices[value] ?? value;
  return name === 'idIssuedOn' ? value.split('-').reverse().join('/') : value;
}

/** One row a line: its reference first, so that the provider's answer can come back as rows. */
function sheetOf(request: CertificateRequest, lines: RequestLine[], forms: Map<string, Form>) {
  const names = new Map<keyof RequestLine['fields'], string>();
  for (const { form } of lines) {
    for (const { name, vi } of forms.get(form)!.fields) if (!names.has(name)) names.set(name, vi);
  }
  const fixed = ['Mã dòng', 'Mẫu', ...names.values(), ...answerHeadings];
  return writeSheet(
    `Đề nghị ${request.reference}`,
    fixed.map((heading) => ({ heading, width: 20 })),
    lines.map((line) => [
      `${request.reference}/${line.ordinal}`,
      line.form,
      ...[...names.keys()].map((name) => shown(line, name)),
      ...['', '', ''],
    ]),
  );
}
