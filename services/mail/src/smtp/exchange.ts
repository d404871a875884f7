import { Injectable } from '@nestjs/common';
import { Database } from '@eoffice/platform/database';
import type { SMTPServerSession } from 'smtp-server';
import { MailSettings } from '../config.js';
import { headerOf } from './header.js';
import { Intake } from './intake.js';
import { KnownRecipients } from './known-recipients.js';
import type { Door, Envelope } from './mail-server.js';
import type { Sent } from './read-message.js';
import { noSuchMailbox, Reply } from './reply.js';
import { mustBeTakable } from './rules.js';
import { peerFacts, receivedField } from './trace.js';

/** Takes mail of other servers for mailboxes that are here, and for nobody else. */
@Injectable()
export class Exchange implements Door {
  readonly way = 'exchange' as const;
  readonly options = { authOptional: true, disabledCommands: ['AUTH'] };

  constructor(
    private readonly database: Database,
    private readonly intake: Intake,
    private readonly recipients: KnownRecipients,
    private readonly settings: MailSettings,
  ) {}

  async sender() {}

  async recipient(address: string) {
    const found = await this.recipients.find(address);
    if (found === 'not-here')
      throw new Reply(550, '5.7.1', 'Không chuyển tiếp thư', 'We do not relay mail');
    if (found === 'unknown') throw noSuchMailbox();
    if (found === 'suspended')
      throw new Reply(550, '5.2.1', 'Hộp thư tạm khóa', 'The mailbox is suspended');
    if (found === 'full') throw new Reply(452, '4.2.2', 'Hộp thư đã đầy', 'The mailbox is full');
  }

  async take(sent: Sent, envelope: Envelope, session: SMTPServerSession): Promise<string> {
    const { octets, sha256, fault } = sent;
    const { way } = this;
    const header = headerOf(octets);
    await mustBeTakable(this.database.manager, { way, ...envelope, octets, header, fault });
    const peer = peerFacts(session);
    const received = receivedField(session, this.settings.mailHostname, envelope.recipients);
    const accepted = { way, ...envelope, octets, sha256, peer, received } as const;
    return this.intake.take(accepted, header);
  }
}
