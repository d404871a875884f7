import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  type Caller,
  Forbidden,
  type RequestFacts,
  type Session,
  SessionOver,
} from '@eoffice/contracts';
import { Database, type Record as Write } from '@eoffice/platform/database';
import { decodeJwt } from 'jose';
import type { EntityManager } from 'typeorm';
import { AccessTokens } from './access-tokens.js';
import { findAccount, isOpen } from './account.js';
import { networkOf } from './networks.js';
import { sameHash, tokenHash } from './passwords.js';
import type { SignedIn } from './sign-in.js';
import { rulesOf } from './sign-in-rules.js';

/** Whoever signs in once more than this ends their oldest session. */
const mostSessions = 50;

interface SessionRow {
  id: string;
  account_id: string;
  token_hash: string;
  second_factor: boolean;
  started_at: Date;
  expires_at: Date;
}

/** Opens sessions, and exchanges their refresh tokens. */
@Injectable()
export class OpenSessions {
  constructor(
    private readonly database: Database,
    private readonly tokens: AccessTokens,
  ) {}

  /**
   * Opens a session for somebody whose identity has been proved, after `first` in one transaction.
   * Throws SessionOver if the account was closed meanwhile.
   */
  open(
    { account, secondFactor }: SignedIn,
    request: RequestFacts,
    first?: (manager: EntityManager, record: Write) => Promise<unknown>,
  ): Promise<Session> {
    const actor = { personId: account.person_id };
    return this.database.transaction({ actor, request }, async (manager, _, record) => {
      await first?.(manager, record);
      const { refreshDays } = await rulesOf(manager);
      const id = randomUUID();
      const token = newToken(id);
      const { address, agent } = request;
      const [row] = await manager.query<SessionRow[]>(
        `insert into session (id, account_id, token_hash, second_factor, expires_at, address, agent)
         values ($1, $2, $3, $4, now() + make_interval(days => $5), $6, $7) returning *`,
        [
          ...[id, account.id, tokenHash(token), secondFactor, refreshDays],
          ...[address ? networkOf(address) : null, agent ?? null],
        ],
      );
      await endOldest(manager, account.id);
      record('accounts.signed-in', account.id, { session: id, secondFactor, address });
      return this.sessionOf(manager, row!, token);
    });
  }

  /** Throws SessionOver; a token that is not the session's last one ends it. */
  async refresh(refreshToken: string): Promise<Session> {
    const id = idOfToken(refreshToken);
    const session = await this.database.transaction({}, async (manager, _, record) => {
      const [row] = await manager.query<SessionRow[]>(
        `select * from session where id = $1 and revoked_at is null and expires_at > now()
         for update`,
        [id],
      );
      if (!row) return undefined;
      if (!sameHash(row.token_hash, tokenHash(refreshToken))) {
        await endSession(manager, row.account_id, id);
        record('accounts.refresh-token-reused', row.account_id, { session: id });
        return undefined;
      }
      const next = newToken(id);
      await manager.query('update session set token_hash = $2, used_at = now() where id = $1', [
        id,
        tokenHash(next),
      ]);
      return this.sessionOf(manager, row, next);
    });
    if (!session) throw new SessionOver();
    return session;
  }

  /** Ends the session a refresh token belongs to, be it its last one or not. */
  end(refreshToken: string): Promise<void> {
    const id = idOfToken(refreshToken);
    return this.database.transaction({}, async (manager, _, record) => {
      const [[ended]] = await manager.query<[{ account_id: string }[]]>(
        `update session set revoked_at = now() where id = $1 and revoked_at is null
         returning account_id`,
        [id],
      );
      if (ended) record('accounts.signed-out', ended.account_id, { session: id });
    });
  }

  private async sessionOf(
    manager: EntityManager,
    { id, account_id, second_factor, expires_at }: SessionRow,
    refreshToken: string,
  ): Promise<Session> {
    const account = await findAccount(manager, { id: account_id });
    if (!isOpen(account)) throw new SessionOver();
    await manager.query(
      `update account set used_at = now() where id = $1 and used_at < now() - interval '1 hour'`,
      [account_id],
    );
    const { accessMinutes } = await rulesOf(manager);
    const positions = await this.tokens.positionsOf(account);
    const enrol = !second_factor && this.tokens.needsSecondFactor(positions);
    const who = { id: account.id, personId: account.person_id, name: account.full_name };
    const seconds = accessMinutes * 60;
    return {
      accessToken: await this.tokens.sign(who, enrol ? [] : positions, seconds, id),
      accessExpiresAt: new Date(Date.now() + seconds * 1000),
      refreshToken,
      refreshExpiresAt: expires_at,
      secondFactor: enrol ? 'enrol' : second_factor ? 'used' : 'none',
    };
  }
}

/** The session whose token a caller bears. Throws Forbidden for API keys, which have none. */
export function sessionIdOf({ request }: Caller): string {
  const { sid } = request.token ? decodeJwt(request.token) : {};
  if (typeof sid === 'string') return sid;
  throw new Forbidden({
    vi: 'Việc này chỉ dành cho người đã đăng nhập, không dành cho khóa API',
    en: 'Only somebody who is signed in may do this, not an API key',
  });
}

/** The session of a caller, still open. Throws Forbidden or SessionOver. */
export async function ownSession(manager: EntityManager, caller: Caller): Promise<SessionRow> {
  const [row] = await manager.query<SessionRow[]>(
    `select * from session where id = $1 and account_id = $2 and revoked_at is null
     and expires_at > now()`,
    [sessionIdOf(caller), caller.accountId],
  );
  if (!row) throw new SessionOver();
  return row;
}

/** Ends the sessions of an account but one; access tokens in use expire within minutes. */
export async function endSessions(manager: EntityManager, accountId: string, except?: string) {
  await manager.query(
    `update session set revoked_at = now()
     where account_id = $1 and revoked_at is null and id is distinct from $2`,
    [accountId, except ?? null],
  );
}

/** Ends one session of an account. Returns whether it was open. */
export async function endSession(manager: EntityManager, accountId: string, id: string) {
  const [, count] = await manager.query<[unknown, number]>(
    `update session set revoked_at = now()
     where id = $2 and account_id = $1 and revoked_at is null and expires_at > now()`,
    [accountId, id],
  );
  return count > 0;
}

async function endOldest(manager: EntityManager, accountId: string) {
  await manager.query(
    `update session set revoked_at = now() where id in (
       select id from session where account_id = $1 and revoked_at is null and expires_at > now()
       order by started_at desc offset ${mostSessions})`,
    [accountId],
  );
}

const newToken = (session: string) => `${session}.${randomBytes(32).toString('base64url')}`;

function idOfToken(token: string): string {
  const id = token.split('.')[0]!;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw new SessionOver();
  return id;
}
