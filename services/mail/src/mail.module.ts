import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { MailSettings } from './config.js';
import { DirectoryReactions } from './directory/directory.reactions.js';
import { Figures } from './figures/figures.js';
import { Mailboxes } from './mailboxes/mailboxes.js';
import { MailboxReactions } from './mailboxes/mailboxes.reactions.js';
import { Policy } from './policy/policy.js';
import { MailEdge } from './smtp/edge.js';
import { Exchange } from './smtp/exchange.js';
import { Intake } from './smtp/intake.js';
import { SurveyClosing } from './survey/closing.js';
import { Survey } from './survey/survey.js';

@Module({
  imports: [
    platform({
      service: 'mail',
      settings: MailSettings,
      entities: [],
      migrations: new URL('../migrations', import.meta.url),
    }),
  ],
  controllers: [Mailboxes, Policy, Survey, Figures],
  providers: [MailboxReactions, DirectoryReactions, SurveyClosing, Intake, Exchange, MailEdge],
})
export class MailModule {}
