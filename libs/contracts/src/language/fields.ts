import { isEmail, isISO8601, isUUID } from 'class-validator';
import type { Class } from './contract.js';
import type { Sentence } from './problem.js';

// One decorator per field says what is valid, what the documentation shows and what a reply may
// contain. The checks are class-validator's functions called directly: its decorators walk a global
// registry for every object, which costs more than the rest of a request's handling in the service.

export interface JsonSchema {
  type?: string | string[];
  [keyword: string]: unknown;
}

/** Tells a check where it is, and whether numbers may arrive as text (path and query). */
export interface Reading {
  textual: boolean;
  wrong(pointer: string, detail: Sentence): void;
}

/** What is known of one field of an input, an output, an event or the settings. */
export interface Field {
  optional: boolean;
  description?: string;
  schema: JsonSchema;
  /** The header this field travels in instead of the body or query. */
  header?: 'If-Match';
  /** The class of a nested field or of a list's items. */
  nested?: () => Class;
  list?: boolean;
  /** Never shown in logs and examples. */
  secret?: boolean;
  /** A right value, or how to make one, for whoever is told that theirs is wrong. */
  example?: string;
  /** Returns the clean value, or reports what is wrong. */
  check(value: unknown, pointer: string, reading: Reading): unknown;
}

export interface Common {
  optional?: boolean;
  description?: string;
  secret?: boolean;
  example?: string;
}

const known = new WeakMap<object, Map<string, Field>>();

/** The declared fields of a class, inherited ones first. */
export function fieldsOf(type: Class): ReadonlyMap<string, Field> {
  const inherited = Object.getPrototypeOf(type);
  const own = known.get(type);
  if (typeof inherited !== 'function' || inherited === Function.prototype) return own ?? new Map();
  return new Map([...fieldsOf(inherited as Class), ...(own ?? [])]);
}

/** Declares a field; every decorator below ends here. */
export function field(description: Omit<Field, 'optional'> & Common): PropertyDecorator {
  return (target, name) => {
    const type = target.constructor;
    if (!known.has(type)) known.set(type, new Map());
    known.get(type)!.set(String(name), { optional: false, ...description });
  };
}

const say = (vi: string, en: string): Sentence => ({ vi, en });

function scalar(
  common: Common,
  schema: JsonSchema,
  clean: (value: unknown, reading: Reading) => unknown,
  wrong: Sentence,
): PropertyDecorator {
  const check: Field['check'] = (value, pointer, reading) => {
    const result = clean(value, reading);
    if (result === undefined) reading.wrong(pointer, wrong);
    return result;
  };
  return field({ ...common, schema, check });
}

/** Longer runs of marks than any language writes (UAX #15, 13): to put them in order is slow. */
const endlessMarks = /\p{M}{31}/u;

/** Trimmed text in NFC, unless it is far longer than it may be: reading costs no more than it is worth. */
const text = (value: unknown, max: number): string | undefined => {
  if (typeof value !== 'string' || value.length > 4 * max + 100) return undefined;
  if (value.includes('\0') || !value.isWellFormed() || endlessMarks.test(value)) return undefined;
  return value.normalize('NFC').trim();
};

const matching =
  (test: (value: string) => boolean, max = 300) =>
  (value: unknown) => {
    const clean = text(value, max);
    return clean !== undefined && test(clean) ? clean : undefined;
  };

/** A UUID. */
export const Id = (common: Common = {}) =>
  scalar(
    common,
    { type: 'string', format: 'uuid' },
    matching((value) => isUUID(value)),
    say('phải là mã định danh UUID', 'must be a UUID'),
  );

/** Text in NFC, trimmed, of `min` to `max` characters (code points, as Nghị định 30/2020 counts). */
export const Text = ({
  min = 1,
  max,
  pattern,
  ...common
}: Common & { min?: number; max: number; pattern?: RegExp }) =>
  scalar(
    common,
    { type: 'string', minLength: min, maxLength: max, pattern: pattern?.source },
    matching((value) => {
      const length = value.length <= max ? value.length : [...value].length;
      return length >= min && length <= max && (!pattern || pattern.test(value));
    }, max),
    pattern
      ? say(`không đúng dạng ${pattern.source}`, `must match ${pattern.source}`)
      : say(
          `phải là văn bản từ ${min} đến ${max} ký tự`,
          `must be text of ${min} to ${max} characters`,
        ),
  );

/** A calendar date `yyyy-MM-dd`, without a time or zone. */
export const Day = (common: Common = {}) =>
  scalar(
    common,
    { type: 'string', format: 'date' },
    matching((value) => /^\d{4}-\d\d-\d\d$/.test(value) && isISO8601(value, { strict: true })),
    say('phải là ngày dạng năm-tháng-ngày', 'must be a date, yyyy-MM-dd'),
  );

/** A moment: RFC 3339 with a zone; a Date in replies is written in UTC. */
export const Moment = (common: Common = {}) =>
  scalar(
    common,
    { type: 'string', format: 'date-time' },
    matching(
      (value) =>
        /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
        isISO8601(value, { strict: true }) &&
        !Number.isNaN(Date.parse(value)),
    ),
    say('phải là thời điểm có múi giờ', 'must be a date and time with a zone'),
  );

/** An e-mail address. */
export const Email = (common: Common = {}) =>
  scalar(
    common,
    { type: 'string', format: 'email', maxLength: 254 },
    matching((value) => isEmail(value)),
    say('phải là địa chỉ thư điện tử', 'must be an e-mail address'),
  );

