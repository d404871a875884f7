import type { Dispatch, DispatchOutcome } from '@eoffice/contracts';
import { present } from '@eoffice/platform/keep';
import type { EntityManager } from 'typeorm';

/** What became of each recipient of some dispatches, by their acceptances: here, or at other servers. */
export async function outcomesOf(
  manager: EntityManager,
  dispatches: Pick<Dispatch, 'acceptanceId'>[],
): Promise<Map<string, DispatchOutcome[]>> {
  const rows = await manager.query<(DispatchOutcome & { acceptanceId: string })[]>(
    `select a.id as "acceptanceId", address as recipient,
       coalesce(o.state, case d.state when 'relayed' then 'waiting' else d.state end, 'pending')
         as state,
       coalesce(o.reply, d.reason) as reply
     from acceptance a cross join unnest(a.recipients) as address
       left join delivery d on d.acceptance_id = a.id and d.recipient = address
       left join outbound_recipient o on o.acceptance_id = a.id and o.recipient = address
     where a.id = any ($1::uuid[]) order by a.id, address`,
    [dispatches.map(({ acceptanceId }) => acceptanceId)],
  );
  const found = new Map<string, DispatchOutcome[]>();
  for (const { acceptanceId, ...outcome } of rows)
    found.set(acceptanceId, [...(found.get(acceptanceId) ?? []), present(outcome)]);
  return found;
}
