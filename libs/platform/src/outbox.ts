import { setTimeout as wait } from 'node:timers/promises';
import { jetstream, type JetStreamClient, jetstreamManager, StorageType } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type CloudEvent, streamSubjectOf } from '@eoffice/contracts/language/event';
import { Client } from 'pg';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { isConnected, whileConnected } from './nats.js';

const batch = 200;
const pollMs = 250;
/** After one pass, what is committed meanwhile goes with the next: a pass costs three round trips. */
const gatherMs = 20;
const leaderLock = 7_240_116;

/** The stream that keeps every event: JetStream is the history, the outbox only its waiting room. */
export const eventStream = 'events';

/** Creates the stream of events if it is not there. Any service may come first. */
export async function ensureEventStream(nats: NatsConnection) {
  const manager = await jetstreamManager(nats);
  await manager.streams.add({
    name: eventStream,
    subjects: [`${eventStream}.>`],
    storage: StorageType.File,
    duplicate_window: 120_000_000_000,
  });
}

/**
 * Announces saved events in order, then forgets them. One relay works a schema at a time (advisory
 * lock); it is woken by the commits of its own process and polls for those of other replicas, since
 * NOTIFY would make every commit of the database queue behind one lock. What a crash sends twice is
 * dropped by JetStream (message id) or by the receiver's inbox.
 */
export class OutboxRelay {
  private readonly jetstream: JetStreamClient;
  private client?: Client;
  private loop?: Promise<void>;
  private stopping = false;
  private woken = false;
  private wakeUp = () => {};

  constructor(
    private readonly nats: NatsConnection,
    private readonly databaseUrl: string,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {
    this.jetstream = jetstream(nats, { timeout: 5_000 });
  }

  start() {
    this.loop = this.run();
  }

  /** Something was committed: announce it now rather than at the next poll. */
  wake() {
    this.woken = true;
    this.wakeUp();
  }

  /** Announces what is waiting, then stops. */
  async stop() {
    this.stopping = true;
    this.wake();
    await this.loop;
    await this.client?.end().catch(() => undefined);
  }

  private async run() {
    for (;;) {
      try {
        const client = (this.client ??= await this.lead());
        // A pass that had begun before the end was asked for may not have seen the last commit.
        const last = this.stopping;
        this.woken = false;
        const announced = await this.relay(client);
        if (announced === batch) continue;
        if (last) return;
        if (this.stopping) continue;
        if (announced > 0) await wait(gatherMs);
        if (!this.woken) await this.pause(pollMs);
      } catch (error) {
        if (this.stopping) return;
        this.log.warn({ err: error }, 'The outbox relay will try again');
        if (isConnected(this.nats)) await ensureEventStream(this.nats).catch(() => undefined);
        await this.client?.end().catch(() => undefined);
        this.client = undefined;
        await this.pause(500);
      }
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Waits in line for the lock, on a connection of its own, which holds it while it lives. */
  private async lead(): Promise<Client> {
    const client = new Client({ connectionString: this.databaseUrl, application_name: 'outbox' });
    client.on('error', () => (this.client = undefined));
    await client.connect();
    for (;;) {
      const { rows } = await client.query<{ led: boolean }>(
        `select pg_try_advisory_lock($1, hashtext(current_schema())) as led`,
        [leaderLock],
      );
      if (rows[0]!.led) return client;
      if (this.stopping) throw new Error('stopped before it led');
      await this.pause(2_000);
    }
  }

  private async relay(client: Client): Promise<number> {
    const { rows } = await client.query<{ position: string; event: CloudEvent }>({
      name: 'outbox',
      text: 'select position, event from outbox order by position limit $1',
      values: [batch],
    });
    if (rows.length === 0) return 0;
    await whileConnected(this.nats, () =>
      Promise.all(
        rows.map(({ event }) =>
          this.jetstream.publish(streamSubjectOf(event.type), JSON.stringify(event), {
            msgID: event.id,
          }),
        ),
      ),
    );
    await client.query({
      name: 'announced',
      text: 'delete from outbox where position = any($1)',
      values: [rows.map(({ position }) => position)],
    });
    this.metrics.announced.inc(rows.length);
    return rows.length;
  }
}
