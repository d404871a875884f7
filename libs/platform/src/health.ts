import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/transport-node';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Database } from './database.js';
import { Metrics } from './metrics.js';
import { NatsClient } from './tokens.js';

/** Whether the process lives, whether it can serve, and what it has measured. */
@Controller()
export class Health {
  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
    @Inject(NatsClient) private readonly nats: NatsConnection,
  ) {}

  @Get('health/live')
  live() {
    return { live: true };
  }

  @Get('health/ready')
  async ready(@Res() reply: FastifyReply) {
    const [database, nats] = await Promise.all([
      answers(this.database.query('select 1')),
      answers(this.nats.flush()),
    ]);
    return reply
      .status(database && nats ? 200 : 503)
      .send({ ready: database && nats, database, nats });
  }

  /** For Prometheus inside the network; a request that came through a proxy is not answered. */
  @Get('metrics')
  async measured(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    if (request.headers['x-forwarded-for']) return reply.status(404).send();
    return reply
      .header('content-type', this.metrics.registry.contentType)
      .send(await this.metrics.registry.metrics());
  }
}

function answers(work: Promise<unknown>): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 2_000).unref());
  return Promise.race([
    work.then(
      () => true,
      () => false,
    ),
    late,
  ]);
}
