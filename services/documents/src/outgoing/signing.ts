import {
  type Caller,
  type DraftContent,
  Invalid,
  MayNotSign,
  type Place,
} from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { faultOfSigning, type Signing } from '../rules/signing-capacity.js';

/** What the directory and the written authorities say of a draft's signer today. Throws Invalid. */
export async function signingOf(
  manager: EntityManager,
  organisationId: string,
  { signerId, capacity, type }: DraftContent,
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
    `select valid_from as "validFrom", valid_to as "validTo", delegated_from as "delegatedFrom",
       document_types as "documentTypes"
     from signing_authority
     where organisation_id = $1 and person_id = $2 and capacity = $3 and ended_at is null
     order by ($4::date between valid_from and valid_to) desc, $5 = any (document_types) desc,
       valid_to desc limit 1`,
    [organisationId, signerId, capacity, day, type],
  );
  const { name, signs, leadsUnit } = signer;
  return { name, signing: { capacity, signs, leadsUnit, authority } };
}

/**
 * Says in which identity the caller approves a draft: the signer, or who stands in for them. Who signs
 * by order or by authority needs no post that approves; an authority (TUQ.) is not handed on, so
 * nobody stands in there. Throws Forbidden, or MayNotSign.
 * @returns the absent signer who is stood in for
 */
export async function mustSign(
  manager: EntityManager,
  content: DraftContent,
  place: Place,
  caller: Caller,
): Promise<string | null> {
  const { signerId, capacity, type } = content;
  const own = signerId === caller.personId;
  const delegated = capacity === 'TL' || capacity === 'TUQ';
  const standing = caller.positions.find(
    ({ forPersonId, organisationId, permissions }) =>
      forPersonId === signerId &&
      organisationId === place.id &&
      (delegated || permissions.includes('documents.approve')),
  );
  if (standing && !own) caller.actingIn(standing);
  else caller.acting(own && delegated ? 'documents.handle' : 'documents.approve', place);
  if (!own && (!standing || capacity === 'TUQ')) {
    throw new MayNotSign({ vi: 'Người ký là người khác', en: 'Somebody else is to sign' });
  }
  const { signing } = await signingOf(manager, place.id, content);
  const fault = faultOfSigning(signing, localDay(), type);
  if (fault) throw new MayNotSign(fault);
  return own ? null : signerId;
}
