import { Injectable } from '@nestjs/common';
import { Database } from '@eoffice/platform/database';
import type { HeaderField } from '@eoffice/mime/message';
import { type Accepted, acceptedChannel, keepAcceptance } from '../raw/accept.js';

/** How long what delivers may not have heard of a message: it is told once for all of them. */
const wakeAfterMs = 20;

/** Takes messages over: what it answers for is on the disk. */
@Injectable()
export class Intake {
  private waking?: NodeJS.Timeout;

  constructor(private readonly database: Database) {}

  /**
   * Keeps a message and what is promised with it. Who was cut off before 250 sends it again: it is known
   * by its octets and envelope, and delivered once, if it has a name of its own (RFC 5322, 3.6.4).
   * Throws whatever PostgreSQL says; whether it was kept then shows when it comes again.
   */
  async take(accepted: Accepted, header: HeaderField[]): Promise<string> {
    const named = header.some(({ name }) => /^message-id$/i.test(name));
    const again = named ? 'same' : 'new';
    const id = await keepAcceptance(this.database.manager, accepted, again);
    this.waking ??= setTimeout(() => void this.wake(), wakeAfterMs);
    return id;
  }

  private async wake() {
    this.waking = undefined;
    // Whoever is not told looks by themselves within a second.
    await this.database.query(`select pg_notify($1, '')`, [acceptedChannel]).catch(() => {});
  }
}
