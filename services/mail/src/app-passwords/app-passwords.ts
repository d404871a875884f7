import { randomBytes } from 'node:crypto';
import {
  type AppPassword,
  appPasswords,
  type AppPasswords as AppPasswordList,
  type Caller,
  type CreateAppPassword,
  type FindAppPassword,
  NoMailbox,
  NotFound,
  TooManyAppPasswords,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import { mailboxesOf } from '../rights/rights-of.js';
import { hashOf } from './known-passwords.js';

const columns = `id, name, uses, mailbox_ids as "mailboxIds", made_at as "madeAt",
  last_used_at as "lastUsedAt", last_used_from as "lastUsedFrom",
  revoked_at is not null as revoked`;
const mostAtOnce = 20;
/** Without letters and digits that look alike. 32 of them: five bits each. */
const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
const groups = 5;

/**
 * Serves the passwords of mail programs, which know no second factor: each opens mail and nothing
 * else, and can be taken away alone.
 */
@Serves(appPasswords)
export class AppPasswords {
  constructor(private readonly database: Database) {}

  create({ name, uses, mailboxIds }: CreateAppPassword, caller: Caller): Promise<AppPassword> {
    return this.database.transaction(caller, async (manager, _, record) => {
      const { personId } = caller;
      await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 20))', [personId]);
      const theirs = (await mailboxesOf(manager, caller)).map((rights) => rights.mailboxId);
      if (theirs.length === 0 || !(mailboxIds ?? []).every((id) => theirs.includes(id)))
        throw new NoMailbox();
      const [{ count }] = await manager.query<[{ count: number }]>(
        `select count(*)::int from app_password where person_id = $1 and revoked_at is null`,
        [personId],
      );
      if (count >= mostAtOnce) throw new TooManyAppPasswords();
      const password = newPassword();
      const [made] = await manager.query<[AppPassword]>(
        `insert into app_password (person_id, name, secret_hash, uses, mailbox_ids)
         values ($1, $2, $3, $4, $5) returning ${columns}`,
        [personId, name, hashOf(password), [...new Set(uses)], mailboxIds ?? null],
      );
      record('mail.app-password-created', made.id, { personId, name, uses, mailboxIds });
      return { ...made, password };
    });
  }

  async list(_: object, { personId }: Caller): Promise<AppPasswordList> {
    const items = await this.database.query<AppPassword>(
      `select ${columns} from app_password where person_id = $1 order by made_at desc limit 1000`,
      [personId],
    );
    return { items };
  }

  revoke({ id }: FindAppPassword, caller: Caller) {
    return this.database.transaction(caller, async (manager, _, record) => {
      const [, found] = await manager.query<[unknown, number]>(
        `update app_password set revoked_at = coalesce(revoked_at, now())
         where id = $1 and person_id = $2`,
        [id, caller.personId],
      );
      if (!found) throw new NotFound();
      record('mail.app-password-revoked', id, {});
      return {};
    });
  }
}

/** A hundred bits in groups of four, as people type them in. */
function newPassword(): string {
  const drawn = [...randomBytes(groups * 4)].map((octet) => letters[octet % letters.length]);
  return drawn.join('').replace(/.{4}(?!$)/g, '$&-');
}
