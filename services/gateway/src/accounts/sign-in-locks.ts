import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Locked, type Problem, type RequestFacts, TooMany } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { fold } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';
import type { AccountRow } from './account.js';
import { networkOf } from './networks.js';
import { rulesOf } from './sign-in-rules.js';

// An attempt counts as a failure before it is checked and is taken back when it was none: however
// many arrive at the same instant, no more are checked than may fail. Failures of one account are
// counted apart for each network its person has signed in from, and together for everywhere else,
// so whoever guesses from outside closes only the outside. Names that nobody has lock in the same
// way, or the lock would tell which exist.

const elsewhere = 'elsewhere';
const familiarDays = 90;
/** A lock that follows a lock is twice as long, up to a day; after a day without any it is short again. */
const longestLockMinutes = 1_440;

/** An attempt that was counted, or found the door closed. */
export interface Attempt {
  subject: string;
  origin: string;
  network?: string;
  /** Why nothing but a recovery code can open now. */
  closed?: Problem;
}

interface Limit {
  max: number;
  minutes: number;
  /** After so many minutes without a failure, counting begins anew. */
  forgetMinutes: number;
}

/** Counts failures to sign in, by account and by network, and closes the door for a while. */
@Injectable()
export class SignInLocks {
  constructor(private readonly database: Database) {}

  /** Counts an attempt on an account, or on a name that nobody has. */
  begin(who: AccountRow | string, { address }: Pick<RequestFacts, 'address'>): Promise<Attempt> {
    return this.database.transaction({}, async (manager) => {
      const rules = await rulesOf(manager);
      const network = address ? networkOf(address) : undefined;
      const familiar =
        network && typeof who !== 'string' && (await isFamiliar(manager, who, network));
      const subject = typeof who === 'string' ? hashOfName(who) : who.id;
      const origin = familiar ? network : elsewhere;
      if (network) {
        const { addressFailures: max, addressMinutes: minutes } = rules;
        const limit = { max, minutes, forgetMinutes: minutes };
        const until = await count(manager, '', network, limit);
        if (until) return { subject, origin, closed: tooMany(until) };
      }
      const until = await count(manager, subject, origin, {
        max: rules.maxFailures,
        minutes: rules.lockMinutes,
        forgetMinutes: longestLockMinutes,
      });
      return { subject, origin, network, closed: until && locked(until) };
    });
  }

  /** The attempt was neither a failure nor a success: it is taken back. */
  forgive(attempt: Attempt): Promise<void> {
    return this.database.transaction({}, async (manager) => {
      await takeBack(manager, '', attempt.network);
      await takeBack(manager, attempt.subject, attempt.origin);
    });
  }

  /** The attempt succeeded: what failed before it is forgotten, but not what failed from its network. */
  pass(attempt: Attempt): Promise<void> {
    return this.database.transaction({}, async (manager) => {
      await takeBack(manager, '', attempt.network);
      await manager.query('delete from sign_in_failure where subject = $1 and origin = $2', [
        attempt.subject,
        attempt.origin,
      ]);
    });
  }
}

/** Opens every lock of an account. */
export async function unlock(manager: EntityManager, accountId: string) {
  await manager.query('delete from sign_in_failure where subject = $1', [accountId]);
}

function locked(until: Date): Locked {
  const { seconds, minutes } = timeTo(until);
  return new Locked({
    vi: `Hãy thử lại sau ${minutes} phút, dùng mã khôi phục, hoặc nhờ quản trị viên mở khóa`,
    en: `Try again in ${minutes} minutes, use a recovery code, or ask an administrator to unlock it`,
  }).after(seconds);
}

function tooMany(until: Date): TooMany {
  const { seconds, minutes } = timeTo(until);
  return new TooMany({
    vi: `Quá nhiều lần đăng nhập sai từ mạng này, hãy thử lại sau ${minutes} phút`,
    en: `Too many failures to sign in from this network, try again in ${minutes} minutes`,
  }).after(seconds);
}

function timeTo(moment: Date) {
  const seconds = (moment.getTime() - Date.now()) / 1000;
  return { seconds, minutes: Math.max(1, Math.ceil(seconds / 60)) };
}

/** Counts one failure unless the door is closed; says until when it is. */
async function count(
  manager: EntityManager,
  subject: string,
  origin: string,
  { max, minutes, forgetMinutes }: Limit,
): Promise<Date | undefined> {
  const counted = await manager.query<unknown[]>(
    `insert into sign_in_failure as f (subject, origin, failures, locked_until)
     values ($1, $2, 1, case when $3 = 1 then now() + make_interval(mins => $4) end)
     on conflict (subject, origin) do update set
       (failures, locked_until, last_at) = (
         select n, case when n % $3 = 0 then now() + make_interval(
           mins => least($4 * power(2, least(n / $3, 11) - 1), ${longestLockMinutes})::int) end, now()
         from (select case when f.last_at < now() - make_interval(mins => $5) then 1
           else f.failures + 1 end) as next (n))
       where f.locked_until is null or f.locked_until <= now()
     returning 1`,
    [subject, origin, max, minutes, forgetMinutes],
  );
  if (counted.length > 0) return undefined;
  const [row] = await manager.query<{ locked_until: Date }[]>(
    'select locked_until from sign_in_failure where subject = $1 and origin = $2',
    [subject, origin],
  );
  return row?.locked_until;
}

async function takeBack(manager: EntityManager, subject: string, origin: string | undefined) {
  if (!origin) return;
  await manager.query(
    `update sign_in_failure set failures = greatest(failures - 1, 0), locked_until = null
     where subject = $1 and origin = $2`,
    [subject, origin],
  );
}

async function isFamiliar(manager: EntityManager, { id }: AccountRow, network: string) {
  const [row] = await manager.query<unknown[]>(
    `select 1 from session where account_id = $1 and address = $2
     and started_at > now() - make_interval(days => ${familiarDays}) limit 1`,
    [id, network],
  );
  return row !== undefined;
}

const hashOfName = (name: string) => createHash('sha256').update(fold(name)).digest('hex');
