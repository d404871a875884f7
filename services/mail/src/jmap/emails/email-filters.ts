import { wrongArgument } from '@eoffice/jmap/reading';
import type { Comparator, Filter } from '@eoffice/jmap/querying';
import type { JsonObject } from '@eoffice/jmap/json';
import * as shape from '@eoffice/jmap/shapes';
import { queryOf } from '../../search/query.js';
import { isUuid } from '../ids.js';

const words = shape.text(1_000);
const keyword = shape.text(255);

/** What emails are looked for by (RFC 8621, 4.4.1). */
export const emailConditions = {
  inMailbox: shape.text(255),
  inMailboxOtherThan: shape.list(shape.text(255), 1_000),
  ...{ before: shape.utcDate, after: shape.utcDate },
  ...{ minSize: shape.unsignedInt, maxSize: shape.unsignedInt },
  ...{ allInThreadHaveKeyword: keyword, someInThreadHaveKeyword: keyword },
  ...{ noneInThreadHaveKeyword: keyword, hasKeyword: keyword, notKeyword: keyword },
  hasAttachment: shape.flag,
  ...{ text: words, from: words, to: words, cc: words, bcc: words, subject: words, body: words },
  header: shape.list(words, 2),
};

const withKeyword = { keyword };

/** What emails are sorted by (4.4.2), and how that stands in a row. */
export const emailSorts = {
  ...{ receivedAt: {}, size: {}, from: {}, to: {}, subject: {}, sentAt: {} },
  hasKeyword: withKeyword,
  allInThreadHaveKeyword: withKeyword,
  someInThreadHaveKeyword: withKeyword,
};

/** Parameters of a statement, collected while it is written. */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown, type = 'text'): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

/** Whether emails in the same thread decide what is found. */
export function looksAtThreads(filter: Filter | null, sort: Comparator[]): boolean {
  const asks = (part: Filter): boolean =>
    'condition' in part
      ? Object.keys(part.condition).some((name) => name.includes('InThread'))
      : part.conditions.some(asks);
  return (
    (filter !== null && asks(filter)) || sort.some(({ property }) => property.includes('InThread'))
  );
}

/** A filter as a condition on `e`, an email of the mailbox `mailbox`. Throws MethodError. */
export function conditionOf(
  filter: Filter | null,
  mailbox: string,
  parameters: Parameters,
): string {
  if (filter === null) return 'true';
  if ('condition' in filter) {
    const parts = Object.entries(filter.condition).map(([name, value]) =>
      conditions[name as keyof typeof emailConditions](value as never, parameters, mailbox),
    );
    return parts.length > 0 ? `(${parts.join(' and ')})` : 'true';
  }
  const parts = filter.conditions.map((part) => conditionOf(part, mailbox, parameters));
  if (filter.operator === 'AND') return parts.length > 0 ? `(${parts.join(' and ')})` : 'true';
  const some = parts.length > 0 ? `(${parts.join(' or ')})` : 'false';
  return filter.operator === 'OR' ? some : `(not ${some})`;
}

type Write<T> = (value: T, parameters: Parameters, mailbox: string) => string;

const inThread = (mailbox: string, condition: string) =>
  `exists (select from email t where t.mailbox_id = ${mailbox} and t.thread_id = e.thread_id
     and ${condition})`;

const has = (name: string, value: string, parameters: Parameters) =>
  `${name}.keywords @> array[${parameters.add(value.toLowerCase())}]`;