/** A whole number. */
export const Count = ({ min = 0, max, ...common }: Common & { min?: number; max: number }) =>
  scalar(
    common,
    { type: 'integer', minimum: min, maximum: max },
    (value, { textual }) => {
      const number = textual && typeof value === 'string' && value !== '' ? Number(value) : value;
      return Number.isSafeInteger(number) && (number as number) >= min && (number as number) <= max
        ? number
        : undefined;
    },
    say(`phải là số nguyên từ ${min} đến ${max}`, `must be a whole number, ${min} to ${max}`),
  );

/** A measured number, for replies and events. */
export const Measure = (common: Common = {}) =>
  scalar(
    common,
    { type: 'number' },
    (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
    say('phải là số', 'must be a number'),
  );

/** Yes or no. */
export const Flag = (common: Common = {}) =>
  scalar(
    common,
    { type: 'boolean' },
    (value, { textual }) =>
      typeof value === 'boolean'
        ? value
        : textual && (value === 'true' || value === 'false')
          ? value === 'true'
          : undefined,
    say('phải là true hoặc false', 'must be true or false'),
  );

/** One of a closed list of codes. */
export const Choice = (values: readonly string[], common: Common = {}) =>
  scalar(
    common,
    { type: 'string', enum: [...values] },
    (value) => (values.includes(value as string) ? value : undefined),
    say(`phải là một trong: ${values.join(', ')}`, `must be one of: ${values.join(', ')}`),
  );

/** The version the caller has read; travels as the ETag and comes back as If-Match. */
export const Version = ({ optional = false }: { optional?: boolean } = {}) =>
  field({
    optional,
    header: 'If-Match',
    description: 'The version you read, from the ETag',
    schema: { type: 'integer', minimum: 1 },
    check: (value, pointer, { wrong }) => {
      if (Number.isSafeInteger(value) && (value as number) >= 1) return value;
      wrong(pointer, say('phải là phiên bản đã đọc', 'must be the version you read'));
    },
  });

/** The SHA-256 of a file's content, in hexadecimal. */
export const Hash = (common: Common = {}) =>
  scalar(
    common,
    { type: 'string', pattern: '^[0-9a-f]{64}$' },
    matching((value) => /^[0-9a-f]{64}$/.test(value)),
    say('phải là mã băm SHA-256', 'must be a SHA-256 in hexadecimal'),
  );

/** An object with fields of its own. */
export const Part = (type: () => Class, common: Common = {}) =>
  field({
    ...common,
    schema: {},
    nested: type,
    check: (value, pointer, reading) => read(type(), value, reading, pointer),
  });

/** Any JSON object up to a size in characters: diagnostic data, never a domain fact. */
export const Facts = ({ max = 4_000, ...common }: Common & { max?: number } = {}) =>
  scalar(
    common,
    { type: 'object', additionalProperties: true },
    (value) =>
      typeof value === 'object' && value !== null && JSON.stringify(value).length <= max
        ? value
        : undefined,
    say(
      `phải là đối tượng JSON tối đa ${max} ký tự`,
      `must be a JSON object up to ${max} characters`,
    ),
  );

/** A list of parts, or of values checked like one field: `@List(() => Line, { max: 500 })`. */
export const List = (
  item: (() => Class) | PropertyDecorator,
  { min = 0, max, ...common }: Common & { min?: number; max: number },
) => {
  const single = item.length === 0 ? undefined : fieldOfDecorator(item as PropertyDecorator);
  const nested = single ? undefined : (item as () => Class);
  const wrong = say(`phải có từ ${min} đến ${max} mục`, `must be a list of ${min} to ${max} items`);
  return field({
    ...common,
    list: true,
    nested,
    schema: { type: 'array', minItems: min, maxItems: max, items: single?.schema },
    check: (value, pointer, reading) => {
      const items = reading.textual && typeof value === 'string' ? value.split(',') : value;
      if (!Array.isArray(items) || items.length < min || items.length > max) {
        return reading.wrong(pointer, wrong);
      }
      return items.map((each, index) =>
        nested
          ? read(nested(), each, reading, `${pointer}/${index}`)
          : single!.check(each, `${pointer}/${index}`, reading),
      );
    },
  });
};

function fieldOfDecorator(decorate: PropertyDecorator): Field {
  class Single {}
  decorate(Single.prototype, 'value');
  return known.get(Single)!.get('value')!;
}

/** Reads one object by its declared fields; what is not declared is refused, not dropped. */
export function read(type: Class, value: unknown, reading: Reading, pointer = ''): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return reading.wrong(pointer, say('phải là một đối tượng', 'must be an object'));
  }
  const source = value as Record<string, unknown>;
  const result = new (type as new () => Record<string, unknown>)();
  const fields = planOf(type);
  for (const name of Object.keys(source)) {
    if (!fields.has(name)) {
      reading.wrong(
        `${pointer}/${name.slice(0, 100)}`,
        say('trường này không có trong hợp đồng', 'is not a known field'),
      );
    }
  }
  for (const [name, field] of fields) {
    const given = Object.hasOwn(source, name) ? source[name] : undefined;
    if (given === undefined || given === null || given === '') {
      if (given === '' && field.schema.minLength === 0) result[name] = '';
      else if (!field.optional && result[name] === undefined) {
        reading.wrong(`${pointer}/${name}`, say('bắt buộc phải có', 'is required'));
      }
      continue;
    }
    result[name] = field.check(given, `${pointer}/${name}`, reading);
  }
  return result;
}

const plans = new WeakMap<Class, ReadonlyMap<string, Field>>();

/** `fieldsOf`, remembered: the decorators have run once the first request is read. */
export function planOf(type: Class): ReadonlyMap<string, Field> {
  let plan = plans.get(type);
  if (!plan) plans.set(type, (plan = fieldsOf(type)));
  return plan;
}
