import { randomUUID } from 'node:crypto';
import {
  type Account,
  accountCreated,
  accountDisabled,
  type AccountPage,
  accounts,
  type Caller,
  Conflict,
  type CreateAccount,
  cursorOf,
  type FindAccount,
  keyOf,
  type LinkIdentity,
  NotFound,
  type PageInput,
  type ResetPassword,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { GatewaySettings } from '../config.js';
import { mustReachPerson, reachOf } from '../directory/reach.js';
import { dormant, findAccount } from './account.js';
import { issuerOf } from './identity-provider.js';
import { endSessions } from './open-sessions.js';
import { keepPassword, mustBeAllowed } from './password-rules.js';
import { hashOf } from './passwords.js';
import { unlock } from './sign-in-locks.js';

const permission = 'accounts.manage';
const columns = `a.id, a.person_id as "personId", a.username, a.disabled, ${dormant} as dormant,
  a.used_at as "usedAt", a.totp_confirmed as "secondFactor", a.issuer, a.subject,
  (select max(f.locked_until) from sign_in_failure f
   where f.subject = a.id::text and f.locked_until > now()) as "lockedUntil"`;

/** Serves the accounts of people. Whoever manages one reaches everything its person does. */
@Serves(accounts)
export class Accounts {
  constructor(
    private readonly database: Database,
    private readonly settings: GatewaySettings,
  ) {}

  async create(input: CreateAccount, caller: Caller): Promise<Account> {
    const { personId, username, password } = input;
    const owner = { username, totp_confirmed: false };
    if (password) await mustBeAllowed(this.database.manager, password, owner);
    const hash = password && (await hashOf(password));
    return this.database.transaction(caller, async (manager, emit) => {
      const [person] = await manager.query<unknown[]>(
        'select 1 from person where person_id = $1 and active',
        [personId],
      );
      if (!person) throw new NotFound({ vi: 'Không có người này', en: 'There is no such person' });
      await mustReachPerson(manager, caller, permission, personId);
      await mustBeFree(manager, username, personId);
      const id = randomUUID();
      await manager.query('insert into account (id, person_id, username) values ($1, $2, $3)', [
        id,
        personId,
        username,
      ]);
      if (hash) await keepPassword(manager, id, hash);
      emit(accountCreated, id, { accountId: id, personId });
      return shown(manager, id);
    });
  }

  async list({ limit = 50, after }: PageInput, caller: Caller): Promise<AccountPage> {
    const [name = null] = keyOf(after) ?? [];
    const { everything, blocs, organisations } = reachOf(caller, permission);
    const items = await this.database.query<Account>(
      `select ${columns} from account a
       where ($1::text is null or lower(a.username) > $1)
         and ($3 or exists (select from assignment s join post p using (post_id)
           where s.person_id = a.person_id and (s.valid_to is null or s.valid_to >= $4)
             and (p.bloc = any ($5) or p.agency_id = any ($6))))
       order by lower(a.username) limit $2`,
      [name, limit, everything, localDay(), blocs, organisations],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.username.toLowerCase()) };
  }

  disable({ id }: FindAccount, caller: Caller): Promise<Account> {
    return this.database.transaction(caller, async (manager, emit) => {
      const { person_id: personId } = await reached(manager, caller, id);
      await manager.query('update account set disabled = true where id = $1', [id]);
      await endSessions(manager, id);
      emit(accountDisabled, id, { accountId: id, personId });
      return shown(manager, id);
    });
  }

  enable({ id }: FindAccount, caller: Caller): Promise<Account> {
    return this.database.transaction(caller, async (manager, _, record) => {
      await reached(manager, caller, id);
      await manager.query('update account set disabled = false, used_at = now() where id = $1', [
        id,
      ]);
      await unlock(manager, id);
      record('accounts.enabled', id, {});
      return shown(manager, id);
    });
  }

  async resetPassword(input: ResetPassword, caller: Caller): Promise<Account> {
    const { id, password, forgetSecondFactor } = input;
    const account = await reached(this.database.manager, caller, id);
    const owner = forgetSecondFactor ? { ...account, totp_confirmed: false } : account;
    await mustBeAllowed(this.database.manager, password, owner);
    const hash = await hashOf(password);
    return this.database.transaction(caller, async (manager, _, record) => {
      await reached(manager, caller, id);
      await keepPassword(manager, id, hash);
      if (forgetSecondFactor) await forget(manager, id);
      await unlock(manager, id);
      await endSessions(manager, id);
      record('accounts.password-reset', id, { forgetSecondFactor });
      return shown(manager, id);
    });
  }

  link({ id, subject }: LinkIdentity, caller: Caller): Promise<Account> {
    const issuer = issuerOf(this.settings);
    return this.database.transaction(caller, async (manager, _, record) => {
      const account = await reached(manager, caller, id);
      if (account.subject && account.subject !== subject) throw alreadyLinked();
      const other = await findAccount(manager, { issuer, subject });
      if (other && other.id !== id) throw identityTaken();
      await manager.query('update account set issuer = $2, subject = $3 where id = $1', [
        id,
        issuer,
        subject,
      ]);
      record('accounts.identity-linked', id, { issuer, subject });
      return shown(manager, id);
    });
  }

  unlink({ id }: FindAccount, caller: Caller): Promise<Account> {
    return this.database.transaction(caller, async (manager, _, record) => {
      const { issuer, subject } = await reached(manager, caller, id);
      await manager.query('update account set issuer = null, subject = null where id = $1', [id]);
      await manager.query('delete from sign_in_handover where account_id = $1', [id]);
      await endSessions(manager, id);
      record('accounts.identity-unlinked', id, { issuer, subject });
      return shown(manager, id);
    });
  }
}

/** The account, locked, if the caller may manage it. Throws NotFound or Forbidden. */
async function reached(manager: EntityManager, caller: Caller, id: string) {
  const account = await findAccount(manager, { id }, true);
  if (!account) throw new NotFound();
  await mustReachPerson(manager, caller, permission, account.person_id);
  return account;
}

async function shown(manager: EntityManager, id: string): Promise<Account> {
  const [account] = await manager.query<Account[]>(
    `select ${columns} from account a where a.id = $1`,
    [id],
  );
  return account!;
}

/** A user name is nobody else's, and no address but that of the person themselves. */
async function mustBeFree(manager: EntityManager, username: string, personId: string) {
  const taken = await manager.query<unknown[]>(
    `select 1 from account where lower(username) = lower($1)
     union all select 1 from person where lower(email) = lower($1) and person_id <> $2`,
    [username, personId],
  );
  if (taken.length > 0) throw userNameTaken();
}

async function forget(manager: EntityManager, id: string) {
  await manager.query(
    `update account set totp_secret = null, totp_confirmed = false, totp_last_step = 0,
       recovery_codes = '{}' where id = $1`,
    [id],
  );
}

const userNameTaken = () =>
  new Conflict({ vi: 'Tên đăng nhập đã có người dùng', en: 'The user name is taken' });
const alreadyLinked = () =>
  new Conflict({
    vi: 'Tài khoản đã gắn với danh tính khác, hãy gỡ trước',
    en: 'The account is linked to another identity, unlink it first',
  });
const identityTaken = () =>
  new Conflict({
    vi: 'Danh tính này đã gắn với tài khoản khác',
    en: 'The identity is linked to another account',
  });
