import { randomUUID } from 'node:crypto';
import {
  calendar,
  calendarDayChanged,
  CalendarDayVersion,
  type CalendarReply,
  type CalendarYear,
  type Caller,
  DayTaken,
  type EnterDay,
  NotFound,
  OfficeHoursVersion,
  type TakeBackDay,
  everywhere,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf, keep } from '@eoffice/platform/keep';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { findVersion, noOrganisation } from './organisation-versions.js';
import { blocsSeenBy, mustManage } from './tenancy.js';

/** Days and hours for everybody, and those of agencies that the caller sees. */
const seen = `(organisation_id is null or exists (select from organisation o
  where o.id = organisation_id and o.bloc = any ($2)))`;

/** Serves the days and hours that deadlines count with. */
@Serves(calendar)
export class Calendar {
  constructor(private readonly database: Database) {}

  async show({ year }: CalendarYear, caller: Caller): Promise<CalendarReply> {
    const parameters = [Number(year), blocsSeenBy(caller)];
    const [days, hours] = await Promise.all([
      this.database.query<CalendarDayVersion>(
        `select ${columnsOf(CalendarDayVersion)} from calendar_day
         where not cancelled and extract(year from day) = $1 and ${seen} order by day limit 400`,
        parameters,
      ),
      this.database.query<OfficeHoursVersion>(
        `select ${columnsOf(OfficeHoursVersion)} from office_hours
         where extract(year from valid_from) <= $1
           and (valid_to is null or extract(year from valid_to) >= $1) and ${seen}
         order by organisation_id nulls first, weekday, opens_at limit 400`,
        parameters,
      ),
    ]);
    return { days, hours };
  }

  enter(input: EnterDay, caller: Caller): Promise<CalendarDayVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      await mustKeep(manager, caller, input.organisationId);
      const taken = await manager.query<unknown[]>(
        `select 1 from calendar_day
         where day = $1 and organisation_id is not distinct from $2 and not cancelled`,
        [input.day, input.organisationId ?? null],
      );
      if (taken.length > 0) throw new DayTaken();
      const day = { calendarDayId: randomUUID(), ...input, cancelled: false };
      await keep(manager, 'calendar_day', ['calendarDayId'], CalendarDayVersion, day);
      emit(calendarDayChanged, day.calendarDayId, day);
      return day;
    });
  }

  takeBack({ id }: TakeBackDay, caller: Caller): Promise<CalendarDayVersion> {
    return this.database.transaction(caller, async (manager, emit) => {
      const [found] = await manager.query<CalendarDayVersion[]>(
        `select ${columnsOf(CalendarDayVersion)} from calendar_day
         where calendar_day_id = $1 for update`,
        [id],
      );
      if (!found) throw new NotFound();
      const { organisationId, ...rest } = found;
      await mustKeep(manager, caller, organisationId);
      const off = { ...rest, ...(organisationId ? { organisationId } : {}), cancelled: true };
      await keep(manager, 'calendar_day', ['calendarDayId'], CalendarDayVersion, off);
      emit(calendarDayChanged, id, off);
      return off;
    });
  }
}

/** Throws Forbidden, or NotFound. A day for everybody needs a post that reaches everything. */
async function mustKeep(manager: EntityManager, caller: Caller, organisationId?: string) {
  if (!organisationId) return caller.acting('directory.manage', everywhere);
  const found = await findVersion(manager, organisationId, localDay());
  if (!found) throw noOrganisation();
  return mustManage(caller, { id: found.agencyId, bloc: found.bloc });
}
