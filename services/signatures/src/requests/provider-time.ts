import { localDay } from '@eoffice/platform/local-time';
import { type CalendarRows, WorkingCalendar } from '@eoffice/platform/working-calendar';
import type { EntityManager } from 'typeorm';

/** The last day the provider has for a request that goes out today, in working days of the policy. */
export async function dueToday(manager: EntityManager): Promise<string> {
  const days = await manager.query<CalendarRows['days']>(
    `select day, kind from known_calendar_day
     where not cancelled and organisation_id is null and day >= local_day() limit 400`,
  );
  const hours = await manager.query<CalendarRows['hours']>(
    `select weekday, opens_at as "opensAt", closes_at as "closesAt", valid_from as "validFrom",
       valid_to as "validTo" from known_office_hours where organisation_id is null`,
  );
  const [policy] = await manager.query<{ count: number }[]>(
    `select coalesce(policy_number('provider-working-days'), 0) as count`,
  );
  const calendar = new WorkingCalendar({ days, hours: hours.length > 0 ? hours : weekdays });
  return calendar.addWorkingDays(localDay(), policy!.count);
}

/** Monday to Friday, while the directory has not announced office hours yet. */
const weekdays = [1, 2, 3, 4, 5].map((weekday) => ({
  ...{ weekday, opensAt: '07:30', closesAt: '17:00', validFrom: '2000-01-01' },
}));
