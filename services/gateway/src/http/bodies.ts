import { isUtf8 } from 'node:buffer';
import { Invalid } from '@eoffice/contracts';
import { TooSlow } from '@eoffice/platform/http-problems';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendProblem } from '../routes/problem-replies.js';

const bodyBytes = 1024 * 1024;
const bodyMs = 15_000;

/** Bodies are passed on unread: the service that knows the contract reads them anyway. */
export function readBodiesAsText(http: FastifyInstance) {
  http.removeAllContentTypeParsers();
  http.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer', bodyLimit: bodyBytes },
    (_, body, done) => (isUtf8(body) ? done(null, body.toString()) : done(notUtf8())),
  );
  boundTime(http);
}

/** One that trickles in would hold its connection for as long as a large file may take. */
function boundTime(http: FastifyInstance) {
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>();
  http.addHook('preParsing', (request, reply, payload, done) => {
    if (request.method !== 'GET' && !request.routeOptions.config.bodyMayTakeLong) {
      const late = () =>
        reply.sent ? request.raw.destroy() : sendProblem(request, reply, new TooSlow());
      timers.set(request, setTimeout(late, bodyMs).unref());
    }
    done(null, payload);
  });
  const stop = (request: FastifyRequest) => clearTimeout(timers.get(request));
  http.addHook('preValidation', (request, _, done) => {
    stop(request);
    done();
  });
  http.addHook('onResponse', (request, _, done) => {
    if (request.raw.complete) stop(request);
    done();
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body of this route is a stream of files. */
    bodyMayTakeLong?: boolean;
  }
}

const notUtf8 = () =>
  new Invalid([
    { pointer: '', detail: { vi: 'không phải là UTF-8', en: 'is not encoded in UTF-8' } },
  ]);
