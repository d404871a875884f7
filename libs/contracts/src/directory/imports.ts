import { contract } from '../language/contract.js';
import { Choice, Count, Flag, List, Text } from '../language/fields.js';

export const importKinds = ['organisations', 'people', 'successions'] as const;

export class RunImport {
  @Choice(importKinds) kind: (typeof importKinds)[number];
  @Text({
    max: 2_000,
    description:
      'Ticket of the uploaded CSV or XLSX file. A heading that is missing or unknown is answered ' +
      'with the headings of its kind of table',
  })
  ticket: string;
  @Flag({ description: 'Only check: write nothing' }) dryRun: boolean = false;
}

export class ImportRow {
  @Count({ max: 100_000, description: 'Row in the file, the heading is 1' }) row: number;
  @Choice(['new', 'unchanged', 'wrong']) outcome: 'new' | 'unchanged' | 'wrong';
  @Text({ max: 200, optional: true }) what?: string;
  @Text({ max: 1_000, optional: true, description: 'What is wrong, in the language asked for' })
  problem?: string;
}

export class ImportReport {
  @Flag({ description: 'False when any row was wrong, or when only checked: nothing was written' })
  written: boolean;
  @Count({ max: 100_000 }) created: number;
  @Count({ max: 100_000 }) unchanged: number;
  @Count({ max: 100_000 }) wrong: number;
  @List(() => ImportRow, { max: 5_000 }) rows: ImportRow[];
}

export const imports = contract('directory.imports', {
  run: {
    summary: 'Import organisations, people with their posts, or successions from CSV or XLSX',
    route: 'POST /directory/imports',
    permission: 'directory.import',
    input: RunImport,
    output: ImportReport,
    timeoutMs: 60_000,
  },
});
