import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  type Caller,
  type CloudEvent,
  type Contract,
  type EventType,
  type Handlers,
  keys,
  streamSubjectOf,
  subjectOf,
} from '@eoffice/contracts';
import { clientOf } from '@eoffice/platform/client-of';
import { LocalFileStore } from '@eoffice/platform/files';
import { ensureEventStream } from '@eoffice/platform/outbox';
import { type Prepare, startService } from '@eoffice/platform/run-service';
import { Services } from '@eoffice/platform/services';
import { callerWith, type Identity, keySet, type Signer, ticketFor } from './tokens.js';
import { cloneDatabase, type Clone, ownNats } from './servers.js';

/** A place where specs start services: a database and a NATS of their own, and callers with tokens. */
export class House {
  private readonly apps: NestFastifyApplication[] = [];
  private signer?: Signer;

  private constructor(
    readonly database: Clone,
    /** The NATS server of this house, for specs that take it away. */
    readonly server: Awaited<ReturnType<typeof ownNats>>,
    readonly nats: NatsConnection,
    readonly filesFolder: string,
  ) {}

  static async open(): Promise<House> {
    const [database, server, filesFolder] = await Promise.all([
      cloneDatabase(),
      ownNats(),
      mkdtemp(join(tmpdir(), 'eoffice-files-')),
    ]);
    const nats = await connect({ servers: server.url, maxReconnectAttempts: -1 });
    await ensureEventStream(nats);
    return new House(database, server, nats, filesFolder);
  }

  /** Answers for the gateway's keys, so that a service knows the callers of `as`. */
  answerKeys() {
    this.nats.subscribe(subjectOf(keys, 'current'), {
      callback: (_, message) => void message.respond(JSON.stringify(keySet)),
    });
  }

  /** Starts a service as production does. The gateway brings its own keys. */
  async start(
    service: string,
    module: Type,
    settings: Record<string, string> = {},
    prepare?: Prepare,
  ) {
    if (service !== 'gateway' && this.apps.length === 0) this.answerKeys();
    const app = await startService(
      service,
      module,
      { ...this.environmentOf(service), ...settings },
      prepare,
    );
    this.apps.push(app);
    return app;
  }

  /** Stops one service as SIGTERM does; the others go on. */
  async stop(app: NestFastifyApplication) {
    this.apps.splice(this.apps.indexOf(app), 1);
    await app.close();
  }

  /** The settings a service gets here. */
  environmentOf(service: string): Record<string, string> {
    return {
      DATABASE_URL: this.database.urlAs(service),
      NATS_URL: this.server.url,
      FILES_FOLDER: this.filesFolder,
      LOG_LEVEL: process.env.SPEC_LOG ?? 'silent',
    };
  }

  /** Calls a contract over NATS, as another service would. */
  client<C extends Contract>(contract: C): Handlers<C> {
    return clientOf(contract, new Services(this.nats));
  }

  as(identity: Identity): Promise<Caller> {
    return callerWith(identity, this.signer);
  }

  /** Lets `as` and `ticketOf` sign with the keys of a gateway that runs here. */
  signWith(signer: Signer) {
    this.signer = signer;
  }

  /** Stores a file and gives the ticket that its uploader would get. */
  async ticketOf(content: Buffer | string, mediaType: string, uploader: Caller, name = 'tep') {
    const store = new LocalFileStore(this.filesFolder);
    const kept = await store.put(Readable.from([Buffer.from(content)]), { maxBytes: 100_000_000 });
    return ticketFor({ ...kept, name, mediaType }, uploader, this.signer);
  }

  /** Announces a fact as if the service that owns it had. Returns the event. */
  async announce<Data extends object>(
    type: EventType<Data>,
    subject: string,
    data: Data,
    id: string = randomUUID(),
  ) {
    const event: CloudEvent<Data> = {
      specversion: '1.0',
      id,
      source: `/${type.type.split('.')[0]}`,
      type: type.type,
      subject,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      data,
    };
    await jetstream(this.nats).publish(streamSubjectOf(type.type), JSON.stringify(event));
    return event;
  }

  /** The facts of a kind announced so far, once there are at least `count` (waits up to 10 s). */
  async announced<Data extends object>(
    type: EventType<Data>,
    count = 1,
  ): Promise<CloudEvent<Data>[]> {
    const manager = await jetstreamManager(this.nats);
    return eventually(async () => {
      const { state } = await manager.streams.info('events', {
        subjects_filter: streamSubjectOf(type.type),
      });
      const found: CloudEvent<Data>[] = [];
      for (let seq = 1; seq <= state.last_seq; seq++) {
        const message = await manager.streams.getMessage('events', { seq }).catch(() => null);
        if (message?.subject === streamSubjectOf(type.type)) found.push(message.json());
      }
      if (found.length < count)
        throw new Error(`${found.length} of ${count} ${type.type} announced`);
      return found;
    });
  }

  async close() {
    await Promise.all(this.apps.map((app) => app.close()));
    await this.nats.close();
    await this.server.stop();
    await this.database.drop();
    await rm(this.filesFolder, { recursive: true, force: true });
  }
}

/** Tries until `work` no longer throws; its last error after `withinMs`. */
export async function eventually<T>(work: () => Promise<T> | T, withinMs = 10_000): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
      await wait(50);
    }
  }
}

/** The type of the problem a promise fails with, for `expect(await problemOf(…)).toBe('forbidden')`. */
export async function problemOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as { type?: string }).type ?? String(error);
  }
  return 'none';
}
