import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AccountDisabled, NotLinked, type RequestFacts, SignInOver } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import type { EntityManager } from 'typeorm';
import { GatewaySettings } from '../config.js';
import { findAccount, isOpen } from './account.js';
import { issuerOf } from './identity-provider.js';
import { tokenHash } from './passwords.js';
import { dormantAccount, nobody, type SignedIn } from './sign-in.js';

/** How long the one-time code of a sign-in at a provider lives. */
export const handoverSeconds = 60;

/** Somebody whose identity a provider has confirmed. */
export interface Identity {
  issuer: string;
  subject: string;
  /** Whether the provider says that it asked for a second factor. */
  secondFactor: boolean;
}

/** Carries a confirmed identity from the browser to the frontend, under a code that counts once. */
@Injectable()
export class Handovers {
  constructor(
    private readonly database: Database,
    private readonly settings: GatewaySettings,
  ) {}

  /** Returns the one-time code. Throws NotLinked or AccountDisabled. */
  async give({ issuer, subject, secondFactor }: Identity, request: RequestFacts): Promise<string> {
    const account = await findAccount(this.database.manager, { issuer, subject });
    if (!account) {
      await this.recordRefusal(nobody, { what: 'not-linked', issuer, subject }, request);
      throw notLinked(subject);
    }
    if (!isOpen(account) || account.dormant) {
      await this.recordRefusal(account.id, { what: 'disabled' }, request);
      throw account.dormant ? dormantAccount() : new AccountDisabled();
    }
    const code = randomBytes(32).toString('base64url');
    await this.database.transaction({}, (manager) =>
      manager.query(
        `insert into sign_in_handover (code_hash, account_id, second_factor, expires_at)
         values ($1, $2, $3, now() + make_interval(secs => ${handoverSeconds}))`,
        [tokenHash(code), account.id, secondFactor],
      ),
    );
    return code;
  }

  /** Who stands behind an unspent code. Throws SignInOver, or NotFound without a provider. */
  async find(code: string): Promise<SignedIn> {
    issuerOf(this.settings);
    const { manager } = this.database;
    const [row] = await manager.query<{ account_id: string; second_factor: boolean }[]>(
      `select account_id, second_factor from sign_in_handover
       where code_hash = $1 and expires_at > now()`,
      [tokenHash(code)],
    );
    const account = row && (await findAccount(manager, { id: row.account_id }));
    if (!isOpen(account)) throw new SignInOver();
    return { account, secondFactor: row!.second_factor };
  }

  /** Spends a code, in the transaction that opens its session. Throws SignInOver if another did. */
  async spend(manager: EntityManager, code: string) {
    const [, count] = await manager.query<[unknown, number]>(
      'delete from sign_in_handover where code_hash = $1 and expires_at > now()',
      [tokenHash(code)],
    );
    if (count === 0) throw new SignInOver();
  }

  private async recordRefusal(stream: string, why: object, { address }: RequestFacts) {
    await this.database.transaction({}, async (_, __, record) => {
      record('accounts.sign-in-refused', stream, { ...why, address });
    });
  }
}

const notLinked = (subject: string) =>
  new NotLinked({
    vi: `Hãy báo mã định danh này cho quản trị viên để gắn với tài khoản của bạn: ${subject}`,
    en: `Give this identifier to your administrator, who can link it to your account: ${subject}`,
  });
