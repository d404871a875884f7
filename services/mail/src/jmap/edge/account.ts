import type { Account, AccountsContext } from '@eoffice/jmap/accounts';
import type { Caller } from '@eoffice/contracts';
import type { Asker } from './authentication.js';
import type { Database } from '@eoffice/platform/database';
import { enter } from '../../rights/enter.js';
import { mailboxesOf, type Rights } from '../../rights/rights-of.js';

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
export async function accountsOf(
  database: Database,
  { caller, mailboxIds }: Asker,
): Promise<MailAccount[]> {
  const all = await mailboxesOf(database.manager, caller);
  const [personal] = await database.query<{ id: string }>(
    `select id from mailbox where kind = 'person' and owner_id = $1`,
    [caller.personId],
  );
  return all
    .filter(({ read, mailboxId }) => read && (mailboxIds?.includes(mailboxId) ?? true))
    .map((rights) => ({
      id: rights.mailboxId,
      isReadOnly: !rights.change,
      isPersonal: rights.mailboxId === personal?.id,
      rights,
    }));
}

/** The context of a request by this caller. */
export async function contextOf(database: Database, asker: Asker): Promise<MailContext> {
  const { caller } = asker;
  const accounts = await accountsOf(database, asker);
  const accountOf = async (id: string) => {
    const account = accounts.find((each) => each.id === id);
    // Whoever is let into the mailbox of others is written down for its owner to see.
    if (account && !account.rights.own) await enter(database, caller, id, { action: 'mail.jmap' });
    return account;
  };
  return { caller, accounts, accountOf };
}
