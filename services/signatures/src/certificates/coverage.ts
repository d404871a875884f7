import type { Coverage, Gap } from '@eoffice/contracts';
import { localDay, momentOf } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { holdsAt } from './certificate.js';

/** Somebody in a post that signs, and what certificates of theirs there were on a day. */
export interface Signer {
  unitId: string;
  personId: string;
  fullName: string;
  title: string;
  email: string | null;
  covered: boolean;
  revoked: boolean;
  blocked: boolean;
  expired: boolean;
}

/** The moment a day is looked at: now, or the end of office hours of another day. */
export const lookedAt = (day: string) => (day === localDay() ? new Date() : momentOf(day, '17:00'));

/** Who holds a post of an agency that signs on a day, and whether a certificate of theirs held then. */
export function signersOf(manager: EntityManager, agencyId: string, day: string) {
  return manager.query<Signer[]>(
    `select distinct on (a.person_id) p.unit_id as "unitId", a.person_id as "personId",
       n.full_name as "fullName", p.title, n.email,
       exists (select from certificate c
         where c.holder_id = a.person_id and ${holdsAt('$3::timestamptz')}) as covered,
       exists (select from certificate c where c.holder_id = a.person_id
         and c.revoked_at <= $3) as revoked,
       exists (select from certificate c where c.holder_id = a.person_id
         and c.blocked_at <= $3) as blocked,
       exists (select from certificate c where c.holder_id = a.person_id
         and c.not_after <= $3) as expired
     from known_assignment a join known_post p using (post_id)
     join known_person n on n.person_id = a.person_id and n.active
     where a.agency_id = $1 and p.signs and a.valid_from <= $2
       and (a.valid_to is null or a.valid_to >= $2)
     order by a.person_id, p.unit_id`,
    [agencyId, day, lookedAt(day)],
  );
}

/** How many certificates of the agency itself held on a day. */
export async function sealsOf(manager: EntityManager, agencyId: string, day: string) {
  const [seals] = await manager.query<{ count: number }[]>(
    `select count(*)::int as count from certificate c
     where c.holder_kind = 'agency' and c.agency_id = $1 and ${holdsAt('$2::timestamptz')}`,
    [agencyId, lookedAt(day)],
  );
  return seals!.count;
}

/** Why somebody who signs has no certificate that holds. */
export const whyOf = ({ revoked, blocked, expired }: Signer): string =>
  blocked ? 'blocked' : revoked ? 'revoked' : expired ? 'expired' : 'none';

/** Unit by unit, who signs and who of them lacks a certificate. */
export async function coverageOf(
  manager: EntityManager,
  agencyId: string,
  day: string,
): Promise<Coverage> {
  const [signers, agencySeals] = await Promise.all([
    signersOf(manager, agencyId, day),
    sealsOf(manager, agencyId, day),
  ]);
  const units = new Map<string, Signer[]>();
  for (const signer of signers) {
    units.set(signer.unitId, [...(units.get(signer.unitId) ?? []), signer]);
  }
  return {
    agencySeals,
    units: [...units].map(([unitId, people]) => ({
      unitId,
      signers: people.length,
      covered: people.filter(({ covered }) => covered).length,
      gaps: people.filter(({ covered }) => !covered).map(gapOf),
    })),
  };
}

function gapOf(signer: Signer): Gap {
  const { personId, fullName, title } = signer;
  return { personId, fullName, title, why: whyOf(signer) };
}
