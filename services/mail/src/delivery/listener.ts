import type { Log } from '@eoffice/platform/log';
import { Client } from 'pg';

const againMs = 2_000;

/** Listens to a channel of PostgreSQL on a connection of its own, which is made anew when it is lost. */
export class Listener {
  private client?: Client;
  private again?: NodeJS.Timeout;
  private stopping = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly channel: string,
    private readonly heard: () => void,
    private readonly log: Log,
  ) {}

  start() {
    void this.listen().catch((error: unknown) => this.lost(error));
  }

  async stop() {
    this.stopping = true;
    clearTimeout(this.again);
    await this.client?.end().catch(() => undefined);
  }

  private async listen() {
    const client = new Client({
      ...{ connectionString: this.databaseUrl, application_name: `listen-${this.channel}` },
      connectionTimeoutMillis: 4_000,
    });
    this.client = client;
    client.on('notification', this.heard);
    client.on('error', (error) => this.lost(error));
    await client.connect();
    await client.query(`listen ${client.escapeIdentifier(this.channel)}`);
    // Whatever came while nobody listened.
    this.heard();
  }

  private lost(error: unknown) {
    if (this.stopping || this.again) return;
    this.log.warn({ err: error }, `not listening to ${this.channel} now`);
    void this.client?.end().catch(() => undefined);
    this.again = setTimeout(() => {
      this.again = undefined;
      this.start();
    }, againMs);
  }
}
