import type { EntityManager } from 'typeorm';
import { bounce } from '../outbound/bounce.js';
import { enqueue } from '../outbound/enqueue.js';
import type { Acceptance } from './acceptances.js';

/** Hands recipients whose domain is not hosted here to what sends to other servers. */
export async function relay(manager: EntityManager, { id }: Acceptance, recipients: string[]) {
  await enqueue(manager, { acceptanceId: id, recipients });
  await manager.query(
    `update delivery set state = 'relayed', settled_at = now()
     where acceptance_id = $1 and recipient = any ($2) and state = 'pending'`,
    [id, recipients],
  );
}

/** Why a recipient gets nothing: an enhanced status code of RFC 3463, and a sentence. */
export interface Refusal {
  recipient: string;
  status: '5.1.1' | '5.2.2';
  reply: string;
}

/** Writes down which recipients get nothing, and tells whoever sent the mail. */
export async function refuse(
  manager: EntityManager,
  { id: acceptanceId }: Acceptance,
  recipients: Refusal[],
  reporter: string,
) {
  await manager.query(
    `update delivery set state = 'refused', settled_at = now(), reason = r.status || ' ' || r.reply
     from jsonb_to_recordset($2) as r (recipient text, status text, reply text)
     where acceptance_id = $1 and delivery.recipient = r.recipient and state = 'pending'`,
    [acceptanceId, JSON.stringify(recipients)],
  );
  await bounce(manager, { acceptanceId, kind: 'failed', recipients, reporter });
}
