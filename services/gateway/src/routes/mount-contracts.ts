import type { Readable } from 'node:stream';
import {
  type AsideFile,
  type Contract,
  Invalid,
  type Operation,
  planOf,
  Problem,
  routeOf,
  type StoredFile,
  subjectOf,
} from '@eoffice/contracts';
import { headersOf, type Services } from '@eoffice/platform/services';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem-replies.js';
import { factsOf } from './request-facts.js';
import { sendFile } from './send-file.js';

/** What routing needs of the rest of the gateway. */
export interface Ways {
  services: Services;
  /** The access token of a request, whichever way it was sent. Throws Unauthenticated. */
  tokenOf(request: FastifyRequest): Promise<string | undefined>;
  /** The one file of a request, laid aside until it is discarded. */
  layAside(request: FastifyRequest, maxBytes: number): Promise<Aside>;
  /** The content of a stored file. */
  open(sha256: string, range?: { start: number; end: number }): Promise<Readable>;
}

/** A file that lies aside, as an operation that takes one is told of it. */
export interface Aside extends AsideFile {
  discard(): Promise<void>;
}

// Routes are plain Fastify routes rather than Nest controllers made at run time: each does the same
// five lines, and the body of a request is passed on unread, because the service that knows its
// contract reads it anyway.

/** Mounts every operation that has a route. The gateway names no service: it walks the contracts. */
export function mountContracts(http: FastifyInstance, contracts: Contract[], ways: Ways) {
  for (const contract of contracts) {
    for (const [name, operation] of Object.entries(contract.operations)) {
      if (operation.route) mount(http, subjectOf(contract, name), operation, ways);
    }
  }
}

/** What the frame of a form may add to the file in it. */
const formBytes = 64 * 1024;

function mount(http: FastifyInstance, subject: string, operation: Operation, ways: Ways) {
  const { verb, path } = routeOf(operation);
  const textual = verb === 'GET' || verb === 'DELETE';
  const versioned = [...planOf(operation.input)].find(
    ([, field]) => field.header === 'If-Match',
  )?.[0];
  const { takes } = operation;
  http.route({
    method: verb as 'GET',
    url: path,
    ...(takes && {
      bodyLimit: takes.maxBytes + formBytes,
      config: { rateLimit: { max: takes.perMinute }, bodyMayTakeLong: true },
    }),
    handler: async (request, reply) => {
      const headers = headersOf({
        ...factsOf(request),
        token: await ways.tokenOf(request),
        idempotencyKey: verb === 'POST' ? idempotencyKeyOf(request) : undefined,
        traceparent: traceparentOf(request),
      });
      const beside: Record<string, unknown> = { ...(request.params as object) };
      if (versioned && request.headers['if-match']) beside[versioned] = versionOf(request);
      if (Object.keys(beside).length > 0) headers.set('path', JSON.stringify(beside));
      const ask = (body: string) => ways.services.send(subject, body, headers, operation.timeoutMs);
      const message = takes
        ? await withFile(request, takes.maxBytes, ways, ask)
        : await ask(textual ? JSON.stringify(request.query) : ((request.body as string) ?? ''));
      if (message.headers?.get('problem')) {
        return sendProblem(request, reply, Problem.from(message.json<Problem>()));
      }
      const etag = message.headers?.get('etag');
      if (etag) reply.header('etag', `"${etag}"`);
      reply.status(Number(message.headers?.get('status') ?? 200));
      return send(operation, request, reply, message.data, ways);
    },
  });
}

/** Asks with the file of a request, which is gone once there is an answer. */
async function withFile<Answer>(
  request: FastifyRequest,
  maxBytes: number,
  { layAside }: Ways,
  ask: (body: string) => Promise<Answer>,
): Promise<Answer> {
  const { aside, name, discard } = await layAside(request, maxBytes);
  try {
    return await ask(JSON.stringify({ aside, name }));
  } finally {
    await discard();
  }
}

async function send(
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  body: Uint8Array,
  { open }: Ways,
) {
  if (operation.replies === 'page') {
    const { html } = JSON.parse(Buffer.from(body).toString()) as { html: string };
    if (operation.takes) reply.header('cache-control', 'no-store');
    return reply.type('text/html; charset=utf-8').send(html);
  }
  if (operation.replies === 'file') {
    const file = JSON.parse(Buffer.from(body).toString()) as StoredFile;
    return sendFile(request, reply, file, open);
  }
  return reply.type('application/json; charset=utf-8').send(Buffer.from(body));
}

function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x20-\x7e]{1,200}$/.test(key)) return key;
  const detail = {
    vi: 'phải có từ 1 đến 200 ký tự ASCII in được',
    en: 'must be 1 to 200 printable ASCII characters',
  };
  throw new Invalid([{ pointer: '/Idempotency-Key', detail }]);
}

/** W3C Trace Context; whatever else was sent begins no trace. */
function traceparentOf({ headers: { traceparent } }: FastifyRequest): string | undefined {
  const right = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
  return typeof traceparent === 'string' && right.test(traceparent) ? traceparent : undefined;
}

function versionOf(request: FastifyRequest): number {
  const [, version] = /^(?:W\/)?"?(\d{1,15})"?$/.exec(request.headers['if-match']!) ?? [];
  if (version) return Number(version);
  const detail = {
    vi: 'phải là ETag của bản bạn đã đọc, như "3"',
    en: 'must be the ETag of the version you read, such as "3"',
  };
  throw new Invalid([{ pointer: '/If-Match', detail }]);
}
