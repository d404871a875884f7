import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@eoffice/platform/database';
import { Metrics } from '@eoffice/platform/metrics';
import { Counter, Gauge } from 'prom-client';

/** Figures of mail to other servers. What waits is counted when it is asked for. */
@Injectable()
export class OutboundMetrics implements OnApplicationBootstrap {
  private readonly ended: Counter;

  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
  ) {
    this.ended = new Counter({
      name: 'eoffice_mail_outbound_total',
      help: 'Recipients at other servers by what a try came to: sent, failed, or waiting again',
      labelNames: ['outcome'],
      registers: [metrics.registry],
    });
  }

  onApplicationBootstrap() {
    this.gauge(
      'eoffice_mail_outbound_waiting',
      'Recipients at other servers that mail is due to and waits for',
      'count(*)',
    );
    this.gauge(
      'eoffice_mail_outbound_oldest_seconds',
      'Since when the oldest mail for another server waits',
      'coalesce(extract(epoch from now() - min(due_at)), 0)',
    );
  }

  private gauge(name: string, help: string, figure: string) {
    const { database } = this;
    const registers = [this.metrics.registry];
    new Gauge({
      ...{ name, help, registers },
      async collect() {
        const [row] = await database
          .query<{ figure: number }>(
            `select (${figure})::int as figure from outbound_recipient
             where state in ('waiting', 'sending') and due_at <= now()`,
          )
          // Figures are asked for while the database is away, too.
          .catch(() => []);
        if (row) this.set(row.figure);
      },
    });
  }

  count(settled: readonly { state: string }[]) {
    for (const { state } of settled) this.ended.inc({ outcome: state });
  }
}
