import { type HolderKind, NotFound } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

/** The holder must belong to the agency: a certificate of somebody unknown covers nobody. */
export async function mustHold(
  manager: EntityManager,
  agencyId: string,
  { holderKind, holderId }: { holderKind: HolderKind; holderId: string },
) {
  if (
    holderKind === 'person' ? await worksThere(manager, holderId, agencyId) : holderId === agencyId
  )
    return;
  throw new NotFound({
    vi: 'Người giữ không thuộc cơ quan',
    en: 'The holder does not belong there',
  });
}

async function worksThere(manager: EntityManager, personId: string, agencyId: string) {
  const [held] = await manager.query<unknown[]>(
    'select 1 from known_assignment where person_id = $1 and agency_id = $2 limit 1',
    [personId, agencyId],
  );
  return held !== undefined;
}
