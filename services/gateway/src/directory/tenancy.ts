import {
  type Bloc,
  blocs,
  type Caller,
  everywhere,
  NotFound,
  type Place,
} from '@eoffice/contracts';

/** The blocs a caller sees: their own, unless a post reaches everything. The other is not there. */
export function blocsSeenBy({ positions }: Caller): string[] {
  if (positions.some(({ reach }) => reach === 'all')) return [...blocs];
  return [...new Set(positions.map(({ bloc }) => bloc))];
}

/**
 * Lets a caller act at a place. Throws Forbidden, or NotFound for a place of a bloc that they do not
 * see: to refuse would tell that it is there.
 */
export function mustManage(caller: Caller, place: Place, permission = 'directory.manage') {
  if (!blocsSeenBy(caller).includes(place.bloc)) throw new NotFound();
  return caller.acting(permission, place);
}

/** Nobody gives a post a longer reach than their own. Throws Forbidden. */
export function mustReach(
  caller: Caller,
  { reach, bloc }: { reach: 'organisation' | 'bloc' | 'all'; bloc: Bloc },
  permission = 'directory.manage',
) {
  if (reach === 'bloc') caller.acting(permission, { id: '', bloc });
  if (reach === 'all') caller.acting(permission, everywhere);
}
