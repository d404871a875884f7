import { Database } from './database.js';
import { FileStore } from './files.js';
import { Hourly } from './hourly.js';
import type { Log } from './log.js';

/** How long the platform's own rows serve their purpose; the audit journal is never swept. */
const sweeps = [
  `delete from given_answer where given_at < now() - interval '3 days'`,
  `delete from inbox where received_at < now() - interval '90 days'`,
];

/**
 * Forgets what can no longer be asked for: answers, inbox rows, what the service itself names, and
 * files that nobody finished to send.
 */
export class Retention {
  constructor(
    private readonly database: Database,
    private readonly files: FileStore,
    private readonly log: Log,
    private readonly own: string[] = [],
  ) {}

  @Hourly()
  async sweep() {
    for (const sql of [...sweeps, ...this.own]) {
      await this.database
        .query(sql)
        .catch((error) => this.log.warn({ err: error }, 'sweep failed'));
    }
    await this.files.sweep().catch((error) => this.log.warn({ err: error }, 'sweep failed'));
  }
}
