import { once } from 'node:events';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  type Caller,
  type CloudEvent,
  Forbidden,
  Invalid,
  TooMany,
  Unauthenticated,
} from '@eoffice/contracts';
import { Callers } from '@eoffice/platform/callers';
import { Database } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { eventStream } from '@eoffice/platform/outbox';
import { NatsClient, ServiceLog } from '@eoffice/platform/tokens';
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TokenOf } from '../http/token-of.js';
import { factsOf } from '../routes/request-facts.js';
import { seesEvent } from './visibility.js';

const heartbeatMs = 15_000;
const streamsPerAccount = 5;
const permission = 'events.read';

interface Wish {
  start: number | undefined;
  wanted: (type: string) => boolean;
  /** When the caller's token ends, in milliseconds since 1970. */
  until: number;
}

/** The live stream of events: `GET /v1/events`, server-sent events that resume by `Last-Event-ID`. */
@Injectable()
export class EventStream implements OnApplicationShutdown {
  private readonly open = new Map<string, number>();
  private readonly closers = new Set<() => void>();

  constructor(
    @Inject(NatsClient) private readonly nats: NatsConnection,
    private readonly callers: Callers,
    private readonly database: Database,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  mount(http: FastifyInstance, tokenOf: TokenOf) {
    http.get('/v1/events', async (request, reply) => {
      const caller = await this.admit(request, tokenOf);
      const start = startOf(request);
      const wanted = filterOf(request);
      const { exp } = await this.callers.claimsOf(caller.request.token!);
      this.enter(caller);
      reply.hijack();
      await this.send(reply, caller, { start, wanted, until: exp * 1000 }).catch((error) =>
        this.log.warn({ err: error, request: request.id }, 'event stream broke'),
      );
      this.leave(caller);
    });
  }

  onApplicationShutdown() {
    for (const close of this.closers) close();
  }

  private async admit(request: FastifyRequest, tokenOf: TokenOf): Promise<Caller> {
    const caller = await this.callers.callerOf({
      ...factsOf(request),
      token: await tokenOf(request),
    });
    if (!caller.accountId) throw new Unauthenticated();
    if (!caller.may(permission)) throw new Forbidden();
    if ((this.open.get(caller.accountId) ?? 0) >= streamsPerAccount) {
      throw new TooMany({
        vi: `Mỗi tài khoản được mở tối đa ${streamsPerAccount} luồng sự kiện`,
        en: `An account may hold ${streamsPerAccount} event streams open`,
      });
    }
    return caller;
  }

  private enter({ accountId }: Caller) {
    this.open.set(accountId, (this.open.get(accountId) ?? 0) + 1);
  }

  private leave({ accountId }: Caller) {
    const left = (this.open.get(accountId) ?? 1) - 1;
    if (left > 0) this.open.set(accountId, left);
    else this.open.delete(accountId);
  }

  /**
   * An id is the place in JetStream's history, so a client that comes back misses nothing. The stream
   * ends with the token it was opened with: what somebody may read is asked again.
   */
  private async send(reply: FastifyReply, caller: Caller, { start, wanted, until }: Wish) {
    const { raw } = reply;
    const consumer = await jetstream(this.nats).consumers.get(eventStream, {
      deliver_policy: start ? DeliverPolicy.StartSequence : DeliverPolicy.New,
      opt_start_seq: start,
    });
    const messages = await consumer.consume({ max_messages: 100 });
    const stop = new AbortController();
    const close = () => {
      stop.abort();
      void messages.close();
    };
    this.closers.add(close);
    raw.on('close', close);
    const end = setTimeout(close, until - Date.now());
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) raw.setHeader(name, value);
    }
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write('retry: 2000\n\n');
    const heartbeat = setInterval(() => raw.write(': still here\n\n'), heartbeatMs);
    try {
      for await (const message of messages) {
        const event = message.json<CloudEvent>();
        if (!wanted(event.type) || !(await seesEvent(this.database, caller, event))) continue;
        const text = `id: ${message.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
        if (!raw.write(text)) await once(raw, 'drain', stop).catch(() => undefined);
        if (stop.signal.aborted) break;
      }
    } finally {
      clearInterval(heartbeat);
      clearTimeout(end);
      this.closers.delete(close);
      raw.end();
    }
  }
}

/** The first event to send: the one after `Last-Event-ID`; 0 for everything there is. */
function startOf({ headers, query }: FastifyRequest): number | undefined {
  const given = headers['last-event-id'] ?? (query as { after?: string }).after;
  if (given === undefined) return undefined;
  if (!/^\d{1,15}$/.test(String(given))) {
    throw new Invalid([
      {
        pointer: '/Last-Event-ID',
        detail: { vi: 'phải là số thứ tự sự kiện', en: 'must be the number of an event' },
      },
    ]);
  }
  return Number(given) + 1;
}

/** `?types=documents.*,mail.mailboxes.*`: beginnings of types, or whole ones. */
function filterOf({ query }: FastifyRequest): (type: string) => boolean {
  const { types } = query as { types?: string };
  if (!types) return () => true;
  const wanted = types.slice(0, 2_000).split(',');
  return (type) =>
    wanted.some((each) =>
      each.endsWith('*') ? type.startsWith(each.slice(0, -1)) : type === each,
    );
}
