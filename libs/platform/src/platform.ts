import {
  type DynamicModule,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Class } from '@eoffice/contracts/language/contract';
import type { MixedList } from 'typeorm';
import { fileURLToPath } from 'node:url';
import { Callers, TokenKeys } from './callers.js';
import { Database, isShut } from './database.js';
import { FileStore, LocalFileStore } from './files.js';
import { FileTickets } from './file-tickets.js';
import { Health } from './health.js';
import { Clock } from './hourly.js';
import { createLog, type Log } from './log.js';
import { Metrics } from './metrics.js';
import { migrate } from './migrations.js';
import { connectNats } from './nats.js';
import { ensureEventStream, OutboxRelay } from './outbox.js';
import { Requests } from './requests.js';
import { Retention } from './retention.js';
import { Services } from './services.js';
import { Environment, notReached, readSettings, ServiceSettings } from './settings.js';
import { Subscriptions } from './subscriptions.js';
import { NatsClient, ServiceLog } from './tokens.js';
import { upkeepServedBy } from './upkeep.js';

export interface PlatformOptions {
  service: string;
  /** The class of the service's own settings, if it has any. */
  settings?: Class<ServiceSettings>;
  entities: MixedList<Function>;
  /** The folder of its migrations: `new URL('../migrations', import.meta.url)`. */
  migrations: URL;
  /** Statements that, every hour, delete rows which serve no purpose any more. */
  sweeps?: string[];
}

/** The classes of settings, by the grounds that read them. */
const settingsRead = new WeakMap<object, Class<ServiceSettings>>();

/** The class that a service's module has its settings read by: known before the service is built. */
export function settingsOf(service: Type): Class<ServiceSettings> {
  const imports = (Reflect.getMetadata('imports', service) ?? []) as object[];
  return imports.map((each) => settingsRead.get(each)).find((found) => found) ?? ServiceSettings;
}

/** Gives a service its ground: settings, log, database, NATS, event relay, reactions, files, health. */
export function platform(options: PlatformOptions): DynamicModule {
  const { service } = options;
  const settings = options.settings ?? ServiceSettings;
  const providers: Provider[] = [
    {
      provide: ServiceSettings,
      inject: [Environment],
      useFactory: (environment: Environment) => readSettings(settings, environment),
    },
    ...(settings === ServiceSettings ? [] : [{ provide: settings, useExisting: ServiceSettings }]),
    {
      provide: ServiceLog,
      inject: [ServiceSettings],
      useFactory: ({ logLevel }: ServiceSettings) => createLog(service, logLevel),
    },
    { provide: Metrics, useFactory: () => new Metrics(service) },
    {
      provide: NatsClient,
      inject: [ServiceSettings],
      useFactory: ({ natsUrl }: ServiceSettings) => connectNats(natsUrl, service),
    },
    {
      provide: Database,
      inject: [ServiceSettings],
      useFactory: async ({ databaseUrl, databaseConnections }: ServiceSettings) => {
        await migrate(databaseUrl, fileURLToPath(options.migrations)).catch((error: unknown) => {
          throw isShut(error) ? notReached('databaseUrl', databaseUrl, error) : error;
        });
        const database = new Database(service, databaseUrl, databaseConnections, options.entities);
        await database.open();
        return database;
      },
    },
    { provide: FileStore, inject: [ServiceSettings], useFactory: fileStoreOf },
    {
      provide: Services,
      inject: [NatsClient],
      useFactory: (nats: NatsConnection) => new Services(nats),
    },
    {
      provide: TokenKeys,
      inject: [Services],
      useFactory: (services: Services) => new TokenKeys(services),
    },
    { provide: Callers, inject: [TokenKeys], useFactory: (keys: TokenKeys) => new Callers(keys) },
    {
      provide: FileTickets,
      inject: [TokenKeys],
      useFactory: (keys: TokenKeys) => new FileTickets(keys),
    },
    {
      provide: Requests,
      inject: [Callers, Database, ServiceLog, Metrics],
      useFactory: (...parts: ConstructorParameters<typeof Requests>) => new Requests(...parts),
    },
    {
      provide: OutboxRelay,
      inject: [NatsClient, ServiceSettings, ServiceLog, Metrics],
      useFactory: (
        nats: NatsConnection,
        { databaseUrl }: ServiceSettings,
        log: Log,
        metrics: Metrics,
      ) => new OutboxRelay(nats, databaseUrl, log, metrics),
    },
    {
      provide: Subscriptions,
      inject: [NatsClient, Database, ServiceLog, Metrics],
      useFactory: (nats: NatsConnection, database: Database, log: Log, metrics: Metrics) =>
        new Subscriptions(service, nats, database, log, metrics),
    },
    {
      provide: Retention,
      inject: [Database, FileStore, ServiceLog],
      useFactory: (database: Database, files: FileStore, log: Log) =>
        new Retention(database, files, log, options.sweeps),
    },
    { provide: Clock, inject: [ServiceLog], useFactory: (log: Log) => new Clock(log) },
    Lifeline,
  ];
  const ground: DynamicModule = {
    module: Platform,
    global: true,
    imports: [DiscoveryModule],
    controllers: [Health, upkeepServedBy(service)],
    providers,
    exports: [
      ...new Set([ServiceSettings, settings]),
      ServiceLog,
      Metrics,
      NatsClient,
      Database,
      FileStore,
      FileTickets,
      Services,
      Callers,
      Requests,
      Subscriptions,
    ],
  };
  settingsRead.set(ground, settings);
  return ground;
}

const fileStoreOf = ({ filesFolder }: ServiceSettings) => new LocalFileStore(filesFolder);

@Module({})
class Platform {}

/** Starts what runs by itself once the service is built, and ends it in an order that loses nothing. */
@Injectable()
class Lifeline implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    private readonly relay: OutboxRelay,
    private readonly subscriptions: Subscriptions,
    private readonly clock: Clock,
    private readonly discovery: DiscoveryService,
    @Inject(NatsClient) private readonly nats: NatsConnection,
    @Inject(ServiceLog) private readonly log: Log,
  ) {}

  async onApplicationBootstrap() {
    await ensureEventStream(this.nats);
    this.database.onCommit(() => this.relay.wake());
    this.relay.start();
    this.clock.start(this.discovery);
    await this.subscriptions.start(this.discovery);
  }

  /** Requests have ended by now: Nest closes the transport before this hook. */
  async onApplicationShutdown() {
    await this.clock.stop();
    await this.subscriptions.stop();
    await this.relay.stop();
    await this.nats.drain();
    await this.database.close();
    this.log.info('stopped');
    await new Promise((resolve) => this.log.flush(resolve));
  }
}
