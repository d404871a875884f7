import {
  type Caller,
  Invalid,
  type ManyRegistered,
  parse,
  Problem,
  RegisterIncoming,
  type RowResult,
  urgencies,
  type Urgency,
} from '@eoffice/contracts';
import type { Database, Emit } from '@eoffice/platform/database';
import { typedDay } from '@eoffice/platform/local-time';
import { recordsOf, rowProblem, type SheetColumns } from '@eoffice/platform/sheets';
import { fold } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';

const columns: SheetColumns<string> = {
  author: { headings: ['Cơ quan ban hành', 'author'] },
  reference: { headings: ['Số, ký hiệu', 'reference'], optional: true },
  documentDate: { headings: ['Ngày văn bản', 'document date'], optional: true },
  type: { headings: ['Loại văn bản', 'type'], optional: true },
  abstract: { headings: ['Trích yếu', 'abstract'] },
  urgency: { headings: ['Độ khẩn', 'urgency'], optional: true },
  dueOn: { headings: ['Hạn xử lý', 'due on'], optional: true },
};

/** How urgency is written in a table (Nghị định 30/2020, Phụ lục I). */
const urgencyNames: Record<Urgency, string> = {
  none: 'Thường',
  urgent: 'Khẩn',
  very_urgent: 'Thượng khẩn',
  express: 'Hỏa tốc',
};

interface Ways<Document> {
  bookId: string;
  prepare(row: RegisterIncoming): Promise<Document>;
  write(
    manager: EntityManager,
    emit: Emit,
    document: Document,
  ): Promise<{ id: string; number: number; duplicates: number }>;
}

/**
 * Registers the rows of a table in one transaction. A row that is wrong is refused and says why; the
 * others get consecutive numbers in the order of the table.
 */
export async function registerRows<Document>(
  database: Database,
  table: string[][],
  caller: Caller,
  { bookId, prepare, write }: Ways<Document>,
): Promise<ManyRegistered> {
  const { language } = caller.request;
  const records = recordsOf(table, columns);
  const prepared: { row: number; document?: Document; problem?: string }[] = [];
  for (const { row, record } of records) {
    try {
      const document = await prepare(readRow(bookId, record));
      prepared.push({ row, document });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      prepared.push({ row, problem: rowProblem(error, columns, language) });
    }
  }
  return database.transaction(caller, async (manager, emit) => {
    const rows: RowResult[] = [];
    for (const { row, document, problem } of prepared) {
      if (!document) {
        rows.push({ row, problem, duplicates: 0 });
        continue;
      }
      const { id, number, duplicates } = await write(manager, emit, document);
      rows.push({ row, documentId: id, number, duplicates });
    }
    const registered = rows.filter(({ documentId }) => documentId).length;
    return { registered, refused: rows.length - registered, rows };
  });
}

function readRow(bookId: string, record: Partial<Record<string, string>>): RegisterIncoming {
  const { urgency = '', documentDate, dueOn, ...rest } = record;
  return parse(RegisterIncoming, {
    ...rest,
    bookId,
    documentDate: documentDate && typedDay(documentDate),
    dueOn: dueOn && typedDay(dueOn),
    urgency: urgencyOf(urgency),
  });
}

function urgencyOf(written: string): Urgency {
  const named = urgencies.find(
    (each) => each === written || fold(urgencyNames[each]) === fold(written),
  );
  if (named || !written) return named ?? 'none';
  const names = Object.values(urgencyNames).join(', ');
  const detail = { vi: `phải là một trong: ${names}`, en: `must be one of: ${names}` };
  throw new Invalid([{ pointer: '/urgency', detail }]);
}
