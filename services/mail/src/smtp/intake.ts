import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { HeaderField } from '@eoffice/mime/message';
import { Pool } from 'pg';
import { MailSettings } from '../config.js';
import { type Accepted, acceptedChannel, statementOf } from '../raw/accept.js';

/** How long what delivers may not have heard of a message: it is told once for all of them. */
const wakeAfterMs = 20;
const connections = 6;

/**
 * Takes messages over: what it answers for is on the disk. It has connections of its own, so that
 * mail comes in however much else is asked, and on them the one statement is planned once.
 */
@Injectable()
export class Intake implements OnApplicationShutdown {
  private readonly pool: Pool;
  private waking?: NodeJS.Timeout;

  constructor({ databaseUrl }: MailSettings) {
    this.pool = new Pool({
      ...{
        connectionString: databaseUrl,
        max: connections,
        application_name: 'eoffice-mail-intake',
      },
      ...{ connectionTimeoutMillis: 4_000, statement_timeout: 20_000 },
    });
    // Whoever asks next is told that a connection broke.
    this.pool.on('error', () => {});
  }

  /**
   * Keeps a message and what is promised with it. Who was cut off before 250 sends it again: it is known
   * by its octets and envelope, and delivered once, if it has a name of its own (RFC 5322, 3.6.4).
   * Throws whatever PostgreSQL says; whether it was kept then shows when it comes again.
   */
  async take(accepted: Accepted, header: HeaderField[]): Promise<string> {
    const named = header.some(({ name }) => /^message-id$/i.test(name));
    const statement = statementOf(accepted, named ? 'same' : 'new');
    const { rows } = await this.pool.query<{ id: string }>(statement);
    this.waking ??= setTimeout(() => void this.wake(), wakeAfterMs);
    return rows[0]!.id;
  }

  async onApplicationShutdown() {
    clearTimeout(this.waking);
    await this.pool.end();
  }

  private async wake() {
    this.waking = undefined;
    // Whoever is not told looks by themselves within a second.
    await this.pool.query(`select pg_notify($1, '')`, [acceptedChannel]).catch(() => {});
  }
}
