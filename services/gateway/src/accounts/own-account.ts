import {
  type Caller,
  type ConfirmSecondFactor,
  Conflict,
  type FindSession,
  type Me,
  type NewPassword,
  NotFound,
  type OwnSessions,
  ownAccount,
  type RecoveryCodes,
  type SecondFactor as Enrolment,
  SessionOver,
  SignInAgain,
  SignInRefused,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { type AccountRow, findAccount, isOpen } from './account.js';
import { endSession, endSessions, ownSession, sessionIdOf } from './open-sessions.js';
import { keepPassword, mustBeAllowed } from './password-rules.js';
import { hashOf } from './passwords.js';
import { SecondFactor } from './second-factor.js';
import { SignInCheck } from './sign-in.js';

/** How long after signing in a second factor may be set up: a token found later is not enough. */
const freshMs = 15 * 60_000;

/** Serves what people keep up of their own account. Nothing here is for API keys but `me`. */
@Serves(ownAccount)
export class OwnAccount {
  constructor(
    private readonly database: Database,
    private readonly check: SignInCheck,
    private readonly secondFactor: SecondFactor,
  ) {}

  async me(_: object, { accountId, personId, name, positions }: Caller): Promise<Me> {
    return { accountId, personId, name, positions };
  }

  async changePassword({ current, next }: NewPassword, caller: Caller) {
    const { manager } = this.database;
    const session = await ownSession(manager, caller);
    const account = await accountOf(manager, caller);
    await this.check.demandPassword(account, current, caller.request);
    await mustBeAllowed(manager, next, account);
    const hash = await hashOf(next);
    return this.database.transaction(caller, async (manager, _, record) => {
      const { password_hash } = await accountOf(manager, caller, true);
      if (password_hash !== account.password_hash) throw new Conflict();
      await keepPassword(manager, account.id, hash);
      await endSessions(manager, account.id, session.id);
      record('accounts.password-changed', account.id, {});
      return {};
    });
  }

  enrol(_: object, caller: Caller): Promise<Enrolment> {
    return this.database.transaction(caller, async (manager, __, record) => {
      const { started_at } = await ownSession(manager, caller);
      if (started_at.getTime() < Date.now() - freshMs) throw new SignInAgain();
      const account = await accountOf(manager, caller, true);
      if (account.totp_confirmed) throw alreadyEnrolled();
      record('accounts.second-factor-begun', account.id, {});
      return this.secondFactor.begin(manager, account);
    });
  }

  confirm({ code }: ConfirmSecondFactor, caller: Caller): Promise<RecoveryCodes> {
    return this.database.transaction(caller, async (manager, _, record) => {
      const session = await ownSession(manager, caller);
      const account = await accountOf(manager, caller, true);
      if (account.totp_confirmed) throw alreadyEnrolled();
      if (!(await this.secondFactor.confirm(manager, account, code))) throw new SignInRefused();
      const codes = await this.secondFactor.giveRecoveryCodes(manager, account.id);
      // Who confirmed has proved it for this session alone; the others may be somebody else's.
      await manager.query('update session set second_factor = true where id = $1', [session.id]);
      await endSessions(manager, account.id, session.id);
      record('accounts.second-factor-confirmed', account.id, {});
      return { codes, signInAgain: true };
    });
  }

  async renewRecoveryCodes({ code }: ConfirmSecondFactor, caller: Caller): Promise<RecoveryCodes> {
    const { manager } = this.database;
    await ownSession(manager, caller);
    const account = await accountOf(manager, caller);
    if (!account.totp_confirmed) throw notEnrolled();
    await this.check.demandCode(account, code, caller.request);
    return this.database.transaction(caller, async (manager, _, record) => {
      const codes = await this.secondFactor.giveRecoveryCodes(manager, account.id);
      record('accounts.recovery-codes-renewed', account.id, {});
      return { codes, signInAgain: false };
    });
  }

  async sessions(_: object, caller: Caller): Promise<OwnSessions> {
    const items = await this.database.query<OwnSessions['items'][number]>(
      `select id, started_at as "startedAt", used_at as "usedAt", expires_at as "expiresAt",
         address, agent, second_factor as "secondFactor", id = $2 as current
       from session where account_id = $1 and revoked_at is null and expires_at > now()
       order by used_at desc limit 50`,
      [caller.accountId, sessionIdOf(caller)],
    );
    return { items };
  }

  endSession({ id }: FindSession, caller: Caller) {
    return this.database.transaction(caller, async (manager, _, record) => {
      await ownSession(manager, caller);
      if (!(await endSession(manager, caller.accountId, id))) throw new NotFound();
      record('accounts.session-ended', caller.accountId, { session: id });
      return {};
    });
  }
}

async function accountOf(
  manager: EntityManager,
  { accountId }: Caller,
  lock = false,
): Promise<AccountRow> {
  const account = await findAccount(manager, { id: accountId }, lock);
  if (!isOpen(account)) throw new SessionOver();
  return account;
}

const alreadyEnrolled = () =>
  new Conflict({
    vi: 'Tài khoản đã có xác thực hai lớp',
    en: 'The account already has a second factor',
  });
const notEnrolled = () =>
  new Conflict({
    vi: 'Tài khoản chưa có xác thực hai lớp',
    en: 'The account has no second factor yet',
  });
