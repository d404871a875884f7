import type { Account, AccountsContext } from '@eoffice/jmap/accounts';
import type { Caller } from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';
import { mailboxesOf, type Rights } from '../../rights/rights.js';

/** An official mailbox as JMAP shows it to a caller. */
export interface MailAccount extends Account {
  rights: Rights;
  isPersonal: boolean;
}

/** What the methods know of a request. */
export interface MailContext extends AccountsContext<MailAccount> {
  caller: Caller;
  accounts: MailAccount[];
}

/** The mailboxes that a caller may read, their own first. */
export async function accountsOf(database: Database, caller: Caller): Promise<MailAccount[]> {
  const all = await mailboxesOf(database.manager, caller);
  const [personal] = await database.query<{ id: string }>(
    `select id from mailbox where kind = 'person' and owner_id = $1`,
    [caller.personId],
  );
  return all
    .filter(({ read }) => read)
    .map((rights) => ({
      id: rights.mailboxId,
      isReadOnly: !rights.change,
      isPersonal: rights.mailboxId === personal?.id,
      rights,
    }));
}

/** The context of a request by this caller. */
export async function contextOf(database: Database, caller: Caller): Promise<MailContext> {
  const accounts = await accountsOf(database, caller);
  return { caller, accounts, accountOf: (id) => accounts.find((account) => account.id === id) };
}
