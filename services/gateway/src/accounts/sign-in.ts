import { Injectable } from '@nestjs/common';
import {
  AccountDisabled,
  CodeRequired,
  PasswordExpired,
  type RequestFacts,
  type SignIn,
  SignInRefused,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Passport } from 'passport';
import { Strategy } from 'passport-local';
import { AccessTokens } from './access-tokens.js';
import { type AccountRow, findAccount, isOpen } from './account.js';
import { fits } from './passwords.js';
import { hasRecoveryCode, looksLikeRecoveryCode, SecondFactor } from './second-factor.js';
import { type Attempt, SignInLocks } from './sign-in-locks.js';

/** Who signed in, and whether a second factor was used. */
export interface SignedIn {
  account: AccountRow;
  secondFactor: boolean;
}

/** What a sign-in with a password brings. */
interface Trial extends SignIn {
  request: RequestFacts;
  /** Makes a password that is too old good enough: it is about to be replaced. Throws if it may not be. */
  renew?: (account: AccountRow) => Promise<void>;
}

/** Journal entries of attempts on names that nobody has. The name is left out: it may be a password. */
export const nobody = 'accounts.nobody';

/** Checks a user name, password and second factor. */
@Injectable()
export class SignInCheck {
  private readonly passport = new Passport();

  constructor(
    private readonly database: Database,
    private readonly locks: SignInLocks,
    private readonly secondFactor: SecondFactor,
    private readonly tokens: AccessTokens,
  ) {
    this.passport.use(
      new Strategy({ passReqToCallback: true }, (request, _, __, done) => {
        this.check(request.body as Trial).then((found) => done(null, found), done);
      }),
    );
  }

  /** Throws SignInRefused, CodeRequired, Locked, TooMany, AccountDisabled or PasswordExpired. */
  signIn(trial: Trial): Promise<SignedIn> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown, found?: SignedIn | false) =>
        error ? reject(error) : found ? resolve(found) : reject(new SignInRefused());
      const authenticate = this.passport.authenticate('local', done) as (
        request: object,
        response: object,
        next: (error?: unknown) => void,
      ) => void;
      authenticate({ body: trial, headers: {} }, {}, reject);
    });
  }

  /** The second half of a sign-in whose first was proved elsewhere. Throws like `signIn`. */
  async demandCode(account: AccountRow, code: string | undefined, request: RequestFacts) {
    if (!code) throw new CodeRequired();
    const attempt = await this.locks.begin(account, request);
    await this.tryCode(account, code, attempt, request);
    await this.locks.pass(attempt);
  }

  /** Whether the password of a signed-in person is this one. Throws SignInRefused, Locked or TooMany. */
  async demandPassword(account: AccountRow, password: string, request: RequestFacts) {
    const attempt = await this.locks.begin(account, request);
    if (attempt.closed) throw attempt.closed;
    if (!(await fits(password, account.password_hash))) {
      return this.refuse(account, 'password', request);
    }
    await this.locks.pass(attempt);
  }

  private async check({ username, password, code, request, renew }: Trial): Promise<SignedIn> {
    const account = await findAccount(this.database.manager, { username });
    const attempt = await this.locks.begin(account ?? username, request);
    if (attempt.closed && !looksLikeRecoveryCode(code)) throw attempt.closed;
    const right = await fits(password, account?.password_hash);
    if (attempt.closed) {
      const opens = right && isOpen(account) && hasRecoveryCode(account, code!);
      if (!opens) throw attempt.closed;
    }
    if (!isOpen(account) || !right) return this.refuse(account, 'password', request);
    const wanting = await this.wantingOf(account, code, renew);
    if (wanting) {
      await this.locks.forgive(attempt);
      if (account.dormant) await this.record(account, 'dormant', request);
      throw wanting;
    }
    if (account.totp_confirmed) await this.tryCode(account, code!, attempt, request);
    await this.locks.pass(attempt);
    return { account, secondFactor: account.totp_confirmed };
  }

  /** What somebody with the right password still lacks: none of it is a failure. */
  private async wantingOf(account: AccountRow, code: string | undefined, renew: Trial['renew']) {
    if (account.dormant) return dormantAccount();
    if (renew) {
      const refused = await renew(account).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (refused) return refused;
    } else if (account.password_old && (await this.isAdministrator(account))) {
      return new PasswordExpired();
    }
    return account.totp_confirmed && !code ? new CodeRequired() : undefined;
  }

  private async isAdministrator(account: AccountRow) {
    return this.tokens.needsSecondFactor(await this.tokens.positionsOf(account));
  }

  private async tryCode(
    account: AccountRow,
    code: string,
    { closed }: Attempt,
    request: RequestFacts,
  ) {
    if (closed && !hasRecoveryCode(account, code)) throw closed;
    if (!(await this.secondFactor.take(account, code))) {
      await this.refuse(account, 'code', request);
    }
  }

  private async refuse(
    account: AccountRow | undefined,
    what: string,
    request: RequestFacts,
  ): Promise<never> {
    await this.record(account, what, request);
    throw new SignInRefused();
  }

  private async record(account: AccountRow | undefined, what: string, { address }: RequestFacts) {
    await this.database.transaction({}, async (_, __, record) => {
      record('accounts.sign-in-refused', account?.id ?? nobody, { what, address });
    });
  }
}

/** The problem of an account that nobody has used for too long. */
export function dormantAccount() {
  return new AccountDisabled({
    vi: 'Tài khoản đã lâu không dùng nên bị khóa, hãy nhờ quản trị viên mở lại',
    en: 'The account was not used for so long that an administrator must enable it again',
  });
}
