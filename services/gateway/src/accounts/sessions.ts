import {
  type Caller,
  type ExchangeCode,
  type Refresh,
  type RenewPassword,
  type Session,
  sessions,
  type SignIn,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import { Handovers } from './handovers.js';
import { endSessions, OpenSessions } from './open-sessions.js';
import { keepPassword, mustBeAllowed } from './password-rules.js';
import { hashOf } from './passwords.js';
import { SignInCheck } from './sign-in.js';

/** Serves signing in and out, and refreshing. */
@Serves(sessions)
export class Sessions {
  constructor(
    private readonly database: Database,
    private readonly check: SignInCheck,
    private readonly handovers: Handovers,
    private readonly sessions: OpenSessions,
  ) {}

  async open({ username, password, code }: SignIn, { request }: Caller): Promise<Session> {
    const proved = await this.check.signIn({ username, password, code, request });
    return this.sessions.open(proved, request);
  }

  async renewPassword({ next, ...sent }: RenewPassword, { request }: Caller): Promise<Session> {
    const proved = await this.check.signIn({
      ...sent,
      request,
      renew: (account) => mustBeAllowed(this.database.manager, next, account),
    });
    const { id } = proved.account;
    const hash = await hashOf(next);
    return this.sessions.open(proved, request, async (manager, record) => {
      await keepPassword(manager, id, hash);
      await endSessions(manager, id);
      record('accounts.password-changed', id, {});
    });
  }

  async exchange({ code, secondFactor }: ExchangeCode, { request }: Caller): Promise<Session> {
    const { account, secondFactor: proved } = await this.handovers.find(code);
    const asks = account.totp_confirmed && !proved;
    if (asks) await this.check.demandCode(account, secondFactor, request);
    return this.sessions.open({ account, secondFactor: proved || asks }, request, (manager) =>
      this.handovers.spend(manager, code),
    );
  }

  refresh({ refreshToken }: Refresh): Promise<Session> {
    return this.sessions.refresh(refreshToken);
  }

  async end({ refreshToken }: Refresh) {
    await this.sessions.end(refreshToken);
    return {};
  }
}
