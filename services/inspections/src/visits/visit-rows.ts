import {
  type Caller,
  type Finding,
  Invalid,
  NotFound,
  type OpenVisit,
  type Place,
  type Recommendation,
  type Visit,
  type VisitDetails,
} from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

const visitColumns = `v.id, v.organisation_id as "organisationId", v.title,
  v.legal_basis as "legalBasis", v.from_on as "from", v.to_on as "to", v.state, v.version,
  (select json_agg(json_build_object('personId', m.person_id, 'role', m.role) order by m.role, m.person_id)
    from visit_member m where m.visit_id = v.id) as members,
  (select json_agg(json_build_object('organisationId', u.organisation_id, 'on', u.visited_on)
    order by u.visited_on, u.organisation_id) from visited_unit u where u.visit_id = v.id) as units`;

const recommendationColumns = `r.id, r.organisation_id as "organisationId", r.finding_id as "findingId",
  r.text, r.due_on as "dueOn", r.state,
  r.state <> 'done' and r.due_on < (now() at time zone 'Asia/Ho_Chi_Minh')::date as late,
  coalesce((select json_agg(json_build_object('at', f.at, 'personId', f.person_id, 'text', f.text,
    'state', f.state) order by f.id) from follow_up f where f.recommendation_id = r.id), '[]') as "followUps"`;

/** Visits, newest first, that somebody's posts reach or whose members they are. */
export function listVisits(
  manager: EntityManager,
  caller: Caller,
  limit: number,
  [at = null, id = null]: unknown[],
): Promise<(Visit & { sortKey: string })[]> {
  const { wide, agencies } = reachOf(caller);
  return manager.query(
    `select ${visitColumns}, v.opened_at::text as "sortKey" from visit v
     where ($1 or v.organisation_id = any ($2::uuid[])
         or exists (select from visit_member m where m.visit_id = v.id and m.person_id = $3)
         or exists (select from visited_unit u where u.visit_id = v.id and u.organisation_id = any ($2::uuid[])))
       and ($4::timestamptz is null or (v.opened_at, v.id) < ($4, $5::uuid))
     order by v.opened_at desc, v.id desc limit $6`,
    [wide, agencies, caller.personId, at, id, limit],
  );
}

/** A visit as somebody may see it. Throws NotFound. */
export async function findVisit(
  manager: EntityManager,
  id: string,
  caller: Caller,
): Promise<Visit> {
  const { wide, agencies } = reachOf(caller);
  const [visit] = await manager.query<Visit[]>(
    `select ${visitColumns} from visit v where v.id = $1
     and ($2 or v.organisation_id = any ($3::uuid[])
       or exists (select from visit_member m where m.visit_id = v.id and m.person_id = $4)
       or exists (select from visited_unit u where u.visit_id = v.id and u.organisation_id = any ($3::uuid[])))`,
    [id, wide, agencies, caller.personId],
  );
  if (!visit) throw noVisit();
  return visit;
}

/** The findings and recommendations of a visit. */
export async function detailsOf(manager: EntityManager, visit: Visit): Promise<VisitDetails> {
  const [findings, recommendations] = await Promise.all([
    manager.query<Finding[]>(
      `select id, organisation_id as "organisationId", text, evidence, recorded_by as "recordedBy", at
       from finding where visit_id = $1 order by at, id limit 2000`,
      [visit.id],
    ),
    manager.query<Recommendation[]>(
      `select ${recommendationColumns} from recommendation r where r.visit_id = $1
       order by r.at, r.id limit 2000`,
      [visit.id],
    ),
  ]);
  return { ...visit, findings, recommendations };
}

/** One recommendation with what was reported on it. */
export async function findRecommendation(
  manager: EntityManager,
  id: string,
): Promise<Recommendation> {
  const [found] = await manager.query<Recommendation[]>(
    `select ${recommendationColumns} from recommendation r where r.id = $1`,
    [id],
  );
  return found!;
}

/** What a delegation must be: one head, days within the visit, and agencies that exist. */
export async function mustFit(manager: EntityManager, { from, to, members, units }: OpenVisit) {
  const wrong = (pointer: string, vi: string, en: string) => {
    throw new Invalid([{ pointer, detail: { vi, en } }]);
  };
  if (to < from) wrong('/to', 'phải sau ngày bắt đầu', 'must not come before the first day');
  if (members.filter(({ role }) => role === 'head').length !== 1)
    wrong('/members', 'cần đúng một trưởng đoàn', 'needs exactly one head');
  for (const [index, { organisationId, on }] of units.entries()) {
    if (on < from || on > to)
      wrong(`/units/${index}/on`, 'nằm ngoài thời gian của đoàn', 'is outside the visit');
    await placeOf(manager, organisationId);
  }
  const known = await manager.query<unknown[]>(
    'select 1 from known_person where person_id = any ($1::uuid[]) and active',
    [members.map(({ personId }) => personId)],
  );
  if (known.length !== new Set(members.map(({ personId }) => personId)).size)
    wrong(
      '/members',
      'có người không có trong danh bạ hoặc bị trùng',
      'names somebody unknown, or twice',
    );
}

/** Where a rule applies. Throws NotFound. */
export async function placeOf(manager: EntityManager, organisationId: string): Promise<Place> {
  const [place] = await manager.query<Place[]>(
    'select organisation_id as id, bloc from known_organisation where organisation_id = $1 limit 1',
    [organisationId],
  );
  if (!place)
    throw new NotFound({ vi: 'Không có cơ quan này', en: 'There is no such organisation' });
  return place;
}

function reachOf({ positions }: Caller) {
  const reading = positions.filter(({ permissions }) => permissions.includes('inspections.read'));
  return {
    wide: reading.some(({ reach }) => reach === 'all'),
    agencies: reading.map(({ organisationId }) => organisationId),
  };
}

export const noVisit = () =>
  new NotFound({ vi: 'Không có đoàn công tác này', en: 'There is no such visit' });
