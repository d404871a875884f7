import type { Bloc, Caller, Place } from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { placesOf } from './holding.js';

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
  const places = await placesOf(manager, personId, localDay());
  const [powerful] = await manager.query<unknown[]>(
    'select 1 from account where person_id = $1 and cardinality(roles) > 0',
    [personId],
  );
  const everything: Place = { id: '', bloc: 'government', reach: 'all' };
  if (powerful || places.length === 0) places.push(everything);
  for (const place of places) caller.acting(permission, place);
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
