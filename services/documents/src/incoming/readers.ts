import { createHash } from 'node:crypto';
import { blocs, type Caller, type Place } from '@eoffice/contracts';

/**
 * The id under which everybody who may read all of a bloc or an agency is listed. Derived, so that
 * it can never be the id of a unit or person.
 */
export function scopeReader(scope: 'bloc' | 'organisation', id: string): string {
  const hex = createHash('sha256').update(`${scope}:${id}`).digest('hex');
  return [0, 8, 12, 16, 20, 32]
    .slice(0, 5)
    .map((start, index, starts) => hex.slice(start, starts[index + 1] ?? 32))
    .join('-');
}

/** Who may read a new document of an agency before it has gone to anybody. */
export function firstReaders({ id, bloc }: Place): string[] {
  return [scopeReader('bloc', bloc), scopeReader('organisation', id)];
}

/** All ids under which a caller is listed as a reader: themselves, whom they stand in for, their units. */
export function readersOf({ personId, positions }: Caller): string[] {
  const ids = new Set([personId]);
  for (const { permissions, reach, bloc, organisationId, unitId, forPersonId } of positions) {
    if (!permissions.includes('documents.read')) continue;
    ids.add(unitId);
    if (forPersonId) ids.add(forPersonId);
    if (!permissions.includes('documents.read-all')) continue;
    if (reach === 'organisation') ids.add(scopeReader('organisation', organisationId));
    else for (const each of reach === 'all' ? blocs : [bloc]) ids.add(scopeReader('bloc', each));
  }
  ids.delete('');
  return [...ids];
}

/** Whether a caller reads all that a bloc has. */
export function readsWidely(caller: Caller): boolean {
  const ids = readersOf(caller);
  return blocs.some((bloc) => ids.includes(scopeReader('bloc', bloc)));
}

/**
 * Whose lists to go through for what a caller may read, of one agency if it is named. Somebody who
 * reads widely goes through the agency's list, which is shorter: whether they may read what is on it
 * must be asked beside.
 */
export function listsOf(caller: Caller, organisationId?: string): string[] {
  if (organisationId && readsWidely(caller)) return [scopeReader('organisation', organisationId)];
  return readersOf(caller);
}
