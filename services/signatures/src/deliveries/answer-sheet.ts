import type { AnswerOutcome, LineAnswer } from '@eoffice/contracts';
import { recordsOf, type SheetColumns } from '@eoffice/platform/sheets';
import { fold } from '@eoffice/platform/text';

const outcomes = new Map<string, AnswerOutcome>([
  ['accepted', 'accepted'],
  ['chap nhan', 'accepted'],
  ['duoc chap nhan', 'accepted'],
  ['dong y', 'accepted'],
  ['rejected', 'rejected'],
  ['tu choi', 'rejected'],
  ['bi tu choi', 'rejected'],
  ['device_ready', 'device_ready'],
  ['co thiet bi', 'device_ready'],
  ['da cap', 'device_ready'],
]);

/** One row of an answer sheet: which line it names and what was answered, or what is wrong. */
export interface AnswerRow {
  row: number;
  reference?: string;
  place?: { year: number; number: number; ordinal: number };
  answer?: Omit<LineAnswer, 'lineId'>;
  problem?: string;
}

const columns: SheetColumns<'reference' | 'outcome' | 'reason' | 'deviceSerial'> = {
  reference: { headings: ['Mã dòng', 'Reference'] },
  outcome: { headings: ['Kết quả', 'Outcome'] },
  reason: { headings: ['Lý do từ chối', 'Reason', 'Lý do'], optional: true },
  deviceSerial: { headings: ['Số hiệu thiết bị cấp', 'Device serial'], optional: true },
};

/**
 * Reads the provider's answers out of a table, which may be the one we sent, with all its columns.
 * Throws Invalid when a heading is missing.
 */
export function answersIn(table: string[][]): AnswerRow[] {
  return recordsOf(table, columns, true).map(({ row, record }) => {
    const { reference, outcome, reason, deviceSerial } = record;
    const [, year, number, ordinal] = /^(\d{4})-(\d{1,6})\/(\d{1,4})$/.exec(reference ?? '') ?? [];
    if (!year) return { row, reference, problem: 'Mã dòng không đúng dạng 2026-7/2' };
    const known = outcomes.get(fold(outcome ?? ''));
    if (!known) {
      const problem = `Kết quả “${outcome ?? ''}” không thuộc: chấp nhận, từ chối, có thiết bị`;
      return { row, reference, problem };
    }
    if ((reason?.length ?? 0) > 300 || (deviceSerial?.length ?? 0) > 100)
      return { row, reference, problem: 'Lý do hoặc số hiệu thiết bị quá dài' };
    const place = { year: Number(year), number: Number(number), ordinal: Number(ordinal) };
    return { row, reference, place, answer: { outcome: known, reason, deviceSerial } };
  });
}
