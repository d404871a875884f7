import { randomBytes, randomUUID } from 'node:crypto';
import {
  type Caller,
  type ConfirmSecondFactor,
  Conflict,
  type Me,
  type NewPassword,
  type RecoveryCodes,
  type Refresh,
  type SecondFactor,
  type Session,
  SessionOver,
  sessions,
  type SignIn,
  SignInRefused,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import { generateSecret, generateURI } from 'otplib';
import type { EntityManager } from 'typeorm';
import { GatewaySettings } from '../config.js';
import { AccessTokens } from './access-tokens.js';
import { findAccount, policyOf } from './account.js';
import { fits, hashOf, mustBeStrong, sameHash, tokenHash } from './passwords.js';
import { Sealing } from './sealing.js';
import { type SignedIn, SignInCheck } from './sign-in.js';

const recoveryCodes = 10;

/** Serves signing in and out, refreshing, and what people keep up of their own account. */
@Serves(sessions)
export class Sessions {
  private readonly sealing: Sealing;

  constructor(
    private readonly database: Database,
    private readonly check: SignInCheck,
    private readonly tokens: AccessTokens,
    { gatewaySecret }: GatewaySettings,
  ) {
    this.sealing = new Sealing(gatewaySecret);
  }

  async open({ username, password, code }: SignIn): Promise<Session> {
    return this.openFor(await this.check.signIn({ username, password, code }));
  }

  /** Opens a session for somebody whose identity has been proved, here or by a provider. */
  async openFor({ account, secondFactor }: SignedIn): Promise<Session> {
    const id = randomUUID();
    return this.database.transaction(
      { actor: { personId: account.person_id } },
      async (manager, _, record) => {
        const { refreshDays } = await policyOf(manager);
        const token = newToken(id);
        await manager.query(
          `insert into session (id, account_id, token_hash, second_factor, expires_at)
           values ($1, $2, $3, $4, now() + make_interval(days => $5))`,
          [id, account.id, tokenHash(token), secondFactor, refreshDays],
        );
        record('accounts.signed-in', account.id, { session: id, secondFactor });
        return this.sessionOf(manager, id, token);
      },
    );
  }

  async refresh({ refreshToken }: Refresh): Promise<Session> {
    const id = sessionIdOf(refreshToken);
    const session = await this.database.transaction({}, async (manager, _, record) => {
      const [row] = await manager.query<{ token_hash: string; account_id: string }[]>(
        `select token_hash, account_id from session
         where id = $1 and revoked_at is null and expires_at > now() for update`,
        [id],
      );
      if (!row) return undefined;
      if (!sameHash(row.token_hash, tokenHash(refreshToken))) {
        await manager.query('update session set revoked_at = now() where id = $1', [id]);
        record('accounts.refresh-token-reused', row.account_id, { session: id });
        return undefined;
      }
      const next = newToken(id);
      await manager.query('update session set token_hash = $2 where id = $1', [
        id,
        tokenHash(next),
      ]);
      return this.sessionOf(manager, id, next);
    });
    if (!session) throw new SessionOver();
    return session;
  }

  async end({ refreshToken }: Refresh) {
    await this.database.transaction({}, (manager) =>
      manager.query(
        `update session set revoked_at = coalesce(revoked_at, now())
         where id = $1 and token_hash = $2`,
        [sessionIdOf(refreshToken), tokenHash(refreshToken)],
      ),
    );
    return {};
  }

  async me(_: object, { accountId, personId, name, positions }: Caller): Promise<Me> {
    return { accountId, personId, name, positions };
  }

  changePassword({ current, next }: NewPassword, caller: Caller) {
    return this.database.transaction(caller, async (manager, _, record) => {
      const account = await findAccount(manager, { id: caller.accountId }, true);
      if (!account || !(await fits(current, account.password_hash))) throw new SignInRefused();
      mustBeStrong(next, account.username);
      await setPassword(manager, account.id, next);
      record('accounts.password-changed', account.id, {});
      return {};
    });
  }

  enrol(_: object, caller: Caller): Promise<SecondFactor> {
    return this.database.transaction(caller, async (manager, __, record) => {
      const account = await findAccount(manager, { id: caller.accountId }, true);
      if (!account || account.totp_confirmed) throw alreadyEnrolled();
      const secret = generateSecret();
      await manager.query('update account set totp_secret = $2 where id = $1', [
        account.id,
        this.sealing.seal(secret),
      ]);
      record('accounts.second-factor-begun', account.id, {});
      return {
        secret,
        address: generateURI({ issuer: 'eOffice', label: account.username, secret }),
      };
    });
  }

  confirm({ code }: ConfirmSecondFactor, caller: Caller): Promise<RecoveryCodes> {
    return this.database.transaction(caller, async (manager, _, record) => {
      const account = await findAccount(manager, { id: caller.accountId }, true);
      if (!account || account.totp_confirmed) throw alreadyEnrolled();
      const step = await this.check.stepOf(account, code);
      if (step === undefined) throw new SignInRefused();
      const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
      await manager.query(
        `update account set totp_confirmed = true, totp_last_step = $2, recovery_codes = $3
         where id = $1`,
        [account.id, step, codes.map((each) => tokenHash(each.replaceAll('-', '')))],
      );
      await manager.query('update session set second_factor = true where account_id = $1', [
        account.id,
      ]);
      record('accounts.second-factor-confirmed', account.id, {});
      return { codes, signInAgain: true };
    });
  }

  private async sessionOf(
    manager: EntityManager,
    id: string,
    refreshToken: string,
  ): Promise<Session> {
    const [row] = await manager.query<
      { account_id: string; second_factor: boolean; expires_at: Date }[]
    >('select account_id, second_factor, expires_at from session where id = $1', [id]);
    const account = await findAccount(manager, { id: row!.account_id });
    if (!account || account.disabled || !account.active) throw new SessionOver();
    const { accessMinutes } = await policyOf(manager);
    const positions = await this.tokens.positionsOf(account);
    const enrol = !row!.second_factor && this.tokens.needsSecondFactor(positions);
    const who = { id: account.id, personId: account.person_id, name: account.full_name };
    return {
      accessToken: await this.tokens.sign(who, enrol ? [] : positions, accessMinutes * 60),
      accessExpiresAt: new Date(Date.now() + accessMinutes * 60_000),
      refreshToken,
      refreshExpiresAt: row!.expires_at,
      secondFactor: enrol ? 'enrol' : row!.second_factor ? 'used' : 'none',
    };
  }
}

/** Gives an account a password and ends its sessions. */
export async function setPassword(manager: EntityManager, id: string, password: string) {
  await manager.query(
    `update account set password_hash = $2, failures = 0, locked_until = null where id = $1`,
    [id, await hashOf(password)],
  );
  await endSessions(manager, id);
}

/** Ends every session of an account; access tokens in use expire within minutes. */
export async function endSessions(manager: EntityManager, accountId: string) {
  await manager.query(
    'update session set revoked_at = now() where account_id = $1 and revoked_at is null',
    [accountId],
  );
}

const newToken = (session: string) => `${session}.${randomBytes(32).toString('base64url')}`;
const newRecoveryCode = () =>
  randomBytes(6)
    .toString('hex')
    .replace(/(.{4})(?=.)/g, '$1-');

function sessionIdOf(token: string): string {
  const id = token.split('.')[0]!;
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new SessionOver();
  return id;
}

const alreadyEnrolled = () =>
  new Conflict({
    vi: 'Tài khoản đã có xác thực hai lớp',
    en: 'The account already has a second factor',
  });
