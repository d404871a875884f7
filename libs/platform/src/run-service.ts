import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { flushCompileCache } from 'node:module';
import type { Http2ServerRequest } from 'node:http2';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { NatsConnection } from '@nats-io/transport-node';
import { refuseAddress, refuseConnection } from './http-problems.js';
import { type Log, nestLogger } from './log.js';
import { settingsOf } from './platform.js';
import { Environment, readSettings, ServiceSettings, WrongSettings } from './settings.js';
import { NatsClient, ServiceLog } from './tokens.js';
import { NatsTransport } from './transport.js';

@Module({})
class Root {}

/** What a service may prepare on its HTTP side before it listens; only the gateway does. */
export type Prepare = (app: NestFastifyApplication) => Promise<void>;

/** A request id from outside is taken over only if it looks like one: it goes into logs and replies. */
function requestIdOf({ headers }: IncomingMessage | Http2ServerRequest): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
}

const adapterOptions = {
  bodyLimit: 2 * 1024 * 1024,
  // The whole of a request may take as long as a large file on a slow line; its headers may not.
  requestTimeout: 900_000,
  http: { headersTimeout: 15_000, connectionsCheckingInterval: 5_000 },
  // A connection on which nothing moves; the longest operations take 60 s to answer.
  connectionTimeout: 75_000,
  keepAliveTimeout: 72_000,
  // Whoever still has a connection while we stop is served, and told to open another one.
  return503OnClosing: false,
  routerOptions: { maxParamLength: 500 },
  genReqId: requestIdOf,
  clientErrorHandler: refuseConnection,
  frameworkErrors: refuseAddress,
};

/** How long clients that are slow to finish may hold up the end of a service. */
const closingMs = 8_000;

/** Builds and starts a service with the given environment; specs call this, `runService` the rest. */
export async function startService(
  service: string,
  module: Type,
  environment: Environment,
  prepare?: Prepare,
): Promise<NestFastifyApplication> {
  const root: DynamicModule = {
    module: Root,
    global: true,
    imports: [module],
    providers: [{ provide: Environment, useValue: environment }],
    exports: [Environment],
  };
  const { trustedProxies } = readSettings(settingsOf(module), environment);
  const trustProxy = trustedProxies.split(',').map((each) => each.trim());
  const app = await NestFactory.create<NestFastifyApplication>(
    root,
    new FastifyAdapter({ ...adapterOptions, trustProxy }),
    {
      bufferLogs: true,
      // What fails is thrown, and said once by whoever catches it.
      autoFlushLogs: false,
      bodyParser: false,
      abortOnError: false,
    },
  );
  const log = app.get<Log>(ServiceLog);
  app.useLogger(nestLogger(log));
  app.flushLogs();
  await prepare?.(app);
  app.connectMicroservice({
    strategy: new NatsTransport(app.get<NatsConnection>(NatsClient), service),
  });
  await app.startAllMicroservices();
  const { httpPort, httpHost } = app.get(ServiceSettings);
  boundClosing(app);
  await app.listen(httpPort, httpHost);
  log.info({ url: await app.getUrl() }, 'ready');
  flushCompileCache();
  return app;
}

/** A server is closed once its connections are; one that sends nothing would hold that up. */
function boundClosing(app: NestFastifyApplication) {
  const http = app.getHttpAdapter().getInstance();
  http.addHook('preClose', async () => {
    setTimeout(() => http.server.closeAllConnections(), closingMs).unref();
  });
}

/** The whole of a service's `main.ts`: start, and on SIGTERM finish what was begun. */
export async function runService(service: string, module: Type, prepare?: Prepare) {
  try {
    const app = await startService(service, module, process.env, prepare);
    app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
    endWithParent();
  } catch (error) {
    const { message, stack } = error as Error;
    const words = error instanceof WrongSettings ? message : stack;
    process.stderr.write(`${service} could not start: ${words}\n`);
    process.exit(1);
  }
}

/** A supervisor that was killed can no longer end us: its channel closes instead. */
function endWithParent() {
  const end = () => process.kill(process.pid, 'SIGTERM');
  if (process.connected === false) return end();
  process.once('disconnect', end);
  process.channel?.unref();
}
