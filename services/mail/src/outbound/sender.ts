import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
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
import { Signers } from '../dkim/signers.js';
import { OutboundMetrics } from './outbound-metrics.js';
import { NoAnswer } from './names.js';
import { type Answer, handOver, NotReached, type Protection } from './peer.js';
import { answered, type Due, lease, leaseS, renew, rest } from './queue.js';
import { idOf } from './report.js';
import { NoRoute, Routes } from './routes.js';
import { settle } from './settle.js';
import { namesExchanger, TransportPolicies } from './transport-policies.js';
import { hopsOf, octetsOf, wireFormOf } from './wire-form.js';

// Each recipient is sent to exactly once as far as SMTP can: what the other server answered is written
// down before anything else happens. Between its 250 and our commit there is a moment in which this
// process may die; then the mail is sent again after the lease, with the same Message-ID, by which
// servers and readers know it again. At most as many mails as are sent at once can be met by that.

/** What one try came to for all recipients, and whether any server of the domain was reached. */
interface Tried {
  answers: Map<string, Omit<Answer, 'host'> & { host?: string }>;
  reached: boolean;
  messageId?: string;
}

/** A mail that has passed so many servers goes round (RFC 5321, 6.3). */
const maxHops = 60;
/** Longest a whole conversation may take, however busily the other side talks. */
const longestMs = 30 * 60_000;
/** How long conversations may go on once the service is to end. */
const closingMs = 8_000;

