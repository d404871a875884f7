import type { Position } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

/**
 * What a person may do on a day: their own posts, then those of absent people they stand in for.
 * A post counts while its organisation lasts, so rights of a dissolved one end by themselves.
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
       where a.substitute_id = $1 and not a.cancelled and $2::date between a.valid_from and a.valid_to)
     select p.post_id as "postId", p.unit_id as "unitId", p.agency_id as "organisationId", p.bloc,
       coalesce(r.reach, 'organisation') as reach, h.for_person_id as "forPersonId",
       array(select distinct g.permission from role_permission g
         where g.role = any (p.roles) and g.valid_from <= $2
           and (g.valid_to is null or g.valid_to >= $2)
         order by g.permission) as permissions
     from holder h
     join person on person.person_id = h.person_id and person.active
     join assignment s on s.person_id = h.person_id
       and s.valid_from <= $2 and (s.valid_to is null or s.valid_to >= $2)
     join post p on p.post_id = s.post_id
       and p.valid_from <= $2 and (p.valid_to is null or p.valid_to >= $2)
     join organisation_version v on v.organisation_id = p.unit_id
       and v.valid_from <= $2 and (v.valid_to is null or v.valid_to >= $2)
     left join post_grant r on r.post_id = p.post_id
     order by h.for_person_id nulls first, p.title`,
    [personId, on],
  );
  return rows.map(({ forPersonId, ...own }) => (forPersonId ? { ...own, forPersonId } : own));
}
