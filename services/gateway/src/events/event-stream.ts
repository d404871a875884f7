import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import {
  type Caller,
  type CloudEvent,
  events,
  Forbidden,
  Invalid,
  TooMany,
  Unauthenticated,
  Unavailable,
} from '@eoffice/contracts';
import { Callers } from '@eoffice/platform/callers';
import { Database } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { isConnected, onConnectionLost, whileConnected } from '@eoffice/platform/nats';
import { eventStream } from '@eoffice/platform/outbox';
import { NatsClient, ServiceLog } from '@eoffice/platform/tokens';
import { DeliverPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TokenOf } from '../http/token-of.js';
import { factsOf } from '../routes/request-facts.js';
import { seesEvent } from './visibility.js';

const heartbeatMs = 15_000;
const streamsPerAccount = 5;
const permission = 'events.read';

interface Wish {
  /** The last event that the reader has. */
  after: number;
  /** What is written of an event; nothing when it is not the reader's business. */
  tell(message: JsMsg): Promise<string | undefined>;
  /** How long the reader's token lasts, in milliseconds. */
  forMs: number;
}

/** The live stream of events: `GET /v1/events`, server-sent events that resume by `Last-Event-ID`. */
@Injectable()
export class EventStream implements BeforeApplicationShutdown {
  private readonly open = new Map<string, number>();
  private readonly stopping = new AbortController();

  constructor(
    @Inject(NatsClient) private readonly nats: NatsConnection,
    private readonly callers: Callers,
    private readonly database: Database,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  mount(http: FastifyInstance, tokenOf: TokenOf) {
    http.get('/v1/events', async (request, reply) => {
      const caller = await this.admit(request, tokenOf);
      const after = afterOf(request) ?? (await this.lastEvent());
      const wanted = filterOf(request);
      const { exp } = await this.callers.claimsOf(caller.request.token!);
      this.enter(caller);
      reply.hijack();
      const tell = async (message: JsMsg) => {
        const event = message.json<CloudEvent>();
        if (!wanted(event.type) || !(await seesEvent(this.database, caller, event)))
          return undefined;
        return `id: ${message.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
      };
      const forMs = exp * 1000 - Date.now();
      await this.send(request, reply, { after, tell, forMs }).finally(() => this.leave(caller));
    });
  }

  /** Readers would keep the HTTP server from closing; they come back to another process. */
  beforeApplicationShutdown() {
    this.stopping.abort();
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

  /** The stream ends with the token it was opened with: what somebody may read is asked again. */
  private async send(request: FastifyRequest, reply: FastifyReply, { after, tell, forMs }: Wish) {
    const { raw } = reply;
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
    const gone = new AbortController();
    raw.once('close', () => gone.abort());
    const expired = setTimeout(() => gone.abort(), forMs);
    const closed = AbortSignal.any([gone.signal, this.stopping.signal]);
    const texts = this.eventsAfter(after, closed, tell);
    await pipeline(Readable.from(texts), raw).catch((error) => {
      if (!closed.aborted) this.log.warn({ err: error, request: request.id }, 'event stream broke');
    });
    gone.abort();
    clearTimeout(expired);
    clearInterval(heartbeat);
  }

  /** What is to be told of each event after one, across restarts of NATS, until `closed`. */
  private async *eventsAfter(after: number, closed: AbortSignal, tell: Wish['tell']) {
    for (let last = after; !closed.aborted; await wait(250)) {
      if (!isConnected(this.nats)) continue;
      const messages = await this.consumeAfter(last);
      const close = () => void messages.close();
      const forget = onConnectionLost(this.nats, close);
      closed.addEventListener('abort', close);
      try {
        if (closed.aborted) return;
        for await (const message of messages) {
          const text = await tell(message);
          if (text) yield text;
          last = message.seq;
        }
      } finally {
        forget();
        closed.removeEventListener('abort', close);
        close();
      }
    }
  }

  /** The number of an event is its place in JetStream's history, so whoever comes back misses nothing. */
  private async consumeAfter(given: number) {
    const last = await this.lastEvent();
    // A history that ends before what was already read is a new one: all of it is news.
    const start = given <= last ? given + 1 : 1;
    const consumer = await jetstream(this.nats).consumers.get(eventStream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: start,
    });
    return consumer.consume({ max_messages: 100 });
  }

  /** The number of the newest event. Throws Unavailable. */
  private async lastEvent(): Promise<number> {
    try {
      const ask = async () => (await jetstreamManager(this.nats)).streams.info(eventStream);
      const { state } = await whileConnected(this.nats, ask);
      return state.last_seq;
    } catch (error) {
      throw Object.assign(new Unavailable(), { cause: error });
    }
  }
}

/** The last event a reader has: `Last-Event-ID`, 0 before the first; undefined for only what is new. */
function afterOf({ headers, query }: FastifyRequest): number | undefined {
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
  return Number(given);
}

/** `?types=documents.*,mail.mailboxes.*`: beginnings of types, or whole ones. Throws Invalid. */
function filterOf({ query }: FastifyRequest): (type: string) => boolean {
  const { types } = query as { types?: string | string[] };
  if (!types) return () => true;
  const wanted = String(types)
    .split(',', 100)
    .map((each) => each.trim());
  const unknown = wanted.find((each) => !events.some(({ type }) => isOf(each, type)));
  if (unknown !== undefined) throw noSuchEvent(unknown);
  return (type) => wanted.some((each) => isOf(each, type));
}

const isOf = (wanted: string, type: string) =>
  wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;

const noSuchEvent = (wanted: string) =>
  new Invalid([
    {
      pointer: '/types',
      detail: {
        vi: `không có sự kiện nào là “${wanted.slice(0, 100)}”; xem /events.json`,
        en: `no event is "${wanted.slice(0, 100)}"; see /events.json`,
      },
    },
  ]);
