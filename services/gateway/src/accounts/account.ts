import type { EntityManager } from 'typeorm';

/** A row of `account`, as the features of this folder read it. */
export interface AccountRow {
  id: string;
  person_id: string;
  full_name: string;
  active: boolean;
  username: string;
  password_hash: string | null;
  /** Whether an administrator's password of this age must be changed. */
  password_old: boolean;
  roles: string[];
  issuer: string | null;
  subject: string | null;
  disabled: boolean;
  dormant: boolean;
  totp_secret: string | null;
  totp_confirmed: boolean;
  totp_last_step: string;
  recovery_codes: string[];
}

/**
 * Unused for so long that an administrator must enable it again. The first administrator is left
 * out: if everybody stayed away, somebody must be able to come back.
 */
export const dormant = `cardinality(a.roles) = 0
  and a.used_at < now() - make_interval(days => (select idle_days from sign_in_rules))`;

const select = `select a.*, p.full_name, p.active, ${dormant} as dormant,
    a.password_changed_at < now() - make_interval(
      months => (select administrator_password_months from sign_in_rules)) as password_old
  from account a join person p using (person_id)`;

export type AccountKey =
  { username: string } | { id: string } | { issuer: string; subject: string };

/**
 * The account of a user name or its person's official address, of an identity at a provider, or of
 * an id; locked when asked to be.
 */
export async function findAccount(
  manager: EntityManager,
  by: AccountKey,
  lock = false,
): Promise<AccountRow | undefined> {
  const [condition, values] = conditionOf(by);
  const [row] = await manager.query<AccountRow[]>(
    `${select} where ${condition} order by a.username limit 1 ${lock ? 'for update of a' : ''}`,
    values,
  );
  return row;
}

function conditionOf(by: AccountKey): [string, string[]] {
  if ('username' in by) {
    return ['lower(a.username) = lower($1) or lower(p.email) = lower($1)', [by.username]];
  }
  if ('subject' in by) return ['a.issuer = $1 and a.subject = $2', [by.issuer, by.subject]];
  return ['a.id = $1', [by.id]];
}

/** Whether somebody may come in with it at all. */
export function isOpen(account: AccountRow | undefined): account is AccountRow {
  return account !== undefined && !account.disabled && account.active;
}
