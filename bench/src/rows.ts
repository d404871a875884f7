/** What a claim must keep to; without a limit it is told for information. */
export interface Limit {
  atLeast?: number;
  atMost?: number;
}

/** One claim: what was measured, in which unit, and the limit it is held against. */
export interface Row {
  claim: string;
  measured: number;
  unit: string;
  limit?: Limit;
  /** How it came about, in a few words. */
  note?: string;
}

/** Whether a claim keeps to its limit; one without a limit always does. */
export function holds({ measured, limit }: Row): boolean {
  if (!Number.isFinite(measured)) return false;
  return measured >= (limit?.atLeast ?? -Infinity) && measured <= (limit?.atMost ?? Infinity);
}

/** The rows as a table for people. */
export function tableOf(rows: Row[]): string {
  const cells = rows.map((row) => [
    row.limit ? (holds(row) ? '✓' : '✗') : ' ',
    row.claim,
    `${figure(row.measured)} ${row.unit}`,
    limitOf(row),
    row.note ?? '',
  ]);
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths![column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function limitOf({ limit, unit }: Row): string {
  if (limit?.atLeast !== undefined) return `≥ ${figure(limit.atLeast)} ${unit}`;
  return limit?.atMost === undefined ? '' : `≤ ${figure(limit.atMost)} ${unit}`;
}

const figure = (value: number) =>
  Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