/** Sends what is due to other servers, a few at once, with Rounds. */
@Injectable()
export class Sender implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds: Rounds;
  private readonly sending = new Map<string, Due>();
  private readonly ending = new AbortController();
  private heart?: NodeJS.Timeout;
  private readonly roots?: string;

  constructor(
    private readonly database: Database,
    private readonly routes: Routes,
    private readonly policies: TransportPolicies,
    private readonly signers: Signers,
    private readonly settings: MailSettings,
    private readonly metrics: OutboundMetrics,
    @Inject(ServiceLog) private readonly log: Log,
  ) {
    this.rounds = new Rounds(() => this.next(), log);
    this.roots = settings.mailRootsFile && readFileSync(settings.mailRootsFile, 'utf8');
  }

  onApplicationBootstrap() {
    this.rounds.start(this.settings.mailSendersAtOnce);
    this.heart = setInterval(() => void this.beat(), (leaseS * 1_000) / 4).unref();
  }

  async onApplicationShutdown() {
    const cut = setTimeout(() => this.ending.abort(), closingMs);
    await this.rounds.stop();
    clearTimeout(cut);
    clearInterval(this.heart);
  }

  /** Looks now: something was laid down. */
  wake() {
    this.rounds.wake();
  }

  private async beat() {
    const ids = [...this.sending.values()].flatMap(({ recipients }) => recipients);
    if (ids.length === 0) return;
    await this.database
      .transaction({}, (manager) =>
        renew(
          manager,
          ids.map(({ id }) => id),
        ),
      )
      .catch((error: unknown) => this.log.warn({ err: error }, 'leases of mail not renewed'));
  }

  private async next(): Promise<boolean> {
    const due = await this.database.transaction({}, (manager) => lease(manager));
    if (due === 'again' || !due) return due === 'again';
    const key = due.recipients[0]!.id;
    this.sending.set(key, due);
    try {
      const tried = await this.try(due).catch((error: unknown) => this.notTried(due, error));
      await this.writeDown(due, tried);
    } finally {
      this.sending.delete(key);
    }
    return true;
  }

  /** Something of our own went wrong: the mail waits, and somebody looks at the log. */
  private notTried(due: Due, error: unknown): Tried {
    this.log.error({ err: error, acceptance: due.acceptanceId }, 'mail not tried');
    return {
      answers: same(due, 'deferred', 'not tried: a fault of this server', '4.3.0'),
      reached: true,
    };
  }

  private async try(due: Due): Promise<Tried> {
    try {
      return await this.handOver(due);
    } catch (error) {
      if (error instanceof NoRoute) {
        const kind = error.status.startsWith('5') ? 'refused' : 'deferred';
        return {
          answers: same(due, kind, error.message, error.status),
          reached: kind === 'refused',
        };
      }
      if (error instanceof NoAnswer) {
        return { answers: same(due, 'deferred', error.message, '4.4.3'), reached: false };
      }
      throw error;
    }
  }

  private async handOver(due: Due): Promise<Tried> {
    const message = await wireFormOf(this.database.manager, due.sha256);
    if (hopsOf(message) >= maxHops) {
      throw new NoRoute('5.4.6', `the mail has passed ${hopsOf(message)} servers already`);
    }
    const [protection, suits] = await this.demandsOf(due);
    const hosts = await this.routes.of(due.domain, suits);
    // What others wrote is not vouched for by our key.
    const signatures = due.way === 'exchange' ? '' : await this.signers.sign(message);
    const octets = octetsOf(message, `${signatures}${due.received.trimEnd()}\r\n`);
    const size = octets.reduce((sum, { length }) => sum + length, 0);
    const to = new Map(
      due.recipients.map(({ recipient }) => [wireAddress(recipient, due.domain), recipient]),
    );
    const envelope = {
      ...{ from: due.reversePath, to: [...to.keys()], size, envelopeId: due.acceptanceId },
    };
    const line = {
      ...{ protection, name: this.settings.mailHostname, roots: this.roots },
      silenceMs: this.settings.mailPeerTimeoutMs,
      signal: AbortSignal.any([this.ending.signal, AbortSignal.timeout(longestMs)]),
    };
    const failures: string[] = [];
    for (const host of hosts) {
      for (const address of host.addresses) {
        try {
          const answers = await handOver(host, address, line, envelope, octets);
          const named = [...answers].map(([wire, answer]) => [to.get(wire)!, answer] as const);
          return { answers: new Map(named), reached: true, messageId: idOf(message) };
        } catch (error) {
          if (!(error instanceof NotReached)) throw error;
          failures.push(`${host.name} (${address}): ${error.message}`);
        }
      }
    }
    const why = failures.join('; ').slice(0, 1_000);
    return { answers: same(due, 'deferred', why, '4.4.1'), reached: false };
  }

  /** How the line must be protected: by our policy, and by that of the domain. */
  private async demandsOf({
    domain,
    protection,
  }: Due): Promise<[Protection, ((host: string) => boolean)?]> {
    if (this.settings.mailRelay) return [protection];
    const policy = await this.policies.of(domain);
    if (policy?.mode !== 'enforce') return [protection];
    return ['verified', (host) => namesExchanger(policy, host)];
  }

  /** The database may be away just now: what was answered is not forgotten for that. */
  private async writeDown(due: Due, { answers, reached, messageId }: Tried) {
    const { acceptanceId, domain, recipients } = due;
    const outcomes = recipients.map(({ id, attempts, recipient }) => ({
      ...{ id, attempts, answer: answers.get(recipient)!, messageId },
    }));
    for (let tries = 0; ; tries++) {
      try {
        const settled = await this.database.transaction({}, async (manager, emit) => {
          const rows = await settle(
            manager,
            emit,
            acceptanceId,
            this.settings.mailHostname,
            outcomes,
          );
          if (reached) await answered(manager, domain);
          else await rest(manager, domain, outcomes[0]!.answer.reply);
          return rows;
        });
        return this.metrics.count(settled);
      } catch (error) {
        if (tries > 0 && this.ending.signal.aborted) throw error;
        this.log.error(
          { err: error, acceptance: acceptanceId },
          'what a server answered is not kept yet',
        );
        await wait(Math.min(1_000 * 2 ** tries, 15_000));
      }
    }
  }
}

const same = (due: Due, kind: Answer['kind'], reply: string, status: string) =>
  new Map(due.recipients.map(({ recipient }) => [recipient, { kind, reply, status }]));

/** With the domain in A-labels, which every server takes; the part before @ as it is. */
const wireAddress = (recipient: string, domain: string) =>
  domain ? `${recipient.slice(0, recipient.lastIndexOf('@'))}@${domain}` : recipient;
