import type { Comparator, Filter } from '@eoffice/jmap/querying';
import type { JsonObject } from '@eoffice/jmap/json';
import * as shape from '@eoffice/jmap/shapes';
import type { SubmissionRow } from './submission-rows.js';

const ids = shape.list(shape.text(300), 1_000);

/** What submissions are looked for by (RFC 8621, 7.3). */
export const submissionConditions = {
  ...{ identityIds: ids, emailIds: ids, threadIds: ids },
  undoStatus: shape.oneOf('pending', 'final', 'canceled'),
  ...{ before: shape.utcDate, after: shape.utcDate },
};
export const submissionSorts = { emailId: {}, threadId: {}, sentAt: {}, sendAt: {} };

/** The ids of the submissions that a filter finds, in order. */
export function findSubmissions(
  rows: SubmissionRow[],
  filter: Filter | null,
  sort: Comparator[],
): string[] {
  const compare = (one: SubmissionRow, other: SubmissionRow) => {
    for (const { property, isAscending } of sort) {
      const difference = compareBy(property, one, other);
      if (difference !== 0) return isAscending ? difference : -difference;
    }
    return one.id < other.id ? 1 : -1;
  };
  return rows
    .filter((row) => !filter || matches(row, filter))
    .sort(compare)
    .map(({ id }) => id);
}

function compareBy(property: string, one: SubmissionRow, other: SubmissionRow): number {
  if (property === 'sentAt' || property === 'sendAt') {
    return one.sendAt.getTime() - other.sendAt.getTime();
  }
  const key = property === 'emailId' ? 'emailId' : 'threadId';
  if (one[key] === other[key]) return 0;
  return one[key] < other[key] ? -1 : 1;
}

function matches(row: SubmissionRow, filter: Filter): boolean {
  if ('condition' in filter) return fulfils(row, filter.condition);
  const { operator, conditions } = filter;
  if (operator === 'AND') return conditions.every((each) => matches(row, each));
  const some = conditions.some((each) => matches(row, each));
  return operator === 'OR' ? some : !some;
}

function fulfils(row: SubmissionRow, condition: JsonObject): boolean {
  const { identityIds, emailIds, threadIds, undoStatus, before, after } = condition;
  const among = (list: unknown, id: string) =>
    list === undefined || (list as string[]).includes(id);
  const at = row.sendAt.getTime();
  return (
    among(identityIds, row.identityId) &&
    among(emailIds, row.emailId) &&
    among(threadIds, row.threadId) &&
    (undoStatus === undefined || row.undoStatus === undoStatus) &&
    (before === undefined || at < Date.parse(before as string)) &&
    (after === undefined || at >= Date.parse(after as string))
  );
}
