import { capability } from '@eoffice/jmap/capabilities';
import type { JsonObject } from '@eoffice/jmap/json';
import type { Session, SessionAccount } from '@eoffice/jmap/session';
import type { MailAccount, MailContext } from './account.js';
import { emailSorts } from '../emails/email-filters.js';
import { limits, mailLimits, submissionLimits } from '../limits.js';

const nothing: JsonObject = {};

/** What the server can do; a request may name just these. */
export const capabilities: { [name: string]: JsonObject } = {
  [capability.core]: limits as unknown as JsonObject,
  [capability.mail]: nothing,
  [capability.submission]: nothing,
  [capability.vacation]: nothing,
  [capability.quota]: nothing,
};

/** The session of a caller (RFC 8620, 2): their mailboxes, and what they may do with each. */
export function sessionOf({ caller, accounts }: MailContext): Session {
  const first = accounts.find(({ isPersonal }) => isPersonal) ?? accounts[0];
  return {
    username: first?.rights.address ?? caller.name,
    capabilities,
    accounts: Object.fromEntries(accounts.map((account) => [account.id, shown(account)])),
    primaryAccounts: first
      ? Object.fromEntries(
          Object.keys(shown(first).accountCapabilities).map((name) => [name, first.id]),
        )
      : {},
  };
}

function shown({ rights, isPersonal, isReadOnly }: MailAccount): SessionAccount {
  const { maxQuery: _, maxKeywordsPerEmail: __, ...most } = mailLimits;
  const mail = {
    ...most,
    emailQuerySortOptions: Object.keys(emailSorts),
    mayCreateTopLevelMailbox: !isReadOnly,
  };
  const submission = {
    maxDelayedSend: submissionLimits.maxDelayedSend,
    submissionExtensions: {
      FUTURERELEASE: [String(submissionLimits.maxDelayedSend)],
      ...{ SIZE: [], '8BITMIME': [], SMTPUTF8: [] },
    },
  };
  return {
    name: rights.address,
    ...{ isPersonal, isReadOnly },
    accountCapabilities: {
      [capability.core]: nothing,
      [capability.mail]: mail,
      [capability.quota]: nothing,
      ...(rights.sendAs && { [capability.submission]: submission }),
      ...(!isReadOnly && { [capability.vacation]: nothing }),
    },
  };
}
