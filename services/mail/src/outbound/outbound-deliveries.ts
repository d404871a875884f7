import {
  type Caller,
  Conflict,
  cursorOf,
  type Deliveries as DeliveriesReply,
  deliveries,
  type DeliveriesOf,
  type Delivery,
  type DeliveryOf,
  type EnactOutboundPolicy,
  type EndOutboundPolicy,
  keyOf,
  type ListOutbound,
  NotFound,
  NotWaiting,
  type OutboundDomains,
  type OutboundDomain,
  type OutboundPage,
  OutboundPolicy,
  type OutboundPolicyList,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { rightsOf } from '../rights/rights-of.js';
import { Sender } from './sender.js';

type Row = Delivery & { mailboxId: string | null };

const columns = `r.id, r.acceptance_id as "acceptanceId", r.recipient, r.domain, r.state,
  r.due_at as "dueAt", r.attempts, r.tried_at as "triedAt", r.ended_at as "endedAt", r.host, r.reply,
  r.status, r.tls, r.reported, r.reported_at as "reportedAt", r.reported_reply as "reportedReply",
  case when r.state = 'waiting' then greatest(r.next_attempt_at, d.rests_until) end
    as "nextAttemptAt"`;
const from = `outbound_recipient r join outbound_domain d on d.domain = r.domain`;

/** Shows what became of mail to other servers, to who sent it and to who keeps the mail. */
@Serves(deliveries)
export class OutboundDeliveries {
  constructor(
    private readonly database: Database,
    private readonly sender: Sender,
  ) {}

  async of({ acceptanceId }: DeliveriesOf, caller: Caller): Promise<DeliveriesReply> {
    const { manager } = this.database;
    const [acceptance] = await manager.query<{ mailboxId: string | null }[]>(
      'select mailbox_id as "mailboxId" from acceptance where id = $1',
      [acceptanceId],
    );
    await mayRead(manager, caller, acceptance?.mailboxId);
    const rows = await manager.query<Delivery[]>(
      `select ${columns} from ${from} where r.acceptance_id = $1 order by r.recipient limit 10000`,
      [acceptanceId],
    );
    return { items: rows };
  }

  async retry({ id }: DeliveryOf, caller: Caller): Promise<Delivery> {
    const delivery = await this.change(
      id,
      caller,
      'mail.deliveries.retry',
      async (manager, row) => {
        await manager.query('update outbound_recipient set next_attempt_at = now() where id = $1', [
          id,
        ]);
        await manager.query(
          `update outbound_domain set rests_until = '-infinity' where domain = $1`,
          [row.domain],
        );
      },
    );
    this.sender.wake();
    return delivery;
  }

  cancel({ id }: DeliveryOf, caller: Caller): Promise<Delivery> {
    return this.change(id, caller, 'mail.deliveries.cancel', (manager) =>
      manager.query(
        `update outbound_recipient set state = 'cancelled', ended_at = now() where id = $1`,
        [id],
      ),
    );
  }

  async queue({
    state = 'waiting',
    domain,
    limit = 50,
    after,
  }: ListOutbound): Promise<OutboundPage> {
    const [due = null, id = null] = keyOf(after) ?? [];
    const rows = await this.database.query<Delivery & { key: string }>(
      `select ${columns}, r.due_at::text as key from ${from}
       where r.state = $1 and ($2::text is null or r.domain = $2)
         and ($3::text is null or (r.due_at, r.id) > ($3::timestamptz, $4::uuid))
       order by r.due_at, r.id limit $5`,
      [state, domain ?? null, due, id, limit],
    );
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return { items: rows, next: last && cursorOf(last.key, last.id) };
  }

  async domains(): Promise<OutboundDomains> {
    const rows = await this.database.query<OutboundDomain & { restsUntil: Date | null }>(
      `select domain, count(*)::int as waiting, min(due_at) as oldest, failures,
         case when rests_until > now() then rests_until end as "restsUntil",
         (array_agg(reply order by tried_at desc nulls last))[1] as reply
       from outbound_recipient join outbound_domain using (domain)
       where state in ('waiting', 'sending') and due_at <= now()
       group by domain, failures, rests_until order by min(due_at) limit 500`,
    );
    return { items: rows };
  }

  async policies(): Promise<OutboundPolicyList> {
    const items = await this.database.query<OutboundPolicy>(
      `select ${columnsOf(OutboundPolicy)} from outbound_policy
       order by domain, valid_from desc limit 1000`,
    );
    return { items };
  }

  enactPolicy(input: EnactOutboundPolicy, caller: Caller): Promise<OutboundPolicy> {
    return this.database.transaction(caller, async (manager, _, record) => {
      const { domain, connections, perMinute, tls, validFrom, legalBasis } = input;
      const { warnAfterHours, giveUpAfterHours } = input;
      const [row] = await manager.query<OutboundPolicy[]>(
        `insert into outbound_policy (domain, connections, per_minute, tls, warn_after_hours,
           give_up_after_hours, valid_from, legal_basis)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing
         returning ${columnsOf(OutboundPolicy)}`,
        [
          ...[domain, connections, perMinute, tls, warnAfterHours, giveUpAfterHours],
          ...[validFrom, legalBasis],
        ],
      );
      if (!row) throw new Conflict();
      record('mail.deliveries.enact-policy', row.id, input);
      return row;
    });
  }

  endPolicy({ id, validTo }: EndOutboundPolicy, caller: Caller): Promise<OutboundPolicy> {
    return this.database.transaction(caller, async (manager, _, record) => {
      const [[row]] = await manager.query<[OutboundPolicy[], number]>(
        `update outbound_policy set valid_to = $2 where id = $1
         returning ${columnsOf(OutboundPolicy)}`,
        [id, validTo],
      );
      if (!row) throw new NotFound();
      record('mail.deliveries.end-policy', id, { validTo });
      return row;
    });
  }

  private change(
    id: string,
    caller: Caller,
    action: string,
    work: (manager: EntityManager, row: Row) => Promise<unknown>,
  ): Promise<Delivery> {
    return this.database.transaction(caller, async (manager, _, record) => {
      const row = await rowOf(manager, id, 'for update of r');
      await mayRead(manager, caller, row?.mailboxId, true);
      if (row!.state !== 'waiting') throw new NotWaiting();
      await work(manager, row!);
      record(action, id, { acceptanceId: row!.acceptanceId, recipient: row!.recipient });
      return (await rowOf(manager, id))!;
    });
  }
}

async function rowOf(manager: EntityManager, id: string, lock = ''): Promise<Row | undefined> {
  const [row] = await manager.query<Row[]>(
    `select ${columns}, a.mailbox_id as "mailboxId" from ${from}
     join acceptance a on a.id = r.acceptance_id where r.id = $1 ${lock}`,
    [id],
  );
  return row;
}

/**
 * Whoever keeps the mail, and whoever may read the mailbox that sent it; to change something, send from
 * it. Throws NotFound to everybody else.
 */
async function mayRead(
  manager: EntityManager,
  caller: Caller,
  mailboxId: string | null | undefined,
  change = false,
) {
  if (mailboxId !== undefined && caller.may('mail.manage')) return;
  if (!mailboxId || !caller.personId) throw new NotFound();
  const { read, sendAs, sendOnBehalf } = await rightsOf(manager, caller, mailboxId);
  if (change ? !sendAs && !sendOnBehalf : !read) throw new NotFound();
}
