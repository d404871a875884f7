import { type DraftContent, Invalid } from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import type { Signing } from '../rules/signing-capacity.js';

/** What the directory and the written authorities say of a draft's signer today. Throws Invalid. */
export async function signingOf(
  manager: EntityManager,
  organisationId: string,
  { signerId, capacity }: DraftContent,
): Promise<{ name: string; signing: Signing }> {
  const day = localDay();
  const [signer] = await manager.query<{ name: string; signs: boolean; leadsUnit: boolean }[]>(
    `select p.full_name as name, bool_or(t.signs) as signs, bool_or(t.leads) as "leadsUnit"
     from known_person p join known_assignment a using (person_id) join known_post t using (post_id)
     where p.person_id = $1 and a.agency_id = $2 and p.active
       and a.valid_from <= $3 and (a.valid_to is null or a.valid_to >= $3)
     group by p.full_name`,
    [signerId, organisationId, day],
  );
  if (!signer) {
    const detail = {
      vi: 'người ký không giữ chức vụ nào ở cơ quan',
      en: 'holds no post of the agency',
    };
    throw new Invalid([{ pointer: '/signerId', detail }]);
  }
  const [authority] = await manager.query<NonNullable<Signing['authority']>[]>(
    `select valid_from as "validFrom", valid_to as "validTo", delegated_from as "delegatedFrom"
     from signing_authority where organisation_id = $1 and person_id = $2 and capacity = $3
     order by valid_to desc limit 1`,
    [organisationId, signerId, capacity],
  );
  const { name, signs, leadsUnit } = signer;
  return { name, signing: { capacity, signs, leadsUnit, authority } };
}
