import { hkdfSync } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Invalid, SignInOver } from '@eoffice/contracts';
import { languageOf } from '@eoffice/platform/http-problems';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import secureSession from '@fastify/secure-session';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewaySettings } from '../config.js';
import { problemFrom, sendProblem } from '../routes/problem-replies.js';
import { factsOf } from '../routes/request-facts.js';
import { Handovers } from './handovers.js';
import { IdentityProvider, issuerOf, type SignInState } from './identity-provider.js';
import { codePage, problemPage } from './oidc-pages.js';

const path = '/v1/sessions/oidc';
/** How long somebody may take at the provider. */
const stateSeconds = 600;

interface Kept {
  state: SignInState;
  returnTo?: string;
}

// A browser comes here twice: to be sent to the province's identity provider, and from it. What must
// be remembered between the two lies in a cookie that only the gateway can read. The session itself
// never passes through an address: the frontend gets a code that counts once, for a minute, and
// exchanges it by POST.

/** Signs people in at the province's identity provider (OpenID Connect Core 1.0, code flow, PKCE). */
@Injectable()
export class OidcSignIn {
  constructor(
    private readonly provider: IdentityProvider,
    private readonly handovers: Handovers,
    private readonly settings: GatewaySettings,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  async mount(http: FastifyInstance) {
    await http.register(async (browsers: FastifyInstance) => {
      await browsers.register(secureSession, this.cookie());
      browsers.setErrorHandler((error, request, reply) => this.answerError(error, request, reply));
      browsers.addHook(
        'onSend',
        async (_, reply) => void reply.header('cache-control', 'no-store'),
      );
      const options = { exposeHeadRoute: false };
      browsers.get(path, options, (request, reply) => this.begin(request, reply));
      browsers.get(`${path}/callback`, options, (request, reply) => this.finish(request, reply));
    });
  }

  private async begin(request: FastifyRequest, reply: FastifyReply) {
    issuerOf(this.settings);
    const kept: Kept = { state: {}, returnTo: this.returnOf(request) };
    const address = await this.provider.begin(kept.state);
    request.session.set('kept', kept);
    return reply.redirect(address);
  }

  private async finish(request: FastifyRequest, reply: FastifyReply) {
    issuerOf(this.settings);
    const kept = request.session.get('kept');
    request.session.delete();
    const query = new URL(request.url, this.settings.publicUrl).searchParams;
    if (!query.has('code') && !query.has('error')) throw notFromProvider();
    if (!kept) throw new SignInOver();
    const identity = await this.provider.finish(kept.state, query);
    const code = await this.handovers.give(identity, factsOf(request));
    if (!kept.returnTo) {
      return reply.type('text/html; charset=utf-8').send(codePage(code, languageOf(request)));
    }
    const frontend = new URL(kept.returnTo);
    frontend.searchParams.set('code', code);
    return reply.redirect(frontend.href);
  }

  /** `?return=`: an address of a frontend we know. Throws Invalid for any other. */
  private returnOf({ query }: FastifyRequest): string | undefined {
    const { return: given } = query as { return?: string | string[] };
    if (given === undefined) return undefined;
    const { corsOrigins, publicUrl } = this.settings;
    const origins = [
      new URL(publicUrl).origin,
      ...corsOrigins.split(',').map((each) => each.trim()),
    ];
    const url = typeof given === 'string' && given.length <= 2_000 ? URL.parse(given) : null;
    const ours = url && /^https?:$/.test(url.protocol) && origins.includes(url.origin);
    if (!ours || url.username || url.password) throw foreignReturn();
    return url.href;
  }

  private cookie() {
    const { gatewaySecret, publicUrl } = this.settings;
    return {
      key: Buffer.from(hkdfSync('sha256', gatewaySecret, 'eoffice', 'oidc cookie', 32)),
      cookieName: 'eoffice-sign-in',
      expiry: stateSeconds,
      cookie: {
        path,
        httpOnly: true,
        sameSite: 'lax' as const,
        secure: publicUrl.startsWith('https:'),
        maxAge: stateSeconds,
      },
    };
  }

  /** People see a page, programs a problem. */
  private answerError(error: unknown, request: FastifyRequest, reply: FastifyReply) {
    const problem = problemFrom(error, (bug) =>
      this.log.error({ err: bug, request: request.id }, 'unexpected'),
    );
    if (!request.headers.accept?.includes('text/html')) return sendProblem(request, reply, problem);
    return reply
      .status(problem.status)
      .type('text/html; charset=utf-8')
      .send(problemPage(problem, languageOf(request)));
  }
}

declare module '@fastify/secure-session' {
  interface SessionData {
    kept: Kept;
  }
}

const foreignReturn = () =>
  new Invalid([
    {
      pointer: '/return',
      detail: {
        vi: 'phải là địa chỉ của một giao diện đã khai báo (CORS_ORIGINS)',
        en: 'must be an address of a frontend that is known (CORS_ORIGINS)',
      },
    },
  ]);
const notFromProvider = () =>
  new Invalid([{ pointer: '/code', detail: { vi: 'bắt buộc phải có', en: 'is required' } }]);
