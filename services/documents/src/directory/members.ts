import { Invalid } from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';

/**
 * A unit or person that work is given to must belong to the agency today. Throws Invalid: work given
 * to somebody elsewhere would lie in an inbox that nobody of this agency sees.
 */
export async function mustBeOfAgency(
  manager: EntityManager,
  agencyId: string,
  { unitId, personId }: { unitId?: string; personId?: string },
  pointer: string,
) {
  const [found] = await manager.query<unknown[]>(
    unitId
      ? `select 1 from known_organisation where organisation_id = $1 and agency_id = $2
         and valid_from <= $3 and (valid_to is null or valid_to >= $3) limit 1`
      : `select 1 from known_assignment where person_id = $1 and agency_id = $2
         and valid_from <= $3 and (valid_to is null or valid_to >= $3) limit 1`,
    [unitId ?? personId, agencyId, localDay()],
  );
  if (found) return;
  const detail = {
    vi: 'đơn vị hoặc người này không thuộc cơ quan',
    en: 'is no unit or person of the agency today',
  };
  throw new Invalid([{ pointer, detail }]);
}
