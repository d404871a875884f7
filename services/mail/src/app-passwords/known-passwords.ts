import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AppPasswordUse } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';

/** What an app password opens. */
export interface Opened {
  passwordId: string;
  personId: string;
  /** Only these mailboxes; every one of the person if not said. */
  mailboxIds?: string[];
}

/** Knows app passwords when mail programs use them. */
@Injectable()
export class KnownPasswords {
  constructor(private readonly database: Database) {}

  /** What a password opens for a use; undefined when it opens nothing. Notes when and where from, once a minute. */
  async open(password: string, use: AppPasswordUse, from: string): Promise<Opened | undefined> {
    const [row] = await this.database.query<{ id: string; person: string; boxes?: string[] }>(
      `select id, person_id as person, mailbox_ids as boxes from app_password
       where secret_hash = $1 and revoked_at is null and $2 = any (uses)`,
      [hashOf(password), use],
    );
    if (!row) return undefined;
    await this.database.transaction({}, (manager) =>
      manager.query(
        `update app_password set last_used_at = now(), last_used_from = $2 where id = $1
         and (last_used_at is null or last_used_at < now() - interval '1 minute'
           or last_used_from <> $2)`,
        [row.id, from],
      ),
    );
    return { passwordId: row.id, personId: row.person, mailboxIds: row.boxes ?? undefined };
  }

  /** Whether a password that opened something still would. */
  async holds(passwordId: string): Promise<boolean> {
    const found = await this.database.query(
      'select from app_password where id = $1 and revoked_at is null',
      [passwordId],
    );
    return found.length > 0;
  }
}

/** What is kept of a password, however it was typed in: nobody can guess a hundred bits, so a hash is enough. */
export const hashOf = (password: string) =>
  createHash('sha256').update(password.toLowerCase().replace(/[\s-]/g, '')).digest('hex');
