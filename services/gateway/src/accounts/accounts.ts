import { randomBytes, randomUUID } from 'node:crypto';
import {
  type Account,
  accountCreated,
  accountDisabled,
  type AccountPage,
  accounts,
  type ApiKey,
  type ApiKeyPage,
  type Caller,
  Conflict,
  type CreateAccount,
  type CreateApiKey,
  cursorOf,
  type FindAccount,
  Forbidden,
  keyOf,
  NotFound,
  type PageInput,
  type ResetPassword,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { findVersion } from '../directory/organisations.js';
import { hashOf, mustBeStrong, tokenHash } from './passwords.js';
import { endSessions, setPassword } from './sessions.js';

const permission = 'accounts.manage';
const columns = `id, person_id as "personId", username, disabled,
  totp_confirmed as "secondFactor", locked_until as "lockedUntil"`;
const keyColumns = `id, name, scopes, organisation_id as "organisationId",
  expires_at as "expiresAt", revoked_at is not null as revoked`;

/** Serves the accounts of people and the API keys of integrations. */
@Serves(accounts)
export class Accounts {
  constructor(private readonly database: Database) {}

  create({ personId, username, password }: CreateAccount, caller: Caller): Promise<Account> {
    if (password) mustBeStrong(password, username);
    return this.database.transaction(caller, async (manager, emit) => {
      const [person] = await manager.query<unknown[]>(
        'select 1 from person where person_id = $1 and active',
        [personId],
      );
      if (!person) throw new NotFound({ vi: 'Không có người này', en: 'There is no such person' });
      const taken = await manager.query<unknown[]>(
        'select 1 from account where lower(username) = lower($1)',
        [username],
      );
      if (taken.length > 0) throw userNameTaken();
      const id = randomUUID();
      const [account] = await manager.query<Account[]>(
        `insert into account (id, person_id, username, password_hash) values ($1, $2, $3, $4)
         returning ${columns}`,
        [id, personId, username, password ? await hashOf(password) : null],
      );
      emit(accountCreated, id, { accountId: id, personId });
      return account!;
    });
  }

  async list({ limit = 50, after }: PageInput): Promise<AccountPage> {
    const [name = null] = keyOf(after) ?? [];
    const items = await this.database.query<Account>(
      `select ${columns} from account where $1::text is null or lower(username) > $1
       order by lower(username) limit $2`,
      [name, limit],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.username.toLowerCase()) };
  }

  disable({ id }: FindAccount, caller: Caller): Promise<Account> {
    return this.database.transaction(caller, async (manager, emit) => {
      const account = await update(manager, id, 'disabled = true');
      await endSessions(manager, id);
      emit(accountDisabled, id, { accountId: id, personId: account.personId });
      return account;
    });
  }

  enable({ id }: FindAccount, caller: Caller): Promise<Account> {
    return this.database.transaction(caller, async (manager, _, record) => {
      record('accounts.enabled', id, {});
      return update(manager, id, 'disabled = false, failures = 0, locked_until = null');
    });
  }

  resetPassword(input: ResetPassword, caller: Caller): Promise<Account> {
    const { id, password, forgetSecondFactor } = input;
    return this.database.transaction(caller, async (manager, _, record) => {
      const { username } = await update(manager, id, 'failures = 0');
      mustBeStrong(password, username);
      await setPassword(manager, id, password);
      record('accounts.password-reset', id, { forgetSecondFactor });
      return update(
        manager,
        id,
        forgetSecondFactor
          ? `totp_secret = null, totp_confirmed = false, totp_last_step = 0, recovery_codes = '{}'`
          : 'failures = 0',
      );
    });
  }

  /** A key can do no more than who made it: every scope is one they have themselves, there. */
  createApiKey(input: CreateApiKey, caller: Caller): Promise<ApiKey> {
    const { name, scopes, organisationId, reach } = input;
    return this.database.transaction(caller, async (manager, _, record) => {
      const organisation = await findVersion(manager, organisationId, localDay());
      if (!organisation) throw new NotFound();
      const place = { id: organisationId, bloc: organisation.bloc };
      caller.acting(permission, place);
      const wide =
        reach === 'organisation' || caller.positions.some((each) => each.reach === 'all');
      if (!wide || scopes.some((scope) => !caller.may(scope, place))) throw new Forbidden();
      const id = randomUUID();
      const key = `eok_${randomBytes(32).toString('base64url')}`;
      const [made] = await manager.query<ApiKey[]>(
        `insert into api_key (id, name, key_hash, scopes, organisation_id, bloc, reach, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, now() + interval '1 year'))
         returning ${keyColumns}`,
        [
          id,
          name,
          tokenHash(key),
          scopes,
          organisationId,
          place.bloc,
          reach,
          input.expiresAt ?? null,
        ],
      );
      record('accounts.api-key-created', id, { name, scopes, organisationId, reach });
      return { ...made!, key };
    });
  }

  async apiKeys({ limit = 50, after }: PageInput): Promise<ApiKeyPage> {
    const [id = null] = keyOf(after) ?? [];
    const items = await this.database.query<ApiKey>(
      `select ${keyColumns} from api_key where $1::uuid is null or id > $1 order by id limit $2`,
      [id, limit],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.id) };
  }

  revokeApiKey({ id }: FindAccount, caller: Caller) {
    return this.database.transaction(caller, async (manager, _, record) => {
      const [, count] = await manager.query<[unknown, number]>(
        'update api_key set revoked_at = coalesce(revoked_at, now()) where id = $1',
        [id],
      );
      if (count === 0) throw new NotFound();
      record('accounts.api-key-revoked', id, {});
      return {};
    });
  }
}

async function update(manager: EntityManager, id: string, change: string): Promise<Account> {
  const [[account]] = await manager.query<[Account[]]>(
    `update account set ${change} where id = $1 returning ${columns}`,
    [id],
  );
  if (!account) throw new NotFound();
  return account;
}

const userNameTaken = () =>
  new Conflict({ vi: 'Tên đăng nhập đã có người dùng', en: 'The user name is taken' });
