import { Readable } from 'node:stream';
import {
  type Caller,
  type ExportRegister,
  Invalid,
  NotFound,
  registers,
  type StoredFile,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import { spreadsheet, writeSheet } from '@eoffice/platform/sheets';
import { slug } from '@eoffice/platform/text';
import { placeOf } from '../directory/known-organisations.js';
import { incomingColumns, outgoingColumns, trackingColumns } from './columns.js';
import { printRegister } from './register-pdf.js';

const maxRows = 20_000;

interface BookRow {
  name: string;
  year: number;
  direction: 'incoming' | 'outgoing';
  organisationId: string;
  agency: string;
}

/** Exports register books; every export is written down. */
@Serves(registers)
export class Registers {
  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
  ) {}

  async export(input: ExportRegister, caller: Caller): Promise<StoredFile> {
    const { id, format, kind, from, to } = input;
    const book = await this.findBook(id);
    const place = await placeOf(this.database.manager, book.organisationId);
    if (!caller.may('documents.read', place)) throw new NotFound();
    caller.acting('documents.export', place);
    const { columns, title } = formOf(book, kind);
    const values = columns.map(({ value }) => `coalesce(${value}, '')`).join(', ');
    const table = `${book.direction}_document`;
    const found = await this.database.query<{ row: string[] }>(
      `select array[${values}] as row from ${table} d
       where d.book_id = $1 and d.number between $2 and $3 order by d.number limit ${maxRows}`,
      [id, from ?? 1, to ?? 10_000_000],
    );
    const rows = found.map(({ row }) => row);
    const content =
      format === 'pdf'
        ? await printRegister({ ...book, title, columns, rows })
        : await writeSheet(
            title,
            columns.map(({ heading, share }) => ({ heading, width: share * 1.6 })),
            rows,
          );
    const kept = await this.files.put(Readable.from([content]), { maxBytes: 200 * 1024 * 1024 });
    const facts = { format, kind, rows: rows.length, ...kept };
    await this.database.record(caller, 'documents.registers.exported', id, facts);
    return {
      ...kept,
      name: `${slug(title)}-${book.year}.${format}`,
      mediaType: format === 'pdf' ? 'application/pdf' : spreadsheet,
    };
  }

  /** A book bears the name that its agency had at the end of the year, or has today. */
  private async findBook(id: string): Promise<BookRow> {
    const [book] = await this.database.query<BookRow>(
      `select b.name, b.year, b.direction, b.organisation_id as "organisationId", o.name as agency
       from book b join known_organisation o using (organisation_id)
       where b.id = $1
       order by o.valid_from <= least(make_date(b.year, 12, 31), $2::date) desc, o.valid_from desc
       limit 1`,
      [id, localDay()],
    );
    if (!book) throw new NotFound();
    return book;
  }
}

/** The columns and title of what is printed from a book. Only incoming documents are tracked. */
function formOf({ direction, name }: BookRow, kind: ExportRegister['kind']) {
  if (kind === 'registration') {
    return { columns: direction === 'incoming' ? incomingColumns : outgoingColumns, title: name };
  }
  if (direction === 'incoming') {
    return { columns: trackingColumns, title: 'Sổ theo dõi giải quyết văn bản đến' };
  }
  const detail = {
    vi: 'chỉ có sổ theo dõi giải quyết văn bản đến',
    en: 'is only there for incoming documents',
  };
  throw new Invalid([{ pointer: '/kind', detail }]);
}
