import type { Coverage, Gap } from '@eoffice/contracts';
import type { Database } from '@eoffice/platform/database';
import { localDay, momentOf } from '@eoffice/platform/local-time';

interface Signer {
  unitId: string;
  personId: string;
  fullName: string;
  title: string;
  covered: boolean;
  revoked: boolean;
  expired: boolean;
}

/** Who holds a post that signs on a day, and whether a certificate of theirs held then. */
export async function coverageOf(
  database: Database,
  agencyId: string,
  on: string,
): Promise<Coverage> {
  const moment = on === localDay() ? new Date() : momentOf(on, '17:00');
  const holds = `c.not_before <= $3 and c.not_after > $3
    and (c.revoked_at is null or c.revoked_at > $3)`;
  const [signers, [seals]] = await Promise.all([
    database.query<Signer>(
      `select distinct on (a.person_id) p.unit_id as "unitId", a.person_id as "personId",
         n.full_name as "fullName", p.title,
         exists (select from certificate c where c.holder_id = a.person_id and ${holds}) as covered,
         exists (select from certificate c where c.holder_id = a.person_id
           and c.revoked_at <= $3) as revoked,
         exists (select from certificate c where c.holder_id = a.person_id
           and c.not_after <= $3) as expired
       from known_assignment a join known_post p using (post_id)
       join known_person n on n.person_id = a.person_id and n.active
       where a.agency_id = $1 and p.signs and a.valid_from <= $2
         and (a.valid_to is null or a.valid_to >= $2)
       order by a.person_id, p.unit_id`,
      [agencyId, on, moment],
    ),
    database.query<{ count: number }>(
      `select count(*)::int as count from certificate c
       where c.holder_kind = 'agency' and c.agency_id = $1 and $2::date is not null and ${holds}`,
      [agencyId, on, moment],
    ),
  ]);
  const units = new Map<string, Signer[]>();
  for (const signer of signers) {
    units.set(signer.unitId, [...(units.get(signer.unitId) ?? []), signer]);
  }
  return {
    agencySeals: seals!.count,
    units: [...units].map(([unitId, people]) => ({
      unitId,
      signers: people.length,
      covered: people.filter(({ covered }) => covered).length,
      gaps: people.filter(({ covered }) => !covered).map(gapOf),
    })),
  };
}

function gapOf({ personId, fullName, title, revoked, expired }: Signer): Gap {
  return { personId, fullName, title, why: revoked ? 'revoked' : expired ? 'expired' : 'none' };
}
