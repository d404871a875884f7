import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a service measures of itself, for Prometheus. One registry a service, not one a process. */
export class Metrics {
  readonly registry = new Registry();
  readonly requests = new Histogram({
    name: 'eoffice_request_seconds',
    help: 'Time to answer a request, by operation and status',
    labelNames: ['operation', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });
  readonly announced = new Counter({
    name: 'eoffice_events_announced_total',
    help: 'Events handed to JetStream',
    registers: [this.registry],
  });
  readonly reactions = new Counter({
    name: 'eoffice_reactions_total',
    help: 'Events acted on, by reaction and outcome',
    labelNames: ['reaction', 'outcome'],
    registers: [this.registry],
  });
  readonly deadLetters = new Counter({
    name: 'eoffice_dead_letters_total',
    help: 'Events a reaction gave up on: each one needs somebody',
    labelNames: ['reaction'],
    registers: [this.registry],
  });
  readonly ready = new Gauge({
    name: 'eoffice_ready',
    help: 'Whether the service reaches its database and NATS: 1 or 0',
    registers: [this.registry],
  });
  readonly outboxWaiting = new Gauge({
    name: 'eoffice_outbox_waiting',
    help: 'Events saved and not yet announced',
    registers: [this.registry],
  });
  readonly deadLettersWaiting = new Gauge({
    name: 'eoffice_dead_letters_waiting',
    help: 'Dead letters that nobody has redriven yet',
    registers: [this.registry],
  });

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
  }
}
