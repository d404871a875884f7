import { type Caller, NotFound, type Place } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

/** Where a rule applies: the agency and its bloc. Throws NotFound for one we do not know. */
export async function placeOf(manager: EntityManager, agencyId: string): Promise<Place> {
  const [place] = await manager.query<Place[]>(
    'select organisation_id as id, bloc from known_organisation where organisation_id = $1 limit 1',
    [agencyId],
  );
  if (place) return place;
  throw new NotFound({ vi: 'Không có cơ quan này', en: 'There is no such agency' });
}

/** The agencies whose figures a caller may read. */
export async function agenciesFor(manager: EntityManager, caller: Caller): Promise<Set<string>> {
  const held = caller.positions.filter(({ permissions }) => permissions.includes('mail.read'));
  const rows = await manager.query<{ id: string }[]>(
    `select distinct organisation_id as id from known_organisation
     where agency and ($1 or organisation_id = any ($2::uuid[]) or bloc = any ($3::text[]))`,
    [
      held.some(({ reach }) => reach === 'all'),
      held.map(({ organisationId }) => organisationId),
      held.filter(({ reach }) => reach === 'bloc').map(({ bloc }) => bloc),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}
