import { Injectable } from '@nestjs/common';
import {
  assignmentChanged,
  AssignmentVersion,
  calendarDayChanged,
  CalendarDayVersion,
  type CloudEvent,
  officeHoursChanged,
  OfficeHoursVersion,
  type OrganisationChange,
  organisationChanged,
  OrganisationVersion,
  personChanged,
  PersonVersion,
  postChanged,
  PostVersion,
} from '@eoffice/contracts';
import { forget, keep } from '@eoffice/platform/keep';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';

/** Keeps who holds which post, to know who should have a certificate. */
@Injectable()
export class DirectoryReactions {
  @On(organisationChanged)
  keepOrganisation({ data }: CloudEvent<OrganisationChange>, manager: EntityManager) {
    const key = ['organisationId', 'validFrom'];
    if (data.cancelled) return forget(manager, 'known_organisation', key, data);
    return keep(manager, 'known_organisation', key, OrganisationVersion, data);
  }

  @On(postChanged)
  keepPost({ data }: CloudEvent<PostVersion>, manager: EntityManager) {
    return keep(manager, 'known_post', ['postId'], PostVersion, data);
  }

  @On(personChanged)
  keepPerson({ data }: CloudEvent<PersonVersion>, manager: EntityManager) {
    return keep(manager, 'known_person', ['personId'], PersonVersion, data);
  }

  @On(assignmentChanged)
  keepAssignment({ data }: CloudEvent<AssignmentVersion>, manager: EntityManager) {
    return keep(manager, 'known_assignment', ['assignmentId'], AssignmentVersion, data);
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
