import { setTimeout as wait } from 'node:timers/promises';
import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Caller } from '@eoffice/contracts/language/caller';
import { NotFound } from '@eoffice/contracts/language/problem';
import {
  type CloudEvent,
  type EventType,
  streamSubjectOf,
} from '@eoffice/contracts/language/event';
import type { EntityManager } from 'typeorm';
import { type Author, Database, type Emit, isAway } from './database.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { isConnected, onConnectionLost } from './nats.js';
import { ensureEventStream, eventStream } from './outbox.js';

/** What happens here because something happened elsewhere. */
export type Reaction<Data extends object> = (
  event: CloudEvent<Data>,
  manager: EntityManager,
  emit: Emit,
) => Promise<void>;

const reactions = new WeakMap<object, Map<string, EventType>>();

/** Marks the method that reacts to a kind of event: `@On(incomingRegistered) count(event, manager, emit)`. */
export function On<Data extends object>(type: EventType<Data>) {
  return <R extends Reaction<Data>>(
    prototype: object,
    name: string,
    _: TypedPropertyDescriptor<R>,
  ) => {
    if (!reactions.has(prototype)) reactions.set(prototype, new Map());
    reactions.get(prototype)!.set(name, type);
  };
}

interface Subscription {
  name: string;
  type: EventType;
  act: Reaction<object>;
}

const tries = 6;
const backoffMs = [100, 300, 1_000, 2_000, 4_000];

/** An event whose reaction died, or whose acknowledgement was lost, holds the others up this long. */
const ackWaitMs = 5_000;

/**
 * Hands each event to the methods marked `@On`: at least once on the wire, exactly once in the
 * database (the inbox row is written with what the reaction changes). Each reaction takes its events
 * one at a time and in order; one that fails is tried again in place, then becomes a dead letter so
 * that the others can go on. A database that is away is waited for, however long.
 */
export class Subscriptions {
  private readonly known = new Map<string, Subscription>();
  private readonly streams = new Set<ConsumerMessages>();
  private readonly loops: Promise<void>[] = [];
  private stopping = false;

