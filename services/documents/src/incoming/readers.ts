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
