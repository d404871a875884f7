import { PassThrough } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { Invalid, TooMany } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { ServiceLog } from '@eoffice/platform/tokens';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accountsOf } from './account.js';
import { Authentication } from './authentication.js';
import { changedTypes, pushedTypes } from './changed-types.js';
import { Crowd } from './crowd.js';

const lookEveryMs = 500;
const streamsOfOne = 10;
/** A connection on which nothing moves is cut on the way. */
const quietMs = 25_000;
const [leastPingS, mostPingS] = [5, 300];

/** A reader of the stream, and the states that it knows. */
interface Reader {
  known: Map<string, string>;
  types: ReadonlySet<string>;
  once: boolean;
  out: PassThrough;
}

/**
 * Tells what has changed, by server-sent events (RFC 8620, 7.3). All readers are served by one look
 * at the states of their mailboxes twice a second: to be notified of every state instead would make
 * each delivery wait for the one before it to commit.
 */
@Injectable()
export class EventSource {
  private readonly readers = new Set<Reader>();
  private readonly crowd = new Crowd(streamsOfOne);
  private timer?: NodeJS.Timeout;
  private looking = false;
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly authentication: Authentication,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  mount(http: FastifyInstance) {
    http.get('/jmap/events', (request, reply) => this.open(request, reply));
  }

  /** Ends every stream: their readers come back to another process. */
  stop() {
    this.stopped = true;
    clearInterval(this.timer);
    for (const { out } of this.readers) out.end();
  }

  /** Looks now: something was changed in this process. */
  wake() {
    if (this.readers.size > 0) void this.look();
  }

  private async open(request: FastifyRequest, reply: FastifyReply) {
    const asker = await this.authentication.askerOf(request);
    const { caller } = asker;
    const { types, once, pingS } = wishOf(request);
    const accounts = await accountsOf(this.database, asker);
    const states = await this.statesOf(accounts.map(({ id }) => id));
    const since = lastEventOf(request);
    const known = new Map([...states].map(([id, state]) => [id, since.get(id) ?? state]));
    const leave = this.crowd.enter(caller.personId);
    if (!leave) throw new TooMany();
    const out = new PassThrough();
    const reader = { known, types, once, out };
    this.readers.add(reader);
    const ended = setTimeout(
      () => out.end(),
      (await this.authentication.endOf(caller)) - Date.now(),
    ).unref();
    const quiet = setInterval(() => out.write(': still here\n\n'), quietMs).unref();
    const ping = pingS && setInterval(() => out.write(pingOf(pingS)), pingS * 1_000).unref();
    out.once('close', () => {
      this.readers.delete(reader);
      leave();
      clearTimeout(ended);
      clearInterval(quiet);
      if (ping) clearInterval(ping);
    });
    out.write(': open\n\n');
    if (this.stopped) out.end();
    this.timer ??= setInterval(() => void this.look(), lookEveryMs).unref();
    if (since.size > 0) this.wake();
    return reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(out);
  }

  private async look() {
    if (this.looking || this.readers.size === 0) return;
    this.looking = true;
    try {
      const ids = new Set([...this.readers].flatMap(({ known }) => [...known.keys()]));
      const states = await this.statesOf([...ids]);
      for (const reader of this.readers) await this.tell(reader, states);
    } catch (error) {
      this.log.warn({ err: error }, 'states could not be read');
    } finally {
      this.looking = false;
    }
  }

  private async tell({ known, types, once, out }: Reader, states: Map<string, string>) {
    const changed: Record<string, Record<string, string>> = {};
    for (const [accountId, since] of known) {
      const state = states.get(accountId);
      if (!state || state === since) continue;
      known.set(accountId, state);
      const moved = (await changedTypes(this.database, accountId, since)).filter((type) =>
        types.has(type),
      );
      if (moved.length > 0) {
        changed[accountId] = Object.fromEntries(moved.map((type) => [type, state]));
      }
    }
    if (Object.keys(changed).length === 0 || out.writableEnded) return;
    const id = [...known].map((entry) => entry.join('.')).join('_');
    const data = JSON.stringify({ '@type': 'StateChange', changed });
    out.write(`id: ${id}\nevent: state\ndata: ${data}\n\n`);
    if (once) out.end();
  }

  private async statesOf(ids: string[]): Promise<Map<string, string>> {
    const rows = await this.database.query<{ id: string; state: string }>(
      'select id, mail_state as state from mailbox where id = any ($1::uuid[])',
      [ids],
    );
    return new Map(rows.map(({ id, state }) => [id, state]));
  }
}

const pingOf = (interval: number) => `event: ping\ndata: ${JSON.stringify({ interval })}\n\n`;

function wishOf({ query }: FastifyRequest) {
  const { types = '*', closeafter = 'no', ping = '0' } = query as Record<string, string>;
  const wrong = (name: string, what: string) =>
    new Invalid([{ pointer: `/${name}`, detail: { vi: what, en: what } }]);
  if (closeafter !== 'no' && closeafter !== 'state') throw wrong('closeafter', 'no | state');
  if (!/^\d{1,9}$/.test(ping)) throw wrong('ping', 'UnsignedInt');
  const named = types === '*' ? pushedTypes : String(types).split(',', 50);
  const pingS = Number(ping) && Math.min(Math.max(Number(ping), leastPingS), mostPingS);
  return { types: new Set(named), once: closeafter === 'state', pingS };
}

/** The states that a reader had when it was cut off. */
function lastEventOf({ headers }: FastifyRequest): Map<string, string> {
  const entries = String(headers['last-event-id'] ?? '')
    .slice(0, 20_000)
    .split('_')
    .map((each) => each.split('.'))
    .filter(([, state]) => /^\d{1,18}$/.test(state ?? ''));
  return new Map(entries as [string, string][]);
}
