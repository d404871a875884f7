import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { outboundFailed } from '@eoffice/contracts';
import { Database, type Emit } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { Rounds } from '@eoffice/platform/rounds';
import { ServiceLog } from '@eoffice/platform/tokens';
import type { EntityManager } from 'typeorm';
import { isUUID } from 'class-validator';
import { type ArrivedReport, readReport } from './read-report.js';

interface Arrived {
  id: string;
  octets: Buffer;
  recipients: string[];
}

interface Sent {
  id: string;
  acceptanceId: string;
  recipient: string;
  mailboxId: string | null;
  reported: string | null;
}

/** A report is small; of a larger one the beginning says enough. */
const maxOctets = 1024 * 1024;

/**
 * Looks at mail that comes back without a reverse path: what another server reports of a mail of ours
 * is shown with that mail, so that nobody takes for arrived what has not. A report counts only when it
 * came to whoever sent the mail, and names its envelope or its Message-ID.
 */
@Injectable()
export class ArrivedReports implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds: Rounds;

  constructor(
    private readonly database: Database,
    @Inject(ServiceLog) log: Log,
  ) {
    this.rounds = new Rounds(() => this.next(), log);
  }

  onApplicationBootstrap() {
    this.rounds.start(1);
  }

  async onApplicationShutdown() {
    await this.rounds.stop();
  }

  private next(): Promise<boolean> {
    return this.database.transaction({}, async (manager, emit) => {
      const [arrived] = await manager.query<Arrived[]>(
        `select a.id, a.recipients, substring(r.octets for ${maxOctets}) as octets
         from acceptance a join raw_message r using (sha256)
         where reverse_path = '' and way = 'exchange' and accepted_at > now() - interval '7 days'
           and not exists (select from arrived_report l where l.acceptance_id = a.id)
         order by accepted_at limit 1 for update of a skip locked`,
      );
      if (!arrived) return false;
      const report = readReport(arrived.octets);
      const told = report ? await this.note(manager, emit, arrived, report) : 0;
      await manager.query(
        'insert into arrived_report (acceptance_id, recipients) values ($1, $2)',
        [arrived.id, told],
      );
      return true;
    });
  }

  private async note(
    manager: EntityManager,
    emit: Emit,
    { id: reportId, recipients }: Arrived,
    report: ArrivedReport,
  ): Promise<number> {
    const sent = await sentMail(manager, report, recipients);
    let told = 0;
    for (const { action, addresses, status, reply } of report.recipients) {
      // Where the other side has another name for them, one recipient is still known.
      const row =
        sent.find(({ recipient }) => addresses.includes(recipient.toLowerCase())) ??
        (sent.length === 1 && report.recipients.length === 1 ? sent[0] : undefined);
      if (!row || row.reported === 'failed') continue;
      told++;
      row.reported = action;
      const { id, acceptanceId, recipient, mailboxId } = row;
      await manager.query(
        `update outbound_recipient set reported = $2, reported_at = now(), reported_reply = $3,
           status = $4, report_id = $5 where id = $1`,
        [id, action, reply, status, reportId],
      );
      if (action !== 'failed') continue;
      const fact = { deliveryId: id, acceptanceId, recipient, status, reply };
      emit(outboundFailed, id, mailboxId ? { ...fact, mailboxId } : fact);
    }
    return told;
  }
}

/** What was sent of the mail that a report is about, from an address that the report came to. */
function sentMail(
  manager: EntityManager,
  { envelopeId = '', messageId }: ArrivedReport,
  cameTo: readonly string[],
): Promise<Sent[]> {
  return manager.query<Sent[]>(
    `select r.id, r.acceptance_id as "acceptanceId", r.recipient, r.reported,
       a.mailbox_id as "mailboxId"
     from outbound_recipient r join acceptance a on a.id = r.acceptance_id
     where (r.acceptance_id = $1 or $1::uuid is null and r.message_id = $2) and r.state = 'sent'
       and lower(a.reverse_path) = any ($3)
     order by r.id limit 1000 for update of r`,
    [
      isUUID(envelopeId) ? envelopeId : null,
      messageId ?? '',
      cameTo.map((address) => address.toLowerCase()),
    ],
  );
}
