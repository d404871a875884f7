import type { SurveyFigure } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import { type Basis, parameterOf } from './basis.js';

export type Measured = Pick<SurveyFigure, 'agencyId' | 'unitId' | 'code' | 'value' | 'of'>;

/** Who holds office on the month's last day and which mailboxes there are, as known up to the cut. */
const holders = `
  assignment as (
    select distinct on (assignment_id) * from survey_assignment where seq <= $1
    order by assignment_id, seq desc),
  holder as (
    select distinct person_id, unit_id, agency_id from assignment
    where valid_from <= $4 and (valid_to is null or valid_to >= $4)),
  box as (
    select distinct on (mailbox_id) * from survey_mailbox where seq <= $2 and day <= $4
    order by mailbox_id, seq desc)`;
const act = `act as (
    select * from mail_ledger where seq <= $3 and day <= $4 and not automatic
      and act in ('sent', 'opened'))`;

/**
 * Counts a month from the ledger, for each agency and each of its units. The same basis gives the same
 * figures: rows are only ever added, and what comes after the cut does not count.
 */
export async function measure(manager: EntityManager, basis: Basis): Promise<Measured[]> {
  const { cut, definitions, firstDay, lastDay } = basis;
  const common = [cut.assignment, cut.mailbox, cut.ledger, lastDay];
  const people = await manager.query<Measured[]>(
    `with ${holders}, ${act},
     used as (
       select a.actor, w.monday from act a
       join unnest($5::date[], $6::date[]) as w (monday, sunday) on a.day between w.monday and w.sunday
       group by a.actor, w.monday having count(*) >= $7),
     regular as (select actor from used group by actor having count(*) >= $8),
     judged as (
       select h.*, exists (select from box b where b.kind = 'person' and b.owner_id = h.person_id
           and b.open) as has_box,
         exists (select from regular r where r.actor = h.person_id) as regular,
         exists (select from act a where a.actor = h.person_id and a.act = 'opened') as opened
       from holder h),
     counted as (
       select agency_id, unit_id, count(distinct person_id) as people,
         count(distinct person_id) filter (where has_box) as boxes,
         count(distinct person_id) filter (where regular) as regular,
         count(distinct person_id) filter (where has_box and not opened) as never
       from judged group by grouping sets ((agency_id), (agency_id, unit_id)))
     select agency_id as "agencyId", unit_id as "unitId", code, value::int, "of"::int
     from counted cross join lateral (values ('MAIL_COVER', boxes, people),
       ('MAIL_REGULAR', regular, people), ('MAIL_NEVER', never, boxes)) as f (code, value, "of")`,
    [
      ...common,
      ...[basis.weeks.map(([monday]) => monday), basis.weeks.map(([, sunday]) => sunday)],
      ...['messages', 'weeks'].map((name) => parameterOf(definitions, 'MAIL_REGULAR', name)),
    ],
  );
  const { general, agencies } = basis.workingDays;
  const daily = await manager.query<Measured[]>(
    `with ${holders}, ${act},
     first_open as (
       select mailbox_id, min(day) as day from survey_mailbox where seq <= $2 and open
       group by mailbox_id),
     due as (
       select b.mailbox_id, b.agency_id, b.unit_id, d.day from box b
       join first_open f using (mailbox_id)
       cross join lateral (select unnest(coalesce(
         (select array(select jsonb_array_elements_text($6::jsonb -> b.agency_id::text))::date[]
          where $6::jsonb ? b.agency_id::text), $5::date[]))) as d (day)
       where b.kind = 'post' and b.open and b.agency_id is not null and d.day >= f.day)
     select agency_id as "agencyId", unit_id as "unitId", 'MAIL_DAILY' as code,
       count(*) filter (where exists (select from act a where a.mailbox_id = due.mailbox_id
         and a.day = due.day and a.act = 'opened'))::int as value, count(*)::int as "of"
     from due group by grouping sets ((agency_id), (agency_id, unit_id))`,
    [...common, general, JSON.stringify(agencies)],
  );
  const counterparts = await manager.query<Measured[]>(
    `with ${holders}
     select b.agency_id as "agencyId",
       coalesce(b.unit_id, h.unit_id) as "unitId", 'MAIL_PRIVATE' as code,
       count(*) filter (where l.counterpart = 'private')::int as value, count(*)::int as "of"
     from mail_ledger l join box b using (mailbox_id)
     left join lateral (select unit_id from holder h where b.kind = 'person'
       and h.person_id = b.owner_id and h.agency_id = b.agency_id
       order by unit_id limit 1) h on true
     where l.seq <= $3 and l.day between $5 and $4 and not l.automatic and l.act <> 'opened'
       and b.agency_id is not null
     group by grouping sets ((b.agency_id), (b.agency_id, coalesce(b.unit_id, h.unit_id)))`,
    [...common, firstDay],
  );
  return [...people, ...daily, ...counterparts]
    .map(({ unitId, ...rest }) => (unitId ? { ...rest, unitId } : rest))
    .filter((row, at, all) => all.findIndex((other) => keyOf(other) === keyOf(row)) === at)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const keyOf = ({ agencyId, unitId = '', code }: Measured) => `${agencyId} ${unitId} ${code}`;
