import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { Authentication } from './authentication/authentication.js';
import { AppPasswords } from './app-passwords/app-passwords.js';
import { KnownPasswords } from './app-passwords/known-passwords.js';
import { MailSettings } from './config.js';
import { Deliveries } from './delivery/deliveries.js';
import { DirectoryReactions } from './directory/directory.reactions.js';
import { Dispatches } from './dispatches/dispatches.js';
import { Dkim } from './dkim/dkim.js';
import { Signers } from './dkim/signers.js';
import { Figures } from './figures/figures.js';
import { MailFolders } from './folders/folders.js';
import { MailboxKeeping } from './mailboxes/keeping.js';
import { Mailboxes } from './mailboxes/mailboxes.js';
import { jmap } from './jmap/jmap.js';
import { MailboxReactions } from './mailboxes/mailboxes.reactions.js';
import { Messages } from './messages/messages.js';
import { ArrivedReports } from './outbound/arrived-reports.js';
import { Names } from './outbound/names.js';
import { OutboundDeliveries } from './outbound/outbound-deliveries.js';
import { OutboundMetrics } from './outbound/outbound-metrics.js';
import { Overdue } from './outbound/overdue.js';
import { Routes } from './outbound/routes.js';
import { Sender } from './outbound/sender.js';
import { TransportPolicies } from './outbound/transport-policies.js';
import { Deciding } from './policy/deciding.js';
import { Policy } from './policy/policy.js';
import { MessageReader } from './reading/message-reader.js';
import { RegisteredReactions } from './registrations/registered.reactions.js';
import { Registrations } from './registrations/registrations.js';
import { MailboxGrants } from './rights/grants.js';
import { MailEdge } from './smtp/edge.js';
import { Exchange } from './smtp/exchange.js';
import { Intake } from './smtp/intake.js';
import { KnownRecipients } from './smtp/known-recipients.js';
import { SignIns } from './smtp/sign-ins.js';
import { Submission } from './smtp/submission.js';
import { Refusals } from './smtp/refusals.js';
import { SurveyClosing } from './survey/closing.js';
import { Survey } from './survey/survey.js';

@Module({
  imports: [
    platform({
      service: 'mail',
      settings: MailSettings,
      entities: [],
      migrations: new URL('../migrations', import.meta.url),
      sweeps: [`delete from uploaded_blob where expires_at < now()`],
    }),
  ],
  controllers: [
    ...[Mailboxes, MailboxKeeping, MailboxGrants, AppPasswords],
    ...[MailFolders, Messages, Registrations, Dispatches],
    ...[OutboundDeliveries, Dkim],
    ...[Policy, Survey, Figures],
  ],
  providers: [
    ...[MailboxReactions, DirectoryReactions],
    ...[Intake, KnownRecipients, KnownPasswords, SignIns],
    ...[Exchange, Submission, MailEdge, Refusals, Authentication],
    ...[MessageReader, Deciding, Deliveries, RegisteredReactions],
    ...[Names, Routes, TransportPolicies, Signers],
    ...[OutboundMetrics, Sender, Overdue, ArrivedReports],
    SurveyClosing,
    ...jmap,
  ],
})
export class MailModule {}
