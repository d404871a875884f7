import { Injectable } from '@nestjs/common';
import {
  calendarDayChanged,
  CalendarDayVersion,
  type CloudEvent,
  officeHoursChanged,
  OfficeHoursVersion,
  type OrganisationChange,
  organisationChanged,
  OrganisationVersion,
} from '@eoffice/contracts';
import { forget, keep } from '@eoffice/platform/keep';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';

/** Keeps the agencies, their blocs and their working days: whose mail is counted, and on which days. */
@Injectable()
export class DirectoryReactions {
  @On(organisationChanged)
  keepOrganisation({ data }: CloudEvent<OrganisationChange>, manager: EntityManager) {
    const key = ['organisationId', 'validFrom'];
    return data.cancelled
      ? forget(manager, 'known_organisation', key, data)
      : keep(manager, 'known_organisation', key, OrganisationVersion, data);
  }

  @On(calendarDayChanged)
  keepCalendarDay({ data }: CloudEvent<CalendarDayVersion>, manager: EntityManager) {
    return keep(manager, 'known_calendar_day', ['calendarDayId'], CalendarDayVersion, data);
  }

  @On(officeHoursChanged)
  keepOfficeHours({ data }: CloudEvent<OfficeHoursVersion>, manager: EntityManager) {
    return keep(manager, 'known_office_hours', ['officeHoursId'], OfficeHoursVersion, data);
  }
}
