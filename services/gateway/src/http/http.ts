import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { contracts, NotFound, Problem, TooMany } from '@eoffice/contracts';
import { Callers } from '@eoffice/platform/callers';
import { FileStore } from '@eoffice/platform/files';
import type { Log } from '@eoffice/platform/log';
import { Services } from '@eoffice/platform/services';
import { ServiceLog } from '@eoffice/platform/tokens';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiKeys } from '../accounts/api-keys.js';
import { OidcSignIn } from '../accounts/oidc-sign-in.js';
import { GatewaySettings } from '../config.js';
import { EventStream } from '../events/event-stream.js';
import { Uploads } from '../files/uploads.js';
import { passJmapOn } from '../jmap/pass-through.js';
import { mountReference } from '../openapi/reference.js';
import { answerProblems, problemFrom, sendProblem } from '../routes/problem-replies.js';
import { mountContracts } from '../routes/mount-contracts.js';
import { readBodiesAsText } from './bodies.js';
import { type TokenOf, tokenReader } from './token-of.js';

/** Problems also for what Nest answers itself: unknown routes outside the API, and its own errors. */
@Catch()
class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost) {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem =
      error instanceof HttpException && error.getStatus() === 404
        ? noRoute(request)
        : problemFrom(error, (bug) => this.log.error({ err: bug, request: request.id }, 'bug'));
    return sendProblem(request, reply, problem);
  }
}

/** Builds the whole HTTP side of the gateway before it listens. */
export async function prepareHttp(app: NestFastifyApplication) {
  const settings = app.get(GatewaySettings);
  const log = app.get<Log>(ServiceLog);
  const root = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const tokenOf = tokenReader(app.get(ApiKeys));
  app.useGlobalFilters(new ProblemFilter(log));

  await root.register(async (http: FastifyInstance) => {
    answerProblems(http, (error, request) =>
      log.error({ err: error, request: request.id }, 'unexpected'),
    );
    readBodiesAsText(http);
    logRequests(http, log);
    await protect(http, settings, app.get(Callers), tokenOf);
    mountContracts(http, contracts, {
      services: app.get(Services),
      tokenOf,
      layAside: (request, maxBytes) => app.get(Uploads).layAside(request, maxBytes),
      open: (sha256, range) => app.get(FileStore).open(sha256, range),
    });
    await app.get(OidcSignIn).mount(http);
    await app.get(Uploads).mount(http, tokenOf);
    app.get(EventStream).mount(http, tokenOf);
    if (settings.mailJmapUrl) await passJmapOn(http, settings.mailJmapUrl, tokenOf);
    mountReference(http);
  });
}

function logRequests(http: FastifyInstance, log: Log) {
  http.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  http.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, ip, id } = request;
    const ms = Math.round(reply.elapsedTime);
    log.info(
      { method, route: routeOptions.url, status: reply.statusCode, ms, ip, request: id },
      'http',
    );
  });
}

async function protect(
  http: FastifyInstance,
  { corsOrigins, rateLimitPerMinute }: GatewaySettings,
  callers: Callers,
  tokenOf: TokenOf,
) {
  await http.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    crossOriginResourcePolicy: { policy: 'same-site' },
  });
  await http.register(cors, {
    origin: corsOrigins
      .split(',')
      .map((origin) => origin.trim())
      .filter(Boolean),
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [
      ...['ETag', 'X-Request-Id', 'Retry-After', 'Content-Disposition'],
      ...['Content-Length', 'Content-Range', 'Accept-Ranges'],
    ],
    maxAge: 600,
  });
  await http.register(rateLimit, {
    max: rateLimitPerMinute,
    timeWindow: 60_000,
    keyGenerator: async (request) => {
      const known = await tokenOf(request)
        .then((token) => (token ? callers.claimsOf(token) : undefined))
        .catch(() => undefined);
      return known ? known.sub : request.ip;
    },
    errorResponseBuilder: (_, { ttl }) => {
      const seconds = Math.ceil(ttl / 1000);
      return new TooMany({
        vi: `Hãy thử lại sau ${seconds} giây`,
        en: `Try again in ${seconds} seconds`,
      });
    },
  });
}

/** The problem of a request to nowhere. */
export function noRoute({ method, url }: FastifyRequest): Problem {
  const what = `${method} ${url.slice(0, 200)}`;
  return new NotFound({ vi: `Không có đường dẫn ${what}`, en: `There is no ${what}` });
}
