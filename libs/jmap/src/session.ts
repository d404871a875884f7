import { hash } from 'node:crypto';
import type { JsonObject } from './json.js';

/** An account as a session shows it (RFC 8620, 2). */
export interface SessionAccount {
  name: string;
  isPersonal: boolean;
  isReadOnly: boolean;
  accountCapabilities: { [capability: string]: JsonObject };
}

export interface Session {
  username: string;
  capabilities: { [capability: string]: JsonObject };
  accounts: { [accountId: string]: SessionAccount };
  /** The account that each capability is used with when the user names none. */
  primaryAccounts: { [capability: string]: string };
}

/**
 * The session object of RFC 8620, 2: addresses below `base`, and a state that says when any of it has
 * changed.
 */
export function sessionObject(session: Session, base: string): JsonObject {
  const { username, capabilities, accounts, primaryAccounts } = session;
  return {
    ...{ capabilities, accounts: accounts as unknown as JsonObject, primaryAccounts, username },
    apiUrl: `${base}/jmap/api`,
    downloadUrl: `${base}/jmap/download/{accountId}/{blobId}/{name}?type={type}`,
    uploadUrl: `${base}/jmap/upload/{accountId}`,
    eventSourceUrl: `${base}/jmap/events?types={types}&closeafter={closeafter}&ping={ping}`,
    state: sessionState(session),
  };
}

/** The state of a session: the same for the same session. */
export function sessionState(session: Session): string {
  return hash('sha256', JSON.stringify(session), 'hex').slice(0, 16);
}
