import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TooMany } from '@eoffice/contracts';
import { Callers } from '@eoffice/platform/callers';
import { refuseAddress, refuseConnection } from '@eoffice/platform/http-problems';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MailSettings } from '../../config.js';
import { Api } from './api.js';
import { BlobRoutes } from './blob-routes.js';
import { EventSource } from './event-source.js';
import { answerProblems } from './http-answers.js';

const closingMs = 8_000;

/**
 * JMAP over HTTP, on a port of its own, to which the gateway hands it on: octets of mail never pass
 * through NATS.
 */
@Injectable()
export class JmapEdge implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private http?: FastifyInstance;

  constructor(
    private readonly settings: MailSettings,
    private readonly api: Api,
    private readonly blobs: BlobRoutes,
    private readonly events: EventSource,
    private readonly callers: Callers,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  async onApplicationBootstrap() {
    const { jmapPort: port, httpHost: host, trustedProxies } = this.settings;
    const trustProxy = trustedProxies.split(',').map((each) => each.trim());
    const adapter = new FastifyAdapter({
      ...{ trustProxy, routerOptions: { maxParamLength: 2_000 } },
      ...{ requestTimeout: 600_000, connectionTimeout: 75_000, keepAliveTimeout: 72_000 },
      http: { headersTimeout: 15_000, connectionsCheckingInterval: 5_000 },
      ...{ return503OnClosing: false, clientErrorHandler: refuseConnection },
      frameworkErrors: refuseAddress,
    });
    const http = adapter.getInstance() as unknown as FastifyInstance;
    this.http = http;
    answerProblems(http, (error, request) =>
      this.log.error({ err: error, request: request.id }, 'unexpected'),
    );
    await this.protect(http);
    this.api.mount(http);
    this.blobs.mount(http);
    this.events.mount(http);
    await http.listen({ port, host });
    this.log.info({ url: this.url }, 'JMAP ready');
  }

  async beforeApplicationShutdown() {
    this.events.stop();
    const { http } = this;
    if (!http) return;
    const late = setTimeout(() => http.server.closeAllConnections(), closingMs).unref();
    await http.close();
    clearTimeout(late);
  }

  /** Where it listens. */
  get url(): string {
    return this.http!.listeningOrigin;
  }

  private async protect(http: FastifyInstance) {
    await http.register(rateLimit, {
      max: this.settings.jmapPerMinute,
      timeWindow: 60_000,
      keyGenerator: (request) => this.askerOf(request),
      errorResponseBuilder: () => new TooMany(),
    });
  }

  /** Whoever has a token that holds is counted by it; others by where they are. */
  private async askerOf({ headers, ip }: FastifyRequest): Promise<string> {
    const [, token] = /^Bearer +([\w.~+/=-]{8,12000})$/i.exec(headers.authorization ?? '') ?? [];
    const known = token && (await this.callers.claimsOf(token).catch(() => undefined));
    return known ? known.sub : ip;
  }
}