/** Words as the index has them; what has no word in it finds everything. */
const found =
  (within?: 'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'body'): Write<string> =>
  (value, parameters, mailbox) => {
    const query = queryOf(value, { within });
    if (query === undefined) return 'true';
    return `exists (select from email_words w where w.mailbox_id = ${mailbox}
      and w.email_id = e.id and w.words @@ ${parameters.add(query, 'tsquery')})`;
  };

const conditions: {
  [Name in keyof typeof emailConditions]: Write<shape.Shaped<(typeof emailConditions)[Name]>>;
} = {
  inMailbox: (id, parameters, mailbox) =>
    isUuid(id)
      ? `exists (select from email_folder l where l.mailbox_id = ${mailbox} and l.email_id = e.id
          and l.folder_id = ${parameters.add(id, 'uuid')})`
      : 'false',
  inMailboxOtherThan: (ids, parameters, mailbox) =>
    `exists (select from email_folder l where l.mailbox_id = ${mailbox} and l.email_id = e.id
       and l.folder_id <> all (${parameters.add(ids.filter(isUuid), 'uuid[]')}))`,
  before: (moment, parameters) => `e.received_at < ${parameters.add(moment, 'timestamptz')}`,
  after: (moment, parameters) => `e.received_at >= ${parameters.add(moment, 'timestamptz')}`,
  minSize: (size, parameters) => `e.size >= ${parameters.add(size, 'bigint')}`,
  maxSize: (size, parameters) => `e.size < ${parameters.add(size, 'bigint')}`,
  hasKeyword: (name, parameters) => has('e', name, parameters),
  notKeyword: (name, parameters) => `not ${has('e', name, parameters)}`,
  someInThreadHaveKeyword: (name, parameters, mailbox) =>
    inThread(mailbox, has('t', name, parameters)),
  noneInThreadHaveKeyword: (name, parameters, mailbox) =>
    `not ${inThread(mailbox, has('t', name, parameters))}`,
  allInThreadHaveKeyword: (name, parameters, mailbox) =>
    `not ${inThread(mailbox, `not ${has('t', name, parameters)}`)}`,
  hasAttachment: (wanted) => (wanted ? 'e.has_attachment' : 'not e.has_attachment'),
  ...{ text: found(), from: found('from'), to: found('to'), cc: found('cc'), bcc: found('bcc') },
  ...{ subject: found('subject'), body: found('body') },
  header: ([name, value], parameters) => {
    if (!name || !/^[!-9;-~]{1,100}$/.test(name))
      throw wrongArgument('filter', 'header has no name');
    return headerCondition(name, value, parameters);
  },
};

/**
 * Any header field at all: the octets of the header are looked at, unfolded, without regard to case.
 * Words in another charset are found by the fields that are indexed.
 */
function headerCondition(name: string, value: string | undefined, parameters: Parameters): string {
  const field = name.toLowerCase().replace(/[^a-z0-9]/g, (sign) => `\\${sign}`);
  const escaped = (value ?? '').toLowerCase().replace(/[^\p{L}\p{N} ]/gu, (sign) => `\\${sign}`);
  const pattern = parameters.add(`\n${field}[ \t]*:[^\n]*${escaped}`);
  return `header_of(e.sha256) ~ ${pattern}`;
}

const keys: Record<string, string> = {
  ...{ receivedAt: 'e.received_at', size: 'e.size', sentAt: 'e.sent_at', from: 'e.from_key' },
  ...{ to: 'e.to_key', subject: 'e.subject_key' },
};

/** The order of results: what is asked for, then the newest first, always the same for equals. */
export function orderOf(sort: Comparator[], mailbox: string, parameters: Parameters): string {
  const parts = sort.map(({ property, isAscending, more }) => {
    const key = keys[property] ?? keywordKey(property, more, mailbox, parameters);
    return `${key} ${isAscending ? 'asc nulls first' : 'desc nulls last'}`;
  });
  const newest = sort.some(({ property, isAscending }) => property === 'receivedAt' && isAscending)
    ? 'e.id asc'
    : 'e.received_at desc, e.id desc';
  return [...parts, newest].join(', ');
}

function keywordKey(property: string, more: JsonObject, mailbox: string, parameters: Parameters) {
  const name = more.keyword as string;
  if (property === 'hasKeyword') return has('e', name, parameters);
  const write = conditions[property as 'allInThreadHaveKeyword'];
  return `(${write(name, parameters, mailbox)})`;
}
