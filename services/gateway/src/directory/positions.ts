import type { Position } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

const holds = (table: string) =>
  `${table}.valid_from <= $2 and (${table}.valid_to is null or ${table}.valid_to >= $2)`;

/**
 * What a person may do on a day: their own posts, then those of absent people they stand in for.
 * A post counts while its unit and agency last, so rights in a dissolved one end by themselves. Who
 * stands in for somebody does not pass on what that one holds as a substitute.
 */
export async function positionsOf(
  manager: EntityManager,
  personId: string,
  on: string,
): Promise<Position[]> {
  const rows = await manager.query<(Position & { forPersonId: string | null })[]>(
    `with holder as (
       select $1::uuid as person_id, null::uuid as for_person_id
       union
       select a.person_id, a.person_id from absence a
       where a.substitute_id = $1 and not a.cancelled and $2::date between a.valid_from and a.valid_to
         and exists (select from person p where p.person_id = $1 and p.active))
     select p.post_id as "postId", p.unit_id as "unitId", p.agency_id as "organisationId", p.bloc,
       coalesce(r.reach, 'organisation') as reach, h.for_person_id as "forPersonId",
       array(select distinct g.permission from role_permission g
         where g.role = any (p.roles) and ${holds('g')} order by g.permission) as permissions
     from holder h
     join person on person.person_id = h.person_id and person.active
     join assignment s on s.person_id = h.person_id and ${holds('s')}
     join post p on p.post_id = s.post_id and ${holds('p')}
     join organisation_version v on v.organisation_id = p.unit_id and ${holds('v')}
     join organisation_version w on w.organisation_id = p.agency_id and ${holds('w')}
     left join post_grant r on r.post_id = p.post_id
     order by h.for_person_id nulls first, p.title`,
    [personId, on],
  );
  return rows.map(({ forPersonId, ...own }) => (forPersonId ? { ...own, forPersonId } : own));
}
