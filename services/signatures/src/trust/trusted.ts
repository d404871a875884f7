import { Anchor, TimeStamper, type TrustPurpose } from '@eoffice/contracts';
import { columnsOf, present } from '@eoffice/platform/keep';
import type { EntityManager } from 'typeorm';

/** The time-stamping authorities in use today, in the order in which they are asked. */
export async function timeStampersToday(manager: EntityManager): Promise<TimeStamper[]> {
  const rows = await manager.query<TimeStamper[]>(
    `select ${columnsOf(TimeStamper)} from time_stamper
     where valid_from <= local_day() and (valid_to is null or valid_to >= local_day())
     order by priority, valid_from, id limit 100`,
  );
  return rows.map(present);
}

/** Anchors for a purpose, also those that have ended: what was signed before then still counts. */
export async function anchorsFor(manager: EntityManager, purpose: TrustPurpose): Promise<Anchor[]> {
  const rows = await manager.query<Anchor[]>(
    `select ${columnsOf(Anchor)} from trust_anchor
     where purpose = $1 and valid_from <= local_day() order by list, valid_from, id limit 500`,
    [purpose],
  );
  return rows.map(present);
}
