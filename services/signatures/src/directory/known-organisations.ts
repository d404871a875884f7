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

/** The agencies whose rows a permission lets a caller read: all of some blocs, and single ones. */
export function reachOf({ positions }: Caller, permissions: string[]) {
  const held = positions.filter((position) =>
    permissions.some((permission) => position.permissions.includes(permission)),
  );
  return {
    everywhere: held.some(({ reach }) => reach === 'all'),
    blocs: held.filter(({ reach }) => reach === 'bloc').map(({ bloc }) => bloc),
    agencies: held.map(({ organisationId }) => organisationId),
  };
}

/**
 * The condition that keeps a list within a reach; `$1` everywhere, `$2` agencies, `$3` blocs.
 * @param agency the column that holds the agency's id
 */
export const withinReach = (agency: string) =>
  `($1 or ${agency} = any ($2::uuid[]) or exists (select from known_organisation reached
     where reached.organisation_id = ${agency} and reached.bloc = any ($3::text[])))`;

/** The name an organisation has on a day, else the one it had last. */
export const nameOn = (organisation: string, day = 'local_day()') =>
  `(select named.name from known_organisation named where named.organisation_id = ${organisation}
    order by named.valid_from <= ${day} desc, named.valid_from desc limit 1)`;
