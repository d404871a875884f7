import { addDays, weekdayOf } from '@eoffice/platform/local-time';
import { type CalendarRows, WorkingCalendar } from '@eoffice/platform/working-calendar';
import type { EntityManager } from 'typeorm';

/** A version of what is measured, and its numbers. */
export interface Definition {
  code: string;
  version: number;
  name: string;
  parameters: Record<string, number>;
}

/** All that a count of a month rests on: kept with it, so that it can be made again. */
export interface Basis {
  firstDay: string;
  lastDay: string;
  /** The last row of each table of facts that is counted. */
  cut: { ledger: string; assignment: string; mailbox: string };
  definitions: Definition[];
  /** Working days of the month: for all, and for agencies that differ. */
  workingDays: { general: string[]; agencies: Record<string, string[]> };
  /** The last full weeks with working days, up to the month's end: Monday and Sunday of each. */
  weeks: [string, string][];
}

const mostWeeks = 52;

/** Today's basis of a month; whoever freezes it keeps writers out meanwhile. */
export async function basisOf(manager: EntityManager, month: string): Promise<Basis> {
  const firstDay = `${month}-01`;
  const lastDay = addDays(firstDayAfter(firstDay), -1);
  const [cut] = await manager.query<Basis['cut'][]>(
    `select coalesce((select max(seq) from mail_ledger), 0)::text as ledger,
       coalesce((select max(seq) from survey_assignment), 0)::text as assignment,
       coalesce((select max(seq) from survey_mailbox), 0)::text as mailbox`,
  );
  const definitions = await manager.query<Definition[]>(
    `select distinct on (code) code, version, name, parameters from survey_definition
     where valid_from <= $1 order by code, valid_from desc`,
    [lastDay],
  );
  const rows = await calendarRows(manager);
  const general = new WorkingCalendar(rows);
  const differing = [...rows.days, ...rows.hours].flatMap(({ organisationId }) =>
    organisationId ? [organisationId] : [],
  );
  const days = daysBetween(firstDay, lastDay);
  const agencies = Object.fromEntries(
    [...new Set(differing)].sort().map((agencyId) => {
      const calendar = new WorkingCalendar(rows, agencyId);
      return [agencyId, days.filter((day) => calendar.isWorkingDay(day))];
    }),
  );
  return {
    ...{ firstDay, lastDay, cut: cut!, definitions },
    workingDays: { general: days.filter((day) => general.isWorkingDay(day)), agencies },
    weeks: weeksBefore(lastDay, general, parameterOf(definitions, 'MAIL_REGULAR', 'of')),
  };
}

export function parameterOf(definitions: Definition[], code: string, name: string): number {
  return definitions.find((each) => each.code === code)?.parameters[name] ?? 0;
}

/** `2026-12-01` → `2027-01-01`. */
export function firstDayAfter(firstDay: string): string {
  return `${addDays(firstDay, 31).slice(0, 7)}-01`;
}

async function calendarRows(manager: EntityManager): Promise<CalendarRows> {
  const days = await manager.query<CalendarRows['days']>(
    `select day::text, kind, organisation_id as "organisationId" from known_calendar_day
     where not cancelled order by day, calendar_day_id`,
  );
  const hours = await manager.query<CalendarRows['hours']>(
    `select weekday, opens_at as "opensAt", closes_at as "closesAt", valid_from::text as "validFrom",
       valid_to::text as "validTo", organisation_id as "organisationId" from known_office_hours
     order by weekday, opens_at, office_hours_id`,
  );
  return { days, hours };
}

function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

function weeksBefore(lastDay: string, calendar: WorkingCalendar, wanted: number) {
  const weeks: [string, string][] = [];
  let sunday = addDays(lastDay, -(weekdayOf(lastDay) % 7));
  for (let looked = 0; weeks.length < wanted && looked < mostWeeks; looked++) {
    const monday = addDays(sunday, -6);
    if (daysBetween(monday, sunday).some((day) => calendar.isWorkingDay(day))) {
      weeks.unshift([monday, sunday]);
    }
    sunday = addDays(monday, -1);
  }
  return weeks;
}
