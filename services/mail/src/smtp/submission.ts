import { Injectable } from '@nestjs/common';
import { Database } from '@eoffice/platform/database';
import type { SMTPServerAuthentication, SMTPServerSession } from 'smtp-server';
import { MailSettings } from '../config.js';
import { Deciding } from '../policy/deciding.js';
import { completed } from './completed.js';
import { headerOf } from './header.js';
import { Intake } from './intake.js';
import { KnownRecipients } from './known-recipients.js';
import { Rate } from './limits.js';
import type { Door, Envelope } from './mail-server.js';
import type { Sent } from './read-message.js';
import { noSuchMailbox, Reply } from './reply.js';
import { mustBeTakable } from './rules.js';
import { addressesOf, authorOf, mustSend } from './senders.js';
import { type SignedIn, SignIns } from './sign-ins.js';
import { peerFacts, receivedField } from './trace.js';

const hourMs = 3_600_000;

/** Takes mail of our own people for anybody, written as nobody but those they may write as. */
@Injectable()
export class Submission implements Door {
  readonly way = 'submission' as const;
  readonly options = { authMethods: ['PLAIN', 'LOGIN', 'OAUTHBEARER', 'XOAUTH2'] };
  private readonly rate: Rate;

  constructor(
    private readonly database: Database,
    private readonly intake: Intake,
    private readonly recipients: KnownRecipients,
    private readonly signIns: SignIns,
    private readonly deciding: Deciding,
    private readonly settings: MailSettings,
  ) {
    this.rate = new Rate(settings.submissionsPerHour, hourMs);
  }

  signIn(given: SMTPServerAuthentication, { remoteAddress }: SMTPServerSession) {
    return this.signIns.enter(given, remoteAddress);
  }

  async sender(address: string, session: SMTPServerSession) {
    const who = submitterOf(session);
    await this.signIns.mustHold(who);
    mustSend(await addressesOf(this.database.manager, who), address);
    if (this.rate.exceeded(who.personId))
      throw new Reply(
        450,
        '4.7.0',
        'Đã gửi quá nhiều thư trong giờ này',
        'Too many messages this hour',
      );
  }

  async recipient(address: string) {
    if ((await this.recipients.find(address)) === 'unknown') throw noSuchMailbox();
  }

  async take(sent: Sent, envelope: Envelope, session: SMTPServerSession): Promise<string> {
    const { manager } = this.database;
    const { way } = this;
    const who = submitterOf(session);
    const { personId } = who;
    const header = headerOf(sent.octets);
    const mail = { way, ...envelope, octets: sent.octets, header, personId } as const;
    await this.signIns.mustHold(who);
    const { mailboxId, address } = authorOf(await addressesOf(manager, who), header);
    await mustBeTakable(manager, { ...mail, mailboxId, fault: sent.fault });
    await this.deciding.judgeSubmission(manager, { ...mail, mailboxId });
    const accepted = {
      ...{ way, ...envelope, octets: completed(sent.octets, header, address) },
      ...{ mailboxId, actor: personId, peer: peerFacts(session) },
      received: receivedField(session, this.settings.mailHostname, envelope.recipients),
    } as const;
    return this.intake.take(accepted, header);
  }
}

/** Nobody gets here who has not signed in, by TLS. Throws Reply if they did. */
function submitterOf({ user, secure }: SMTPServerSession): SignedIn {
  if (user) return user as SignedIn;
  throw secure
    ? new Reply(530, '5.7.0', 'Hãy đăng nhập trước', 'Sign in first')
    : new Reply(530, '5.7.0', 'Hãy dùng STARTTLS trước', 'Issue STARTTLS first');
}
