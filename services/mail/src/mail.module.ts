import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { DirectoryReactions } from './directory/directory.reactions.js';
import { Figures } from './figures/figures.js';
import { Mailboxes } from './mailboxes/mailboxes.js';
import { MailboxReactions } from './mailboxes/mailboxes.reactions.js';
import { Policy } from './policy/policy.js';
import { SurveyClosing } from './survey/closing.js';
import { Survey } from './survey/survey.js';

@Module({
  imports: [
    platform({
      service: 'mail',
      entities: [],
      migrations: new URL('../migrations', import.meta.url),
    }),
  ],
  controllers: [Mailboxes, Policy, Survey, Figures],
  providers: [MailboxReactions, DirectoryReactions, SurveyClosing],
})
export class MailModule {}
