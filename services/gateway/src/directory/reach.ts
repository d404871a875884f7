import { type Bloc, type Caller, NotFound, type Place } from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';

/**
 * Whoever manages an account could sign in as its person, so they must reach at least as far: every
 * place where that person holds a post, now or later, and as far as the post does. Somebody without
 * a post is only for those who reach everything. Throws Forbidden.
 */
export async function mustReachPerson(
  manager: EntityManager,
  caller: Caller,
  permission: string,
  personId: string,
) {
  const places = await manager.query<Place[]>(
    `select p.agency_id as id, p.bloc, coalesce(r.reach, 'organisation') as reach
     from assignment s join post p using (post_id) left join post_grant r using (post_id)
     where s.person_id = $1 and (s.valid_to is null or s.valid_to >= $2)
     union all
     select a.id, 'government', 'all' from account a
     where a.person_id = $1 and cardinality(a.roles) > 0`,
    [personId, localDay()],
  );
  const everything: Place = { id: '', bloc: 'government', reach: 'all' };
  for (const place of places.length > 0 ? places : [everything]) caller.acting(permission, place);
}

/** Nobody gives away a post whose permissions reach further than their own. Throws Forbidden. */
export async function mustReachPost(
  manager: EntityManager,
  caller: Caller,
  permission: string,
  postId: string,
) {
  const [place] = await manager.query<Place[]>(
    `select p.agency_id as id, p.bloc, coalesce(r.reach, 'organisation') as reach
     from post p left join post_grant r using (post_id) where p.post_id = $1`,
    [postId],
  );
  if (!place) throw new NotFound();
  caller.acting(permission, place);
}

/** The organisations and blocs where a permission holds; `everything` if that is everywhere. */
export function reachOf({ positions }: Caller, permission: string) {
  const held = positions.filter(({ permissions }) => permissions.includes(permission));
  return {
    everything: held.some(({ reach }) => reach === 'all'),
    blocs: held.filter(({ reach }) => reach === 'bloc').map(({ bloc }): Bloc => bloc),
    organisations: held.map(({ organisationId }) => organisationId),
  };
}
