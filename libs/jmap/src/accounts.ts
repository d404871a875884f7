import { MethodError } from './errors.js';

/** What every method that works on an account needs to know of it. */
export interface Account {
  id: string;
  isReadOnly: boolean;
}

/** A context in which accounts are found. */
export interface AccountsContext<A extends Account> {
  /** The account with this id that the caller may read. */
  accountOf(id: string): A | undefined | Promise<A | undefined>;
}

/** The account that a method reads. Throws MethodError. */
export async function accountOf<A extends Account>(
  context: AccountsContext<A>,
  id: string,
): Promise<A> {
  const account = await context.accountOf(id);
  if (!account) throw new MethodError('accountNotFound');
  return account;
}

/** The account that a method changes. Throws MethodError. */
export async function writableAccountOf<A extends Account>(
  context: AccountsContext<A>,
  id: string,
): Promise<A> {
  const account = await accountOf(context, id);
  if (account.isReadOnly) throw new MethodError('accountReadOnly');
  return account;
}