  constructor(
    private readonly service: string,
    private readonly nats: NatsConnection,
    private readonly database: Database,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  /** Finds every reaction of the service and starts to feed it. */
  async start(discovery: DiscoveryService) {
    const scanner = new MetadataScanner();
    for (const { instance, metatype } of discovery.getProviders()) {
      if (!instance || typeof metatype !== 'function') continue;
      const marked = reactions.get(metatype.prototype as object);
      for (const name of marked ? scanner.getAllMethodNames(metatype.prototype as object) : []) {
        const type = marked!.get(name);
        if (type)
          await this.subscribe({
            name: `${this.service}-${metatype.name}-${name}`,
            type,
            act: (event, manager, emit) => instance[name](event, manager, emit),
          });
      }
    }
  }

  /** Takes no more events and waits for those begun. */
  async stop() {
    this.stopping = true;
    await Promise.all([...this.streams].map((messages) => messages.close()));
    await Promise.all(this.loops);
  }

  /** Acts once more on a dead letter. Throws NotFound. */
  async redrive(eventId: string, reaction: string, caller: Caller): Promise<object> {
    const subscription = this.known.get(reaction);
    const [letter] = await this.database.query<{ event: CloudEvent }>(
      'select event from dead_letter where event_id = $1 and reaction = $2',
      [eventId, reaction],
    );
    if (!subscription || !letter) throw new NotFound();
    await this.act(subscription, letter.event);
    return this.database.transaction(caller, async (manager, _, record) => {
      await manager.query('delete from dead_letter where event_id = $1 and reaction = $2', [
        eventId,
        reaction,
      ]);
      record('upkeep.redriven', eventId, { reaction });
      return {};
    });
  }

  private async subscribe(subscription: Subscription) {
    this.known.set(subscription.name, subscription);
    await this.ensureConsumer(subscription);
    this.loops.push(this.consume(subscription));
  }

  private async ensureConsumer({ name, type }: Subscription) {
    const manager = await jetstreamManager(this.nats);
    await manager.consumers.add(eventStream, {
      durable_name: name,
      filter_subject: streamSubjectOf(type.type),
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      max_ack_pending: 1,
      ack_wait: nanos(ackWaitMs),
    });
  }

  private async consume(subscription: Subscription) {
    while (!this.stopping) {
      try {
        if (isConnected(this.nats)) await this.feed(subscription);
      } catch (error) {
        this.log.warn({ err: error, reaction: subscription.name }, 'subscribes again');
        if (isConnected(this.nats)) await this.restore(subscription);
      }
      if (!this.stopping) await wait(250);
    }
  }

  /** Acts on events until the connection is lost: what comes after it is a new delivery. */
  private async feed(subscription: Subscription) {
    const consumer = await jetstream(this.nats).consumers.get(eventStream, subscription.name);
    const messages = await consumer.consume({ max_messages: 10 });
    const forget = onConnectionLost(this.nats, () => void messages.close());
    this.streams.add(messages);
    try {
      for await (const message of messages) {
        await this.deliver(subscription, message);
        if (this.stopping) break;
      }
    } finally {
      forget();
      this.streams.delete(messages);
    }
  }

  /** A NATS that comes back without its store has neither the stream nor our place in it. */
  private async restore(subscription: Subscription) {
    await ensureEventStream(this.nats)
      .then(() => this.ensureConsumer(subscription))
      .catch((error) => this.log.warn({ err: error }, 'JetStream is not ready'));
  }

  private async deliver(subscription: Subscription, message: JsMsg) {
    const event = message.json<CloudEvent>();
    const stillAtIt = setInterval(() => message.working(), ackWaitMs / 3);
    try {
      for (let attempt = 1; !this.stopping; attempt++) {
        if (await this.attempt(subscription, event, attempt)) return void message.ack();
        await wait(backoffMs[Math.min(attempt, backoffMs.length) - 1]);
      }
      message.nak();
    } finally {
      clearInterval(stillAtIt);
    }
  }

  /** Whether there is no more to do about the event: acted on, or buried. */
  private async attempt(
    subscription: Subscription,
    event: CloudEvent,
    attempt: number,
  ): Promise<boolean> {
    const { name: reaction } = subscription;
    try {
      await this.act(subscription, event);
      this.metrics.reactions.inc({ reaction, outcome: 'done' });
      return true;
    } catch (error) {
      const away = isAway(error) || (error as { type?: string }).type === 'unavailable';
      this.log.warn({ err: error, reaction, event: event.id, attempt }, 'reaction failed');
      this.metrics.reactions.inc({ reaction, outcome: 'failed' });
      return !away && attempt >= tries && (await this.bury(subscription, event, error));
    }
  }

  private act({ name, act }: Subscription, event: CloudEvent) {
    const author: Author = {
      actor: event.actor ? { personId: event.actor, forPersonId: event.onbehalfof } : undefined,
      request: { traceparent: event.traceparent },
    };
    return this.database.transaction(author, async (manager, emit) => {
      const fresh = await manager.query<unknown[]>(
        'insert into inbox (event_id, reaction) values ($1, $2) on conflict do nothing returning 1',
        [event.id, name],
      );
      if (fresh.length > 0) await act(event, manager, emit);
    });
  }

  private async bury({ name }: Subscription, event: CloudEvent, error: unknown): Promise<boolean> {
    try {
      await this.database.transaction({}, (manager) =>
        manager.query(
          `insert into dead_letter (event_id, reaction, event, error) values ($1, $2, $3, $4)
           on conflict (event_id, reaction) do update set error = excluded.error, failed_at = now()`,
          [event.id, name, event, String((error as Error).message ?? error).slice(0, 2_000)],
        ),
      );
    } catch {
      return false;
    }
    this.metrics.deadLetters.inc({ reaction: name });
    this.log.error({ err: error, reaction: name, event: event.id }, 'dead letter');
    return true;
  }
}
