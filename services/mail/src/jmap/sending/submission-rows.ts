import type { JsonObject } from '@eoffice/jmap/json';
import type { EntityManager } from 'typeorm';
import { utcDateOf } from '../ids.js';
import type { EnvelopeAddress } from './envelope.js';

/** A submission as its row says it. */
export interface SubmissionRow {
  id: string;
  identityId: string;
  emailId: string;
  threadId: string;
  mailFrom: EnvelopeAddress;
  rcptTo: EnvelopeAddress[];
  sendAt: Date;
  undoStatus: 'pending' | 'final' | 'canceled';
  acceptanceId: string | null;
  createdAtState: string;
}

export const submissionProperties = [
  ...['id', 'identityId', 'emailId', 'threadId', 'envelope', 'sendAt', 'undoStatus'],
  ...['deliveryStatus', 'dsnBlobIds', 'mdnBlobIds'],
];

/** The submissions of a mailbox, all or those with these ids, the newest first. */
export function submissionsOf(
  manager: EntityManager,
  mailboxId: string,
  ids: string[] | null,
  most: number,
): Promise<SubmissionRow[]> {
  return manager.query<SubmissionRow[]>(
    `select id, identity_id as "identityId", email_id as "emailId", thread_id as "threadId",
       mail_from as "mailFrom", rcpt_to as "rcptTo", send_at as "sendAt",
       undo_status as "undoStatus", acceptance_id as "acceptanceId",
       created_at_state as "createdAtState"
     from submission where mailbox_id = $1 and ($2::uuid[] is null or id = any ($2))
     order by id desc limit $3`,
    [mailboxId, ids, most],
  );
}

export function shown(row: SubmissionRow, status: JsonObject | null): JsonObject & { id: string } {
  const { id, identityId, emailId, threadId, mailFrom, rcptTo, undoStatus } = row;
  return {
    ...{ id, identityId, emailId, threadId, envelope: { mailFrom, rcptTo } },
    ...{ sendAt: utcDateOf(row.sendAt), undoStatus, deliveryStatus: status },
    ...{ dsnBlobIds: [], mdnBlobIds: [] },
  };
}

interface Settled {
  acceptanceId: string;
  recipient: string;
  state: 'pending' | 'delivered' | 'relayed' | 'refused';
  reason: string | null;
  sending: 'waiting' | 'sending' | 'sent' | 'failed' | 'cancelled' | null;
  reply: string | null;
  reported: string | null;
}

/** What became of each recipient of some acceptances (RFC 8621, 7, deliveryStatus). */
export async function statusesOf(
  manager: EntityManager,
  acceptanceIds: string[],
): Promise<Map<string, JsonObject>> {
  const rows = await manager.query<Settled[]>(
    `select a.id as "acceptanceId", r.recipient, coalesce(d.state, 'pending') as state, d.reason,
       o.state as sending, o.reply, o.reported
     from acceptance a cross join unnest(a.recipients) as r (recipient)
     left join delivery d on d.acceptance_id = a.id and d.recipient = r.recipient
     left join outbound_recipient o on o.acceptance_id = a.id and o.recipient = r.recipient
     where a.id = any ($1::uuid[])`,
    [acceptanceIds],
  );
  const statuses = new Map<string, [string, JsonObject][]>();
  for (const row of rows) {
    statuses.set(row.acceptanceId, [
      ...(statuses.get(row.acceptanceId) ?? []),
      [row.recipient, statusOf(row)],
    ]);
  }
  return new Map([...statuses].map(([id, entries]) => [id, Object.fromEntries(entries)]));
}

function statusOf({ state, reason, sending, reply, reported }: Settled): JsonObject {
  const status = (smtpReply: string, delivered: 'queued' | 'yes' | 'no' | 'unknown') => ({
    ...{ smtpReply, delivered, displayed: 'unknown' },
  });
  const refused = `550 ${reason ?? '5.0.0'}`;
  if (state === 'refused') return status(refused, 'no');
  if (state === 'delivered') return status('250 2.1.5 Delivered', 'yes');
  if (sending === 'failed' || reported === 'failed') return status(reply ?? refused, 'no');
  if (sending === 'cancelled') return status('550 5.7.0 Cancelled', 'no');
  if (sending === 'sent') {
    return status(reply ?? '250 2.0.0 Sent', reported === 'delivered' ? 'yes' : 'unknown');
  }
  return status(reply ?? '250 2.1.5 Queued', 'queued');
}
