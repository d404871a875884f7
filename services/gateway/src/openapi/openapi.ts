import {
  type Class,
  commonProblems,
  type Contract,
  type Field,
  type JsonSchema,
  NotFound,
  type Operation,
  planOf,
  routeOf,
  subjectOf,
  VersionRequired,
} from '@eoffice/contracts';
import { besideContracts, uploadSchema } from './beside-contracts.js';

type Schemas = Record<string, JsonSchema>;

/** The OpenAPI 3.1 description of everything that has a route, made from the contracts. */
export function openApiOf(contracts: Contract[]): object {
  const schemas: Schemas = {};
  const paths: Record<string, Record<string, object>> = { ...besideContracts };
  for (const contract of contracts) {
    for (const [name, operation] of Object.entries(contract.operations)) {
      if (!operation.route) continue;
      const { verb, path } = routeOf(operation);
      const url = path.replace(/:(\w+)/g, '{$1}');
      paths[url] ??= {};
      paths[url][verb.toLowerCase()] = describe(contract, name, operation, schemas);
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'eOffice',
      version: '1',
      summary: 'Văn phòng điện tử của tỉnh · The electronic office of a province',
      license: { name: 'MPL-2.0', identifier: 'MPL-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: contracts.map(({ name }) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'An access token from POST /v1/sessions, or an API key (eok_…)',
        },
      },
      schemas: { ...sorted(schemas), Problem: problemSchema, Upload: uploadSchema },
    },
  };
}

function describe(contract: Contract, name: string, operation: Operation, schemas: Schemas) {
  const { summary, permission, input, status = 200 } = operation;
  const { verb, path } = routeOf(operation);
  const inPath = new Set([...path.matchAll(/:(\w+)/g)].map(([, each]) => each));
  const fields = [...planOf(input)];
  const inHeader = fields.filter(([, field]) => field.header);
  const rest = fields.filter(([each, field]) => !inPath.has(each) && !field.header);
  const bodied = verb !== 'GET' && verb !== 'DELETE';
  const parameters = [
    ...fields.filter(([each]) => inPath.has(each)).map((each) => parameter('path', ...each)),
    ...(bodied ? [] : rest.map((each) => parameter('query', ...each))),
    ...inHeader.map(([, field]) => header(field.header!, field, !field.optional)),
    ...(verb === 'POST' ? [idempotencyKey] : []),
  ];
  return {
    operationId: subjectOf(contract, name),
    tags: [contract.name],
    summary,
    description: `Permission: \`${permission}\``,
    ...(permission === 'public' ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(bodied && rest.length > 0 ? { requestBody: bodyOf(operation, rest, schemas) } : {}),
    responses: {
      [status]: replyOf(operation, schemas),
      ...problemsOf(operation, inHeader.length > 0),
    },
  };
}

function bodyOf({ input, takes }: Operation, rest: [string, Field][], schemas: Schemas) {
  if (takes) {
    const file = { type: 'string', format: 'binary', maxLength: takes.maxBytes };
    const schema = { type: 'object', properties: { file }, required: ['file'] };
    return { required: true, content: { 'multipart/form-data': { schema } } };
  }
  const whole = rest.length === planOf(input).size;
  const schema = whole ? reference(input, schemas) : objectOf(rest, schemas);
  return { required: true, content: { 'application/json': { schema } } };
}

function replyOf({ summary, output, replies = 'json' }: Operation, schemas: Schemas) {
  if (replies === 'page') return { description: summary, content: { 'text/html': {} } };
  if (replies === 'file') return { description: summary, content: { '*/*': {} } };
  const versioned = planOf(output).has('version');
  return {
    description: summary,
    ...(versioned ? { headers: { ETag: { schema: { type: 'string' } } } } : {}),
    content: { 'application/json': { schema: reference(output, schemas) } },
  };
}

function problemsOf({ errors = [] }: Operation, versioned: boolean) {
  const kinds = [...errors, ...commonProblems, ...(versioned ? [VersionRequired] : [])];
  const byStatus = new Map<number, string[]>();
  for (const kind of kinds) {
    const { declared } = kind as typeof NotFound;
    const titles = byStatus.get(declared.status) ?? [];
    byStatus.set(declared.status, [...titles, `\`${declared.type}\` ${declared.title.en}`]);
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, titles]) => [
        status,
        {
          description: [...new Set(titles)].join('; '),
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      ]),
  );
}

const parameter = (where: 'path' | 'query', name: string, field: Field) => ({
  name,
  in: where,
  required: where === 'path' || !field.optional,
  ...(field.description ? { description: field.description } : {}),
  ...(field.list && where === 'query' ? { style: 'form', explode: false } : {}),
  schema: field.schema,
});

const header = (name: string, { description }: Field, required: boolean) => ({
  name,
  in: 'header',
  required,
  description,
  schema: { type: 'string' },
});

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key gives the same answer for three days; nothing is done twice',
  schema: { type: 'string', maxLength: 200 },
};

/** The schema of a class, kept once under its name. */
export function reference(type: Class, schemas: Schemas): JsonSchema {
  const { name } = type;
  if (!(name in schemas)) {
    schemas[name] = {};
    schemas[name] = objectOf([...planOf(type)], schemas);
  }
  return { $ref: `#/components/schemas/${name}` };
}

function objectOf(fields: [string, Field][], schemas: Schemas): JsonSchema {
  const required = fields.filter(([, { optional }]) => !optional).map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, field]) => [name, schemaOf(field, schemas)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function schemaOf(field: Field, schemas: Schemas): JsonSchema {
  const { description, schema, nested, list, secret } = field;
  const shape = nested
    ? list
      ? { ...schema, items: reference(nested(), schemas) }
      : reference(nested(), schemas)
    : schema;
  return {
    ...shape,
    ...(description ? { description } : {}),
    ...(secret ? { format: 'password' } : {}),
  };
}

const sorted = (schemas: Schemas) =>
  Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));

const problemSchema = {
  type: 'object',
  description: 'RFC 9457, in Vietnamese or English by Accept-Language',
  properties: {
    type: { type: 'string', description: 'Stable: programs decide by it' },
    status: { type: 'integer' },
    title: { type: 'string' },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'Names the request, for those who keep the logs' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string', description: 'JSON pointer (RFC 6901) into the input' },
          detail: { type: 'string' },
        },
      },
    },
  },
};
