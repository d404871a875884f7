import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Database } from '@eoffice/platform/database';
import type { Log } from '@eoffice/platform/log';
import { Rounds } from '@eoffice/platform/rounds';
import { ServiceLog } from '@eoffice/platform/tokens';
import type { EntityManager } from 'typeorm';
import { MailSettings } from '../../config.js';
import { rawOf } from '../../raw/raw-messages.js';
import { nextState } from '../../store/state.js';
import type { EnvelopeAddress } from './envelope.js';
import { handOver } from './hand-over.js';

interface Pending {
  id: string;
  mailboxId: string;
  sha256: string;
  mailFrom: EnvelopeAddress;
  rcptTo: EnvelopeAddress[];
  submittedBy: string;
}

/** Sends what was to wait once its time has come: from then on it cannot be called back. */
@Injectable()
export class DelayedSubmissions implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds: Rounds;

  constructor(
    private readonly database: Database,
    private readonly settings: MailSettings,
    @Inject(ServiceLog) log: Log,
  ) {
    this.rounds = new Rounds(() => this.next(), log);
  }

  onApplicationBootstrap() {
    this.rounds.start(1);
  }

  onApplicationShutdown() {
    return this.rounds.stop();
  }

  private next(): Promise<boolean> {
    return this.database.transaction({}, async (manager) => {
      const pending = await takeDue(manager);
      if (!pending) return false;
      const { id, mailboxId, mailFrom, rcptTo } = pending;
      const due = {
        ...{ submissionId: id, mailboxId, envelope: { mailFrom, rcptTo } },
        ...{ personId: pending.submittedBy, octets: await rawOf(manager, pending.sha256) },
      };
      const acceptanceId = await handOver(manager, due, this.settings.mailHostname);
      await manager.query(
        `update submission set undo_status = 'final', acceptance_id = $3, changed_at_state = $4
         where mailbox_id = $1 and id = $2`,
        [mailboxId, id, acceptanceId, await nextState(manager, mailboxId)],
      );
      return true;
    });
  }
}

/** The submission that is due first, its mailbox locked before it, as whoever cancels it does. */
async function takeDue(manager: EntityManager): Promise<Pending | undefined> {
  const [due] = await manager.query<{ id: string; mailboxId: string }[]>(
    `select s.id, s.mailbox_id as "mailboxId" from submission s
     where s.undo_status = 'pending' and s.send_at <= now() order by s.send_at limit 1`,
  );
  if (!due) return undefined;
  await manager.query('select from mailbox where id = $1 for update', [due.mailboxId]);
  const [pending] = await manager.query<Pending[]>(
    `select id, mailbox_id as "mailboxId", encode(sha256, 'hex') as sha256,
       mail_from as "mailFrom", rcpt_to as "rcptTo", submitted_by as "submittedBy"
     from submission where mailbox_id = $1 and id = $2 and undo_status = 'pending'`,
    [due.mailboxId, due.id],
  );
  return pending;
}
