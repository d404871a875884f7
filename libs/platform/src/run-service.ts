import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Log, nestLogger } from './log.js';
import { Environment, readSettings, ServiceSettings } from './settings.js';
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
  requestTimeout: 30_000,
  connectionTimeout: 60_000,
  keepAliveTimeout: 72_000,
  routerOptions: { maxParamLength: 500 },
  genReqId: requestIdOf,
};

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
  const { trustedProxies } = readSettings(ServiceSettings, environment);
  const trustProxy = trustedProxies.split(',').map((each) => each.trim());
  const app = await NestFactory.create<NestFastifyApplication>(
    root,
    new FastifyAdapter({ ...adapterOptions, trustProxy }),
    {
      bufferLogs: true,
      bodyParser: false,
      abortOnError: false,
    },
  );
  const log = app.get<Log>(ServiceLog);
  app.useLogger(nestLogger(log));
  await prepare?.(app);
  app.connectMicroservice({
    strategy: new NatsTransport(app.get<NatsConnection>(NatsClient), service),
  });
  await app.startAllMicroservices();
  const { httpPort, httpHost } = app.get(ServiceSettings);
  await app.listen(httpPort, httpHost);
  log.info({ url: await app.getUrl() }, 'ready');
  return app;
}

/** The whole of a service's `main.ts`: start, and on SIGTERM finish what was begun. */
export async function runService(service: string, module: Type, prepare?: Prepare) {
  try {
    const app = await startService(service, module, process.env, prepare);
    app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  } catch (error) {
    process.stderr.write(`${service} could not start: ${(error as Error).stack}\n`);
    process.exit(1);
  }
}
