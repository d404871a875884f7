import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { AccessTokens } from './accounts/access-tokens.js';
import { Accounts } from './accounts/accounts.js';
import { ApiKeys } from './accounts/api-keys.js';
import { FirstAdministrator } from './accounts/first-administrator.js';
import { Sessions } from './accounts/sessions.js';
import { SignInCheck } from './accounts/sign-in.js';
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
    }),
  ],
  controllers: [PublishedKeys, Sessions, Accounts, ...directoryFeatures],
  providers: [
    SigningKeys,
    AccessTokens,
    SignInCheck,
    ApiKeys,
    FirstAdministrator,
    Uploads,
    EventStream,
  ],
})
export class GatewayModule {}
