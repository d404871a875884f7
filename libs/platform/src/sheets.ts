import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Invalid } from '@eoffice/contracts/language/problem';
import { parse as parseCsv } from 'csv-parse/sync';
import readExcel from 'read-excel-file/node';
import { looksMisread, nfc } from './text.js';
import { unzip, zipOf } from './zip.js';

// Tables come in and go out as XLSX or CSV; what comes in is hostile until it is counted.

/** How much of a table is taken: rows with the heading, columns, and bytes once unpacked. */
export interface SheetLimits {
  maxRows: number;
  maxColumns?: number;
}

const unpacked = { maxEntries: 2_000, maxBytes: 50 * 1024 * 1024 };
export const spreadsheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/**
 * Reads the first sheet of a workbook, or a CSV file in UTF-8, as rows of trimmed NFC text. Blank rows
 * between others stay, so that rows are counted as whoever made the table sees them.
 * Dates become `yyyy-MM-dd`. Throws Invalid for what is no table, misread or beyond the limits.
 */
export async function readSheet(
  content: Buffer,
  mediaType: string,
  { maxRows, maxColumns = 60 }: SheetLimits,
): Promise<string[][]> {
  const rows =
    mediaType === spreadsheet ? await readWorkbook(content) : readText(content, maxRows + 1);
  const table = rows.map((row) => row.map((cell) => nfc(cell).trim()));
  while (table.length > 0 && isBlank(table.at(-1)!)) table.pop();
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
  return table.slice(1).flatMap((cells, index) => {
    const record: Partial<Record<Field, string>> = {};
    for (const [field, place] of places) if (cells[place]) record[field] = cells[place];
    return isBlank(cells) ? [] : [{ row: index + 2, record }];
  });
}

const isBlank = (row: string[]) => row.every((cell) => cell === '');

/** A workbook of one sheet: a bold heading, then the rows; text never becomes a formula. */
export async function writeSheet(
  name: string,
  columns: { heading: string; width?: number }[],
  rows: (string | number | null | undefined)[][],
): Promise<Buffer> {
  const worker = new Worker(new URL('./write-sheet.mjs', import.meta.url), {
    workerData: { name, columns, rows },
  });
  const [content] = (await once(worker, 'message')) as [Uint8Array];
  return Buffer.from(content);
}

/** The reader of workbooks unpacks whatever there is, so it is given what was unpacked and counted. */
async function readWorkbook(content: Buffer): Promise<string[][]> {
  try {
    const sheets = await readExcel(zipOf(await unzip(content, unpacked)));
    return (sheets[0]?.data ?? []).map((row) => row.map(textOf));
  } catch {
    throw wrong(
      'Không đọc được tệp Excel, hoặc tệp quá lớn',
      'The workbook cannot be read, or is too large',
    );
  }
}

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return cell instanceof Date ? cell.toISOString().slice(0, 10) : String(cell);
}

function readText(content: Buffer, toRow: number): string[][] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    const delimiter = /^[^\n]*;/.test(text) && !/^[^\n]*,/.test(text) ? ';' : ',';
    return parseCsv(text, {
      bom: true,
      delimiter,
      relax_column_count: true,
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
