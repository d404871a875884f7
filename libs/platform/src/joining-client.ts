import type { Socket } from 'node:net';
import { Client, type ClientConfig, type QueryResult } from 'pg';

const started = { command: 'START', rowCount: null, oid: 0, fields: [], rows: [] };

/**
 * A connection that lets statements travel together when nobody waits for what lies between. The
 * start of a transaction goes with its first statement, and so does what is given to `withNext`: two
 * trips instead of four for a transaction of one statement and its journal. Each trip costs both
 * sides as much as a small statement does.
 */
export class JoiningClient extends Client {
  private readonly held: (() => void)[] = [];

  constructor(config?: ClientConfig) {
    super({ ...config, pipeline: true });
  }

  /** Sends a statement together with the one after it. */
  withNext(text: string, values?: unknown[]): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      this.held.push(() => void super.query(text, values).then(resolve, reject));
    });
  }

  override query(...sent: unknown[]): never {
    if (sent[0] === 'START TRANSACTION') {
      // What follows must not run outside a transaction: without a start, the connection is over.
      this.withNext('START TRANSACTION').catch(() => this.stream.destroy());
      return Promise.resolve(started) as never;
    }
    const send = super.query as (...sent: unknown[]) => never;
    if (this.held.length === 0) return send.apply(this, sent);
    this.stream.cork();
    try {
      for (const each of this.held.splice(0)) each();
      return send.apply(this, sent);
    } finally {
      this.stream.uncork();
    }
  }

  private get stream(): Socket {
    return (this.connection as unknown as { stream: Socket }).stream;
  }
}
