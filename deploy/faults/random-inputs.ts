import {
  type Class,
  contracts,
  type Field,
  type Operation,
  planOf,
  routeOf,
  subjectOf,
} from '@eoffice/contracts';
import fc from 'fast-check';

/** An operation of the API, with what may be sent to it. */
export interface Target {
  name: string;
  verb: string;
  permission: string;
  /** The path with ids in it, and an input that is right in places and wild in others. */
  requests: fc.Arbitrary<{ path: string; input: unknown }>;
}

const wildText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('', ' ', '\ud800', '\u0000', 'a\u0301\u0323', "'; drop table book; --", '${7*7}'),
);

/** Every operation of the API. */
export function everyOperation(knownIds: string[]): Target[] {
  const id = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...knownIds) }, fc.uuid());
  return contracts.flatMap((contract) =>
    Object.entries(contract.operations).flatMap(([name, operation]: [string, Operation]) => {
      if (!operation.route) return [];
      const { verb, path } = routeOf(operation);
      const requests = fc
        .record({
          ids: fc.array(id, { minLength: 3, maxLength: 3 }),
          input: inputOf(operation.input, id),
        })
        .map(({ ids, input }) => ({ path: path.replace(/:\w+/g, () => ids.pop()!), input }));
      return [
        { name: subjectOf(contract, name), verb, permission: operation.permission, requests },
      ];
    }),
  );
}

/** Any JSON at all, or the fields of an input: each fitting, wild or left out. */
function inputOf(type: Class, id: fc.Arbitrary<string>, depth = 0): fc.Arbitrary<unknown> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, field] of planOf(type)) {
    if (name === 'after' || field.header) continue;
    const wild = fc.oneof(wildText, fc.jsonValue({ maxDepth: 2 }));
    const fitting = fittingValue(field, id, depth);
    fields[name] = fc.oneof({ weight: 49, arbitrary: fitting }, { weight: 1, arbitrary: wild });
  }
  const shaped = fc.record(fields, { requiredKeys: [] });
  const whole = fc.record(fields);
  return fc.oneof(
    { weight: 6, arbitrary: whole },
    { weight: 3, arbitrary: shaped },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
}

function fittingValue(field: Field, id: fc.Arbitrary<string>, depth: number) {
  const { schema, nested, list } = field;
  if (nested && depth < 3) {
    const part = inputOf(nested(), id, depth + 1);
    return list ? fc.array(part, { maxLength: 3 }) : part;
  }
  if (list)
    return fc.array(scalarOf((schema.items ?? {}) as Field['schema'], id), { maxLength: 3 });
  return scalarOf(schema, id);
}

function scalarOf(schema: Field['schema'], id: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const { type, format, minimum, maximum, minLength } = schema;
  const maxLength = schema.maxLength as number | undefined;
  if (schema.enum) return fc.constantFrom(...(schema.enum as string[]));
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer') {
    const [min, max] = [Number(minimum ?? 0), Number(maximum ?? 1_000)];
    return fc.oneof(fc.integer({ min, max: Math.min(max, min + 5) }), fc.constantFrom(min, max));
  }
  if (type === 'number') return fc.double();
  if (format === 'uuid') return id;
  if (format === 'date')
    return fc.constantFrom('2026-01-01', '0001-01-01', '9999-12-31', '2028-02-29');
  if (format === 'date-time')
    return fc.constantFrom(
      '2026-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999+14:00',
      '0001-01-01T00:00:00-12:00',
    );
  if (format === 'email') return fc.constantFrom('a@example.org', 'ngô@ví-dụ.vn');
  const words = ['CV', 'QĐ', 'TL', 'unit', '12345', 'UBND', 'Kế hoạch năm', 'x'.repeat(300)];
  const fitting = words.map((word) => word.padEnd(Number(minLength ?? 0), 'y').slice(0, maxLength));
  return fc.oneof(
    { weight: 29, arbitrary: fc.constantFrom(...fitting) },
    { weight: 1, arbitrary: wildText },
  );
}

/** An input as a query string; what is nested is written as JSON. */
export function queryOf(input: unknown): string {
  if (typeof input !== 'object' || input === null) return `?${encodeURIComponent(String(input))}`;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input)) {
    query.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return `?${query}`;
}
