import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Invalid, type Problem, type Sentence } from '@eoffice/contracts/language/problem';
import { parse as parseCsv } from 'csv-parse/sync';
import readExcel from 'read-excel-file/node';
import { fold, looksMisread, nfc } from './text.js';
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
    const rows = maxRows - 1;
    throw wrong(
      `Bảng có hơn ${rows} dòng dưới tiêu đề`,
      `The table has more than ${rows} rows below its heading`,
    );
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

/** A column of a table that people fill in: the headings it may have, Vietnamese first, then English. */
export interface SheetColumn {
  headings: [vi: string, en: string, ...others: string[]];
  optional?: boolean;
}
export type SheetColumns<Field extends string> = Record<Field, SheetColumn>;

/** Columns that number the rows of a table say nothing, and may stay. */
const numbering = ['stt', 'tt', 'so thu tu', 'no', 'no.'];

/**
 * The rows below the heading as objects, found by the folded names of their columns. A heading that is
 * missing, unknown or there twice is named, with the headings there are: nobody shall believe that a
 * column was taken which was not, unless `othersStand`. Throws Invalid.
 */
export function recordsOf<Field extends string>(
  table: string[][],
  columns: SheetColumns<Field>,
  othersStand = false,
): { row: number; record: Partial<Record<Field, string>> }[] {
  const places = placesOf(table, columns, othersStand);
  return table.slice(1).flatMap((cells, index) => {
    const record: Partial<Record<Field, string>> = {};
    for (const [place, field] of places) if (cells[place]) record[field] = cells[place];
    return isBlank(cells) ? [] : [{ row: index + 2, record }];
  });
}

function placesOf<Field extends string>(
  table: string[][],
  columns: SheetColumns<Field>,
  othersStand: boolean,
) {
  const mayStand = (heading: string) => othersStand || numbering.includes(fold(heading));
  const fields = Object.keys(columns) as Field[];
  const places = new Map<number, Field>();
  const faults: Sentence[] = [];
  for (const [place, heading] of (table[0] ?? []).entries()) {
    const field = fields.find((each) =>
      columns[each].headings.some((known) => fold(known) === fold(heading)),
    );
    if (field && [...places.values()].includes(field)) {
      faults.push({ vi: `Hai cột “${heading}”`, en: `The column "${heading}" is there twice` });
    } else if (field) places.set(place, field);
    else if (!mayStand(heading) && table.some((cells) => cells[place])) {
      faults.push(unknownColumn(heading, columns));
    }
  }
  for (const field of fields) {
    const { headings, optional } = columns[field];
    if (optional || [...places.values()].includes(field)) continue;
    const [vi, en] = headings;
    faults.push({ vi: `Thiếu cột “${vi}”`, en: `The column "${en}" (${vi}) is missing` });
  }
  if (faults.length > 0) throw new Invalid(faults.map((detail) => ({ pointer: '/file', detail })));
  return places;
}

function unknownColumn(heading: string, columns: SheetColumns<string>): Sentence {
  const known = (language: 0 | 1) =>
    Object.values(columns)
      .map(({ headings }) => headings[language])
      .join('; ');
  return {
    vi: `Không có cột nào tên “${heading}”; các cột là: ${known(0)}`,
    en: `No column is called "${heading}"; the columns are: ${known(1)}`,
  };
}

/** What is wrong with a row, told by the headings of its columns and not by the names of fields. */
export function rowProblem(
  { errors, detail, title }: Problem,
  columns: Partial<SheetColumns<string>>,
  language: keyof Sentence,
): string {
  const nameOf = (pointer: string) => {
    const headings = columns[pointer.slice(1)]?.headings;
    return headings ? `“${headings[language === 'vi' ? 0 : 1]}”` : pointer.slice(1);
  };
  const named = errors?.map((error) => `${nameOf(error.pointer)} ${error.detail[language]}`);
  return named?.join('; ') ?? (detail ?? title)[language];
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
