import { NotFound, type Place } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

/** Where a rule applies: the organisation and its bloc. Throws NotFound for one we do not know. */
export async function placeOf(manager: EntityManager, organisationId: string): Promise<Place> {
  const [place] = await manager.query<Place[]>(
    'select organisation_id as id, bloc from known_organisation where organisation_id = $1 limit 1',
    [organisationId],
  );
  if (place) return place;
  throw new NotFound({
    vi: `Không có cơ quan ${organisationId} trong danh bạ`,
    en: `There is no organisation ${organisationId} in the directory`,
  });
}
