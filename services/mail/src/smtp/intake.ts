import { Injectable } from '@nestjs/common';
import { Database } from '@eoffice/platform/database';
import { type Accepted, acceptedChannel, keepAcceptance } from '../raw/accept.js';

/** How long what delivers may not have heard of a message: it is told once for all of them. */
const wakeAfterMs = 20;

/** Takes messages over: what it answers for is on the disk. */
@Injectable()
export class Intake {
  private waking?: NodeJS.Timeout;

  constructor(private readonly database: Database) {}

  /** Keeps a message and what is promised with it; throws whatever PostgreSQL says, and then nothing is kept. */
  async take(accepted: Accepted): Promise<string> {
    const id = await keepAcceptance(this.database.manager, accepted);
    this.waking ??= setTimeout(() => void this.wake(), wakeAfterMs);
    return id;
  }

  private async wake() {
    this.waking = undefined;
    // Whoever is not told looks by themselves within a second.
    await this.database.query(`select pg_notify($1, '')`, [acceptedChannel]).catch(() => {});
  }
}
