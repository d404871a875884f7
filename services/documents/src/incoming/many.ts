import {
  type Caller,
  type ManyRegistered,
  parse,
  Problem,
  RegisterIncoming,
  type RowResult,
} from '@eoffice/contracts';
import type { Database, Emit } from '@eoffice/platform/database';
import { typedDay } from '@eoffice/platform/local-time';
import { recordsOf } from '@eoffice/platform/sheets';
import { fold } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';

const columns = {
  author: { headings: ['Cơ quan ban hành', 'author'] },
  reference: { headings: ['Số, ký hiệu', 'reference'], optional: true },
  documentDate: { headings: ['Ngày văn bản', 'document date'], optional: true },
  type: { headings: ['Loại văn bản', 'type'], optional: true },
  abstract: { headings: ['Trích yếu', 'abstract'] },
  urgency: { headings: ['Độ khẩn', 'urgency'], optional: true },
  dueOn: { headings: ['Hạn xử lý', 'due on'], optional: true },
};

const urgencyNames: Record<string, string> = {
  '': 'none',
  khan: 'urgent',
  'thuong khan': 'very_urgent',
  'hoa toc': 'express',
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
  const records = recordsOf(table, columns, fold);
  const prepared: { row: number; document?: Document; problem?: string }[] = [];
  for (const { row, record } of records) {
    try {
      const document = await prepare(readRow(bookId, record));
      prepared.push({ row, document });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      prepared.push({ row, problem: whatIsWrong(error, caller) });
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
    urgency: urgencyNames[fold(urgency)] ?? urgency,
  });
}

function whatIsWrong({ errors, detail, title }: Problem, { request }: Caller): string {
  const { language } = request;
  const named = errors?.map((error) => `${error.pointer.slice(1)} ${error.detail[language]}`);
  return named?.join('; ') ?? (detail ?? title)[language];
}
