import type { EntityManager } from 'typeorm';
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

/** Why a recipient gets nothing: enhanced status codes of RFC 3463. */
export type Refusal = { recipient: string; status: '5.1.1' | '5.2.2'; reason: string };

/** Writes down which recipients get nothing, and why. */
export async function refuse(manager: EntityManager, { id }: Acceptance, refusals: Refusal[]) {
  await manager.query(
    `update delivery set state = 'refused', settled_at = now(), reason = r.reason
     from jsonb_to_recordset($2) as r (recipient text, reason text)
     where acceptance_id = $1 and delivery.recipient = r.recipient and state = 'pending'`,
    [
      id,
      JSON.stringify(
        refusals.map(({ recipient, status, reason }) => ({
          recipient,
          reason: `${status} ${reason}`,
        })),
      ),
    ],
  );
}
