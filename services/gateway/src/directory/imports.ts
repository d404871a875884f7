import { buffer } from 'node:stream/consumers';
import {
  type Caller,
  type ImportReport,
  type ImportRow,
  imports,
  Invalid,
  Problem,
  type RunImport,
} from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { FileTickets } from '@eoffice/platform/file-tickets';
import { Serves } from '@eoffice/platform/serves';
import { readSheet, recordsOf, rowProblem } from '@eoffice/platform/sheets';
import type { EntityManager } from 'typeorm';
import { columnsFor, type ImportRecord, writeRow } from './import-rows.js';

const maxRows = 5_001;
const maxBytes = 20 * 1024 * 1024;

/** Carries a report out of the transaction that must not be kept. */
class NotKept extends Error {
  constructor(readonly report: ImportReport) {
    super('rolled back');
  }
}

/** Imports tables of the directory: a report for every row, and all of them or nothing. */
@Serves(imports)
export class Imports {
  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
    private readonly tickets: FileTickets,
  ) {}

  async run({ kind, ticket, dryRun }: RunImport, caller: Caller): Promise<ImportReport> {
    const [file] = await this.tickets.filesOf([ticket], caller, '/ticket');
    if (file!.size > maxBytes) throw tooLarge();
    const content = await buffer(await this.files.open(file!.sha256));
    const table = await readSheet(content, file!.mediaType, { maxRows });
    const records = recordsOf(table, columnsFor(kind));
    try {
      return await this.database.transaction(caller, async (manager, emit, record) => {
        const rows: ImportRow[] = [];
        await manager.query('savepoint import_row');
        for (const { row, record: given } of records) {
          rows.push(await this.tryRow(kind, row, given, manager, emit, caller));
        }
        const report = reportOf(rows, dryRun);
        if (!report.written) throw new NotKept(report);
        const { created, unchanged } = report;
        record('directory.imported', file!.sha256, { kind, name: file!.name, created, unchanged });
        return report;
      });
    } catch (error) {
      if (error instanceof NotKept) return error.report;
      throw error;
    }
  }

  /** Each row has a savepoint behind it: one wrong row must not hide what is wrong with the next. */
  private async tryRow(
    kind: RunImport['kind'],
    row: number,
    given: ImportRecord,
    manager: EntityManager,
    emit: Emit,
    caller: Caller,
  ): Promise<ImportRow> {
    try {
      const { outcome, what } = await writeRow(kind, given, manager, emit, caller);
      await manager.query('release savepoint import_row; savepoint import_row');
      return { row, outcome, what };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await manager.query('rollback to savepoint import_row');
      const problem = rowProblem(error, columnsFor(kind), caller.request.language);
      return { row, outcome: 'wrong', what: given.name ?? given.code, problem };
    }
  }
}

function reportOf(rows: ImportRow[], dryRun: boolean): ImportReport {
  const count = (outcome: ImportRow['outcome']) =>
    rows.filter((row) => row.outcome === outcome).length;
  const wrong = count('wrong');
  return {
    written: wrong === 0 && !dryRun,
    created: count('new'),
    unchanged: count('unchanged'),
    wrong,
    rows,
  };
}

const tooLarge = () =>
  new Invalid([
    { pointer: '/ticket', detail: { vi: 'tệp quá 20 MB', en: 'the file is over 20 MB' } },
  ]);
