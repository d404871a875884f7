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
import { MailSettings } from '../config.js';
import type { Domains } from '../mailboxes/address.js';
import { acceptedChannel } from '../raw/accept.js';
import { Deciding } from '../policy/deciding.js';
import { rawOf } from '../raw/raw-messages.js';
import { MessageReader, type Taken, unread } from '../reading/message-reader.js';
import { placeOf } from '../store/recipients.js';
import { type Acceptance, postpone, settle, takeDue } from './acceptances.js';
import { keepFindings, noteSending } from './arrival.js';
import { deliver } from './deliver.js';
import { Listener } from './listener.js';
import { type Refusal, refuse, relay } from './others.js';

const atOnce = 4;
/** A message that was never delivered by then is delivered without being read. */
const triesToRead = 2;

/** As other servers read them: ASCII, without marks. */
const noSuchMailbox = 'No such mailbox here (khong co hop thu nay)';
const mailboxFull = 'The mailbox is full (hop thu da day)';

/** Where the pending recipients of an acceptance go. */
interface Places {
  /** Recipients by mailbox. */
  local: Map<string, string[]>;
  elsewhere: string[];
  refused: Refusal[];
}

/**
 * Keeps what accepting a message promised: it comes into each mailbox once, goes out to others, and
 * whoever cannot be reached is told of. Jobs lie in rows, so that no crash loses or doubles one; a
 * message that cannot be read is delivered all the same.
 */
@Injectable()
export class Deliveries implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds: Rounds;
  private readonly listener: Listener;

  constructor(
    private readonly database: Database,
    private readonly reader: MessageReader,
    private readonly deciding: Deciding,
    private readonly settings: MailSettings,
    @Inject(ServiceLog) private readonly log: Log,
  ) {
    this.rounds = new Rounds(() => this.next(), log);
    this.listener = new Listener(
      settings.databaseUrl,
      acceptedChannel,
      () => this.rounds.wake(),
      log,
    );
  }

  onApplicationBootstrap() {
    this.listener.start();
    this.rounds.start(atOnce);
  }

  async onApplicationShutdown() {
    await this.listener.stop();
    await this.rounds.stop();
  }

  /** Looks now: a message has been accepted in this process. */
  wake() {
    this.rounds.wake();
  }

  private async next(): Promise<boolean> {
    const acceptance = await this.database.transaction({}, takeDue);
    if (!acceptance) return false;
    try {
      await this.keepPromise(acceptance);
    } catch (error) {
      this.log.warn({ err: error, acceptance: acceptance.id }, 'a delivery will be tried again');
      await this.database.transaction({}, (manager) => postpone(manager, acceptance));
    }
    return true;
  }

  /** What fails for one recipient is tried again for it alone, after all others had their turn. */
  private async keepPromise(acceptance: Acceptance) {
    const { local, elsewhere, refused } = await this.places(acceptance);
    const isRead = local.size > 0 || acceptance.way === 'submission';
    const taken = isRead ? await this.read(acceptance) : { summary: unread };
    const domains = await this.note(acceptance, taken);
    const failures: unknown[] = [];
    const failed = (error: unknown) => void failures.push(error);
    if (elsewhere.length + refused.length > 0 || local.size === 0) {
      await this.settleOthers(acceptance, elsewhere, refused).catch(failed);
    }
    for (const [mailboxId, recipients] of local) {
      await deliver(this.database, acceptance, mailboxId, recipients, taken, domains).catch(failed);
    }
    if (failures.length > 0) throw failures[0];
  }

  private async settleOthers(acceptance: Acceptance, elsewhere: string[], refused: Refusal[]) {
    await this.database.transaction({}, async (manager) => {
      if (elsewhere.length > 0) await relay(manager, acceptance, elsewhere);
      if (refused.length > 0)
        await refuse(manager, acceptance, refused, this.settings.mailHostname);
      await settle(manager, acceptance);
    });
  }

  private async places({ way, pending }: Acceptance): Promise<Places> {
    const places: Places = { local: new Map(), elsewhere: [], refused: [] };
    for (const recipient of pending) {
      const { hosted, mailboxId, state, full } = await placeOf(this.database.manager, recipient);
      if (!hosted) places.elsewhere.push(recipient);
      else if (!mailboxId || state !== 'open') {
        places.refused.push({ recipient, status: '5.1.1', reply: noSuchMailbox });
      } else if (full && way === 'submission') {
        places.refused.push({ recipient, status: '5.2.2', reply: mailboxFull });
      } else {
        // What came from outside was promised room when its recipient was named.
        places.local.set(mailboxId, [...(places.local.get(mailboxId) ?? []), recipient]);
      }
    }
    return places;
  }

  private async read({ sha256, attempts }: Acceptance): Promise<Taken> {
    if (attempts > triesToRead) return { summary: unread };
    return this.reader.take(await rawOf(this.database.manager, sha256));
  }

  /** Writes down what is known of it before any of it is settled; answers the domains of the day. */
  private async note(acceptance: Acceptance, { facts }: Taken): Promise<Domains> {
    const findings = await this.deciding.findingsIn(acceptance, facts);
    const { domains } = await this.deciding.today();
    if (findings.length > 0 || acceptance.way === 'submission')
      await this.database.transaction({}, async (manager) => {
        await keepFindings(manager, acceptance, findings);
        await noteSending(manager, acceptance, facts, domains);
      });
    return domains;
  }
}
