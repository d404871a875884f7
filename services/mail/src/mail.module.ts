import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { Figures } from './figures/figures.js';
import { Mailboxes } from './mailboxes/mailboxes.js';
import { MailboxReactions } from './mailboxes/mailboxes.reactions.js';
import { Policy } from './policy/policy.js';

@Module({
  imports: [
    platform({
      service: 'mail',
      entities: [],
      migrations: new URL('../migrations', import.meta.url),
    }),
  ],
  controllers: [Mailboxes, Policy, Figures],
  providers: [MailboxReactions],
})
export class MailModule {}
