import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/transport-node';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Database } from './database.js';
import { Metrics } from './metrics.js';
import { whileConnected } from './nats.js';
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
    const state = await this.look();
    return reply.status(state.ready ? 200 : 503).send(state);
  }

  /** For Prometheus inside the network; a request that came through a proxy is not answered. */
  @Get('metrics')
  async measured(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    if (request.headers['x-forwarded-for']) return reply.status(404).send();
    const { ready, database } = await this.look();
    this.metrics.ready.set(ready ? 1 : 0);
    if (database) await answers(this.count());
    return reply
      .header('content-type', this.metrics.registry.contentType)
      .send(await this.metrics.registry.metrics());
  }

  private async look() {
    const [database, nats] = await Promise.all([
      answers(this.database.query('select 1')),
      answers(whileConnected(this.nats, () => this.nats.flush())),
    ]);
    return { ready: database && nats, database, nats };
  }

  /** Counted when asked, so that the figures are right after a restart and when nothing moves. */
  private async count() {
    const [counted] = await this.database.query<{ outbox: number; letters: number }>(
      `select (select count(*)::int from outbox) as outbox,
         (select count(*)::int from dead_letter) as letters`,
    );
    this.metrics.outboxWaiting.set(counted!.outbox);
    this.metrics.deadLettersWaiting.set(counted!.letters);
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
