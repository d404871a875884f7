import { Injectable } from '@nestjs/common';
import { CodeRequired, Locked, SignInRefused } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { verify } from 'otplib';
import { Passport } from 'passport';
import { Strategy } from 'passport-local';
import { GatewaySettings } from '../config.js';
import { type AccountRow, findAccount, policyOf } from './account.js';
import { fits, tokenHash } from './passwords.js';
import { Sealing } from './sealing.js';

interface Attempt {
  username: string;
  password: string;
  code?: string;
}

/** Who signed in, and whether a second factor was used. */
export interface SignedIn {
  account: AccountRow;
  secondFactor: boolean;
}

/** Checks a user name, password and second factor, and locks the door after too many tries. */
@Injectable()
export class SignInCheck {
  private readonly sealing: Sealing;
  private readonly passport = new Passport();

  constructor(
    private readonly database: Database,
    { gatewaySecret }: GatewaySettings,
  ) {
    this.sealing = new Sealing(gatewaySecret);
    this.passport.use(
      new Strategy({ passReqToCallback: true }, (request, username, password, done) => {
        const { code } = request.body as Attempt;
        this.check({ username, password, code }).then((found) => done(null, found), done);
      }),
    );
  }

  /** Throws SignInRefused, CodeRequired or Locked. */
  signIn(attempt: Attempt): Promise<SignedIn> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown, found?: SignedIn | false) =>
        error ? reject(error) : found ? resolve(found) : reject(new SignInRefused());
      const authenticate = this.passport.authenticate('local', done) as (
        request: object,
        response: object,
        next: (error?: unknown) => void,
      ) => void;
      authenticate({ body: attempt, headers: {} }, {}, reject);
    });
  }

  private async check({ username, password, code }: Attempt): Promise<SignedIn> {
    const account = await findAccount(this.database.manager, { username });
    const right = await fits(password, account?.password_hash);
    if (!account || account.disabled || !account.active) throw new SignInRefused();
    if (account.locked_until && account.locked_until > new Date()) throw lockedUntil(account);
    if (!right) return this.refuse(account, 'password');
    if (!account.totp_confirmed) {
      await this.forgetFailures(account);
      return { account, secondFactor: false };
    }
    if (!code) throw new CodeRequired();
    if (!(await this.takeCode(account, code))) return this.refuse(account, 'code');
    return { account, secondFactor: true };
  }

  /** A code counts once: the step it belongs to is remembered, a recovery code is struck out. */
  private takeCode({ id }: AccountRow, code: string): Promise<boolean> {
    return this.database.transaction({}, async (manager, _, record) => {
      const account = (await findAccount(manager, { id }, true))!;
      const step = await this.stepOf(account, code);
      if (step !== undefined) {
        await manager.query('update account set totp_last_step = $2, failures = 0 where id = $1', [
          id,
          step,
        ]);
        return true;
      }
      const hash = tokenHash(code.replaceAll('-', '').toLowerCase());
      if (!account.recovery_codes.includes(hash)) return false;
      await manager.query(
        `update account set recovery_codes = array_remove(recovery_codes, $2), failures = 0
         where id = $1`,
        [id, hash],
      );
      record('accounts.recovery-code-used', id, {});
      return true;
    });
  }

  /** The time step of a right code that was not used yet (RFC 6238, with one step of drift). */
  async stepOf(account: AccountRow, code: string): Promise<number | undefined> {
    if (!account.totp_secret || !/^\d{6}$/.test(code)) return undefined;
    const result = await verify({
      secret: this.sealing.open(account.totp_secret),
      token: code,
      epochTolerance: 30,
      afterTimeStep: Number(account.totp_last_step),
    });
    return result.valid && 'timeStep' in result ? (result.timeStep as number) : undefined;
  }

  private async refuse(account: AccountRow, what: string): Promise<never> {
    await this.database.transaction({}, async (manager, _, record) => {
      const { maxFailures, lockMinutes } = await policyOf(manager);
      await manager.query(
        `update account set failures = failures + 1, locked_until = case
           when (failures + 1) % $2 = 0 then now() + make_interval(mins => $3) else locked_until end
         where id = $1`,
        [account.id, maxFailures, lockMinutes],
      );
      record('accounts.sign-in-refused', account.id, { what });
    });
    throw new SignInRefused();
  }

  private async forgetFailures({ id, failures }: AccountRow) {
    if (failures === 0) return;
    await this.database.transaction({}, (manager) =>
      manager.query('update account set failures = 0, locked_until = null where id = $1', [id]),
    );
  }
}

function lockedUntil({ locked_until }: AccountRow) {
  const minutes = Math.ceil((locked_until!.getTime() - Date.now()) / 60_000);
  return new Locked({
    vi: `Hãy thử lại sau ${minutes} phút, hoặc nhờ quản trị viên mở khóa`,
    en: `Try again in ${minutes} minutes, or ask an administrator to unlock it`,
  });
}
