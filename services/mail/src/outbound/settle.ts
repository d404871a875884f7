import { outboundFailed } from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { bounce } from './bounce.js';
import type { Answer } from './peer.js';
import { waitAfter } from './queue.js';

/** What one try came to for one recipient. */
export interface Outcome {
  id: string;
  /** The try it is about: of an older one nothing is written down. */
  attempts: number;
  answer: Omit<Answer, 'host'> & { host?: string };
  /** The Message-ID of what was sent. */
  messageId?: string;
}

interface Settled {
  id: string;
  recipient: string;
  state: string;
  host: string | null;
  reply: string;
  status: string;
}

/** 5.4.7: delivery time expired (RFC 3463). */
const expired = '4.4.7';

/**
 * Writes down what a try of one acceptance came to: what was sent is never sent again, what may
 * succeed later waits, what cannot is announced and reported to the sender, all at once.
 */
export async function settle(
  manager: EntityManager,
  emit: Emit,
  acceptanceId: string,
  reporter: string,
  outcomes: readonly Outcome[],
): Promise<Settled[]> {
  const given = outcomes.map(({ id, attempts, answer, messageId }) => ({
    ...{ id, attempts, messageId, kind: answer.kind, reply: answer.reply, status: answer.status },
    ...{ host: answer.host ?? null, tls: answer.tls ?? null, wait: waitAfter(attempts) },
  }));
  const [settled] = await manager.query<[Settled[], number]>(
    `with given as (
       select g.*, outbound_state_after(kind,
         due_at + make_interval(hours => p.give_up_after_hours)) as state
       from jsonb_to_recordset($2) as g (id uuid, attempts int, kind text, reply text,
         status text, host text, tls text, wait int, "messageId" text)
       join (select id, domain, due_at from outbound_recipient where acceptance_id = $1) r
         on r.id = g.id, outbound_policy_of(r.domain, $3) p)
     update outbound_recipient r set state = g.state, reply = g.reply, host = g.host, tls = g.tls,
       message_id = coalesce(g."messageId", r.message_id),
       status = case when g.kind = 'deferred' and g.state = 'failed' then '${expired}' else g.status end,
       next_attempt_at = case when g.state = 'waiting'
         then now() + make_interval(secs => g.wait) else r.next_attempt_at end,
       ended_at = case when g.state = 'waiting' then null else now() end
     from given g
     where r.id = g.id and r.state in ('sending', 'waiting') and r.attempts = g.attempts
     returning r.id, r.recipient, r.state, r.host, r.reply, r.status`,
    [acceptanceId, JSON.stringify(given), localDay()],
  );
  await tellFailures(manager, emit, acceptanceId, reporter, settled);
  return settled;
}

async function tellFailures(
  manager: EntityManager,
  emit: Emit,
  acceptanceId: string,
  reporter: string,
  settled: readonly Settled[],
) {
  const failed = settled.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return;
  const [acceptance] = await manager.query<{ mailboxId: string | null }[]>(
    'select mailbox_id as "mailboxId" from acceptance where id = $1',
    [acceptanceId],
  );
  const mailboxId = acceptance?.mailboxId ?? undefined;
  for (const { id, recipient, status, reply } of failed) {
    const fact = { deliveryId: id, acceptanceId, recipient, status, reply };
    emit(outboundFailed, id, mailboxId ? { ...fact, mailboxId } : fact);
  }
  await bounce(manager, { acceptanceId, kind: 'failed', recipients: failed, reporter });
}
