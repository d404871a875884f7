import type { EntityManager } from 'typeorm';

/** A row of `account`, as the features of this folder read it. */
export interface AccountRow {
  id: string;
  person_id: string;
  full_name: string;
  active: boolean;
  username: string;
  password_hash: string | null;
  roles: string[];
  disabled: boolean;
  failures: number;
  locked_until: Date | null;
  totp_secret: string | null;
  totp_confirmed: boolean;
  totp_last_step: string;
  recovery_codes: string[];
}

const select = `select a.*, p.full_name, p.active from account a join person p using (person_id)`;

/** The account of a user name, a person's official address, or an id; locked when asked to be. */
export async function findAccount(
  manager: EntityManager,
  by: { username: string } | { id: string } | { subject: string },
  lock = false,
): Promise<AccountRow | undefined> {
  const [condition, value] =
    'username' in by
      ? ['lower(a.username) = lower($1) or lower(p.email) = lower($1)', by.username]
      : 'subject' in by
        ? ['a.subject = $1', by.subject]
        : ['a.id = $1', by.id];
  const [row] = await manager.query<AccountRow[]>(
    `${select} where ${condition} order by a.username limit 1
     ${lock ? 'for update of a' : ''}`,
    [value],
  );
  return row;
}

export interface SignInPolicy {
  maxFailures: number;
  lockMinutes: number;
  accessMinutes: number;
  refreshDays: number;
}

/** The rules of signing in that hold today. */
export async function policyOf(manager: EntityManager): Promise<SignInPolicy> {
  const [policy] = await manager.query<SignInPolicy[]>(
    `select max_failures as "maxFailures", lock_minutes as "lockMinutes",
       access_minutes as "accessMinutes", refresh_days as "refreshDays"
     from sign_in_policy where valid_from <= current_date order by valid_from desc limit 1`,
  );
  return policy!;
}
