import { Invalid } from '@eoffice/contracts/language/problem';
import { parse as parseCsv } from 'csv-parse/sync';
import readExcel from 'read-excel-file/node';
import writeExcel, { type Cell } from 'write-excel-file/node';
import { fromBuffer, type ZipFile } from 'yauzl';
import { looksMisread, nfc } from './text.js';

// Tables come in and go out as XLSX or CSV; what comes in is hostile until it is counted.

/** How much of a table is taken: rows with the heading, columns, and bytes once unpacked. */
export interface SheetLimits {
  maxRows: number;
  maxColumns?: number;
}

const maxUnpackedBytes = 50 * 1024 * 1024;
export const spreadsheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/**
 * Reads the first sheet of a workbook, or a CSV file in UTF-8, as rows of trimmed NFC text.
 * Dates become `yyyy-MM-dd`. Throws Invalid for what is no table, misread or beyond the limits.
 */
export async function readSheet(
  content: Buffer,
  mediaType: string,
  { maxRows, maxColumns = 60 }: SheetLimits,
): Promise<string[][]> {
  const rows =
    mediaType === spreadsheet ? await readWorkbook(content) : readText(content, maxRows + 1);
  const table = rows
    .map((row) => row.map((cell) => nfc(cell).trim()))
    .filter((row) => row.some((cell) => cell !== ''));
  if (table.length > maxRows) {
    throw wrong(`Bảng có hơn ${maxRows} dòng`, `The table has more than ${maxRows} rows`);
  }
  if (table.some((row) => row.length > maxColumns)) {
    throw wrong(`Bảng có hơn ${maxColumns} cột`, `The table has more than ${maxColumns} columns`);
  }
  if (table.some((row) => row.some(looksMisread))) {
    throw wrong(
      'Chữ trong bảng bị sai bảng mã; hãy lưu lại bằng Unicode (UTF-8)',
      'The text of the table was saved in another encoding; save it as Unicode (UTF-8)',
    );
  }
  return table;
}

/**
 * The rows below the heading as objects, found by the folded names of their columns.
 * @param columns field → accepted headings. Throws Invalid when a required heading is missing.
 */
export function recordsOf<Field extends string>(
  table: string[][],
  columns: Record<Field, { headings: string[]; optional?: boolean }>,
  fold: (text: string) => string,
): { row: number; record: Partial<Record<Field, string>> }[] {
  const heading = (table[0] ?? []).map(fold);
  const places = new Map<Field, number>();
  for (const [field, { headings, optional }] of Object.entries(columns) as [
    Field,
    { headings: string[]; optional?: boolean },
  ][]) {
    const place = heading.findIndex((name) => headings.some((wanted) => fold(wanted) === name));
    if (place >= 0) places.set(field, place);
    else if (!optional) {
      throw wrong(`Thiếu cột “${headings[0]}”`, `The column "${headings[0]}" is missing`);
    }
  }
  return table.slice(1).map((cells, index) => {
    const record: Partial<Record<Field, string>> = {};
    for (const [field, place] of places) if (cells[place]) record[field] = cells[place];
    return { row: index + 2, record };
  });
}

/** A workbook of one sheet: a bold heading, then the rows; text never becomes a formula. */
export async function writeSheet(
  name: string,
  columns: { heading: string; width?: number }[],
  rows: (string | number | null | undefined)[][],
): Promise<Buffer> {
  const heading = columns.map((column): Cell => ({
    value: column.heading,
    type: String,
    fontWeight: 'bold',
    wrap: true,
    align: 'center',
    borderStyle: 'thin',
  }));
  const body = rows.map((row) =>
    row.map((value): Cell => {
      if (value === null || value === undefined || value === '') return { borderStyle: 'thin' };
      return typeof value === 'number'
        ? { value, type: Number, borderStyle: 'thin', alignVertical: 'top' }
        : { value, type: String, wrap: true, borderStyle: 'thin', alignVertical: 'top' };
    }),
  );
  return writeExcel(
    [heading, ...body],
    {
      sheet: name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31),
      columns: columns.map(({ width = 14 }) => ({ width })),
      stickyRowsCount: 1,
      orientation: 'landscape',
    },
    { fontFamily: 'Times New Roman', fontSize: 12 },
  ).toBuffer();
}

async function readWorkbook(content: Buffer): Promise<string[][]> {
  await refuseBomb(content);
  try {
    const sheets = await readExcel(content);
    return (sheets[0]?.data ?? []).map((row) => row.map(textOf));
  } catch (error) {
    if (error instanceof Invalid) throw error;
    throw wrong('Không đọc được tệp Excel', 'The workbook cannot be read');
  }
}

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return cell instanceof Date ? cell.toISOString().slice(0, 10) : String(cell);
}

/** A workbook is a zip: its declared sizes are added up before anything is unpacked. */
async function refuseBomb(content: Buffer) {
  let size = 0;
  let entries = 0;
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(content, { lazyEntries: true }, (error, opened) =>
      error
        ? reject(wrong('Không đọc được tệp Excel', 'The workbook cannot be read'))
        : resolve(opened),
    ),
  );
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry) => {
      size += entry.uncompressedSize;
      if (++entries > 2_000 || size > maxUnpackedBytes) {
        return reject(wrong('Tệp Excel quá lớn', 'The workbook is too large'));
      }
      zip.readEntry();
    });
    zip.on('end', resolve).on('error', reject);
    zip.readEntry();
  });
}

function readText(content: Buffer, toRow: number): string[][] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    const delimiter = /^[^\n]*;/.test(text) && !/^[^\n]*,/.test(text) ? ';' : ',';
    return parseCsv(text, {
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 100_000,
      to: toRow,
    });
  } catch {
    throw wrong(
      'Không đọc được tệp CSV (cần UTF-8, dấu phẩy hoặc chấm phẩy)',
      'The CSV file cannot be read (UTF-8, commas or semicolons)',
    );
  }
}

const wrong = (vi: string, en: string) => new Invalid([{ pointer: '/file', detail: { vi, en } }]);
