import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';

/** What a served operation returns to the transport: bytes and headers of the reply. */
export type Reception = (message: Msg) => Promise<void>;

/**
 * Nest's own NATS transport, less what the house does not need: it hands each message whole to one
 * function that answers it, keeps one queue group a service, and on shutdown stops taking requests,
 * then waits for those it has begun. Nest's parses and prints every body twice more, opens an
 * observable for each and drops running requests when it closes.
 */
export class NatsTransport extends Server implements CustomTransportStrategy {
  private readonly subscriptions: Subscription[] = [];
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    private readonly nats: NatsConnection,
    private readonly service: string,
  ) {
    super();
  }

  listen(listening: () => void) {
    for (const [subject, handler] of this.messageHandlers) {
      const receive = handler as unknown as (message: Msg) => Promise<unknown>;
      const callback = (_: Error | null, message: Msg) => {
        const answering = receive(message).finally(() => this.running.delete(answering));
        this.running.add(answering);
      };
      this.subscriptions.push(this.nats.subscribe(subject, { queue: this.service, callback }));
    }
    this.nats.flush().then(listening, listening);
  }

  async close() {
    await Promise.all(this.subscriptions.map((subscription) => subscription.drain()));
    await Promise.allSettled(this.running);
  }

  on() {
    throw new Error('The connection reports its own status');
  }

  unwrap<T>(): T {
    return this.nats as T;
  }
}
