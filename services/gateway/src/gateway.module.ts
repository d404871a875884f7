import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { AccessTokens } from './accounts/access-tokens.js';
import { Accounts } from './accounts/accounts.js';
import { ApiKeys } from './accounts/api-keys.js';
import { FirstAdministrator } from './accounts/first-administrator.js';
import { Handovers } from './accounts/handovers.js';
import { IdentityProvider } from './accounts/identity-provider.js';
import { OidcSignIn } from './accounts/oidc-sign-in.js';
import { OpenSessions } from './accounts/open-sessions.js';
import { OwnAccount } from './accounts/own-account.js';
import { SecondFactor } from './accounts/second-factor.js';
import { KeptSignInRules } from './accounts/rules.js';
import { Sessions } from './accounts/sessions.js';
import { SignInCheck } from './accounts/sign-in.js';
import { SignInLocks } from './accounts/sign-in-locks.js';
import { PublishedKeys, SigningKeys } from './accounts/signing-keys.js';
import { GatewaySettings } from './config.js';
import { directoryFeatures } from './directory/directory.features.js';
import { EventStream } from './events/event-stream.js';
import { Uploads } from './files/uploads.js';

@Module({
  imports: [
    platform({
      service: 'gateway',
      settings: GatewaySettings,
      entities: [],
      migrations: new URL('../migrations', import.meta.url),
      sweeps: [
        `delete from sign_in_failure where last_at < now() - interval '2 days'`,
        `delete from sign_in_handover where expires_at < now()`,
        `delete from session where expires_at < now() - interval '90 days'`,
      ],
    }),
  ],
  controllers: [
    PublishedKeys,
    Sessions,
    OwnAccount,
    Accounts,
    KeptSignInRules,
    ApiKeys,
    ...directoryFeatures,
  ],
  providers: [
    SigningKeys,
    AccessTokens,
    SecondFactor,
    SignInLocks,
    SignInCheck,
    OpenSessions,
    Handovers,
    IdentityProvider,
    OidcSignIn,
    FirstAdministrator,
    Uploads,
    EventStream,
  ],
})
export class GatewayModule {}
