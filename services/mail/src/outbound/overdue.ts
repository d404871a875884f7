import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Database, type Emit } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import type { Log } from '@eoffice/platform/log';
import { Rounds } from '@eoffice/platform/rounds';
import { ServiceLog } from '@eoffice/platform/tokens';
import type { EntityManager } from 'typeorm';
import { MailSettings } from '../config.js';
import { bounce } from './bounce.js';
import { OutboundMetrics } from './outbound-metrics.js';
import { settle } from './settle.js';

interface Late {
  id: string;
  acceptanceId: string;
  recipient: string;
  attempts: number;
  reply: string;
  status: string;
  host: string | null;
  givenUpAt: Date;
}

/** The oldest mail that has waited for as long as a policy says, with all of its acceptance. */
const lateBy = (patience: string, more: string) => `
  with late as (
    select r.acceptance_id from outbound_recipient r, outbound_policy_of(r.domain, $1) p
    where r.state = 'waiting' and r.due_at + make_interval(hours => p.${patience}) <= now() ${more}
      and r.due_at <= now() - interval '1 hour'
    order by r.due_at limit 1)
  select r.id, acceptance_id as "acceptanceId", recipient, attempts, host,
    coalesce(reply, 'not tried yet') as reply, coalesce(status, '4.0.0') as status,
    due_at + make_interval(hours => p.give_up_after_hours) as "givenUpAt"
  from outbound_recipient r, outbound_policy_of(r.domain, $1) p
  where acceptance_id = (select acceptance_id from late) and r.state = 'waiting'
    and r.due_at + make_interval(hours => p.${patience}) <= now() ${more}
  order by r.recipient for update of r skip locked`;

const overdue = lateBy('give_up_after_hours', '');
const toWarn = lateBy('warn_after_hours', 'and r.warned_at is null');

/**
 * Tells senders in time: once that a mail still waits, and in the end that it is given up, also when
 * its domain rests and nothing is tried.
 */
@Injectable()
export class Overdue implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds: Rounds;

  constructor(
    private readonly database: Database,
    private readonly settings: MailSettings,
    private readonly metrics: OutboundMetrics,
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

  private async next(): Promise<boolean> {
    const given = await this.database.transaction({}, (manager, emit) =>
      this.giveUp(manager, emit),
    );
    this.metrics.count(given);
    const warned = await this.database.transaction({}, (manager) => this.warn(manager));
    return given.length > 0 || warned;
  }

  private async giveUp(manager: EntityManager, emit: Emit) {
    const rows = await manager.query<Late[]>(overdue, [localDay()]);
    if (rows.length === 0) return [];
    const outcomes = rows.map(({ id, attempts, reply, status, host }) => ({
      ...{ id, attempts },
      answer: { kind: 'deferred' as const, reply, status, host: host ?? undefined },
    }));
    return settle(manager, emit, rows[0]!.acceptanceId, this.settings.mailHostname, outcomes);
  }

  private async warn(manager: EntityManager): Promise<boolean> {
    const rows = await manager.query<Late[]>(toWarn, [localDay()]);
    const [first] = rows;
    if (!first) return false;
    await manager.query(
      'update outbound_recipient set warned_at = now() where id = any ($1::uuid[])',
      [rows.map(({ id }) => id)],
    );
    const { acceptanceId, givenUpAt } = first;
    const reporter = this.settings.mailHostname;
    await bounce(manager, { acceptanceId, kind: 'delayed', recipients: rows, reporter, givenUpAt });
    return true;
  }
}
