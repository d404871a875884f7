import { Inject, Injectable } from '@nestjs/common';
import { RequestError } from '@eoffice/jmap/errors';
import { process } from '@eoffice/jmap/processing';
import { overLimit, parseRequest } from '@eoffice/jmap/requests';
import { sessionObject, sessionState } from '@eoffice/jmap/session';
import { Database } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contextOf } from './account.js';
import { Authentication } from './authentication.js';
import { Crowd } from './crowd.js';
import { limits } from '../limits.js';
import { MailMethods } from '../methods.js';
import { capabilities, sessionOf } from './session.js';

const known = new Set(Object.keys(capabilities));

/** The session and the API itself (RFC 8620, 2 and 3). */
@Injectable()
export class Api {
  private readonly busy = new Crowd(limits.maxConcurrentRequests);

  constructor(
    private readonly database: Database,
    private readonly authentication: Authentication,
    private readonly mail: MailMethods,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  mount(http: FastifyInstance) {
    http.get('/.well-known/jmap', (request) => this.session(request));
    http.get('/jmap/session', (request) => this.session(request));
    void http.register(async (json: FastifyInstance) => {
      json.removeAllContentTypeParsers();
      json.addContentTypeParser(
        'application/json',
        { parseAs: 'buffer', bodyLimit: limits.maxSizeRequest },
        (_, body, done) => done(null, body),
      );
      json.setErrorHandler((error: Error & { code?: string }) => {
        throw requestErrors[error.code ?? '']?.() ?? error;
      });
      json.post('/jmap/api', (request) => this.answer(request));
    });
  }

  private async session(request: FastifyRequest) {
    const context = await contextOf(this.database, await this.authentication.askerOf(request));
    return sessionObject(sessionOf(context), `${request.protocol}://${request.host}`);
  }

  private async answer(request: FastifyRequest) {
    const asker = await this.authentication.askerOf(request);
    const leave = this.busy.enter(asker.caller.personId);
    if (!leave) throw overLimit('maxConcurrentRequests');
    try {
      const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
      const asked = parseRequest(body, known, limits);
      const context = await contextOf(this.database, asker);
      const report = (error: unknown, method: string) =>
        this.log.error({ err: error, method, request: request.id }, 'unexpected');
      const answer = await process(asked, this.mail.methods, context, report);
      return { ...answer, sessionState: sessionState(sessionOf(context)) };
    } finally {
      leave();
    }
  }
}

const requestErrors: Record<string, () => RequestError> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new RequestError('notJSON', 'The content type must be application/json'),
  FST_ERR_CTP_BODY_TOO_LARGE: () => overLimit('maxSizeRequest'),
};
