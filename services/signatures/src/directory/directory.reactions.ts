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
  Succession,
  successionRecorded,
} from '@eoffice/contracts';
import type { Emit } from '@eoffice/platform/database';
import { forget, keep } from '@eoffice/platform/keep';
import { On } from '@eoffice/platform/subscriptions';
import type { EntityManager } from 'typeorm';
import { refreshWorkList } from '../work-list/misfits.js';

/** Keeps who holds which post: to know who should have a certificate, and whose no longer fits. */
@Injectable()
export class DirectoryReactions {
  @On(organisationChanged)
  async keepOrganisation(
    { data }: CloudEvent<OrganisationChange>,
    manager: EntityManager,
    emit: Emit,
  ) {
    const key = ['organisationId', 'validFrom'];
    if (data.cancelled) await forget(manager, 'known_organisation', key, data);
    else await keep(manager, 'known_organisation', key, OrganisationVersion, data);
    await refreshWorkList(manager, emit, { agencyId: data.organisationId });
  }

  @On(successionRecorded)
  async keepSuccession({ data }: CloudEvent<Succession>, manager: EntityManager, emit: Emit) {
    await keep(manager, 'known_succession', ['successionId'], Succession, data);
    await refreshWorkList(manager, emit, { agencyId: data.fromId });
  }

  @On(postChanged)
  keepPost({ data }: CloudEvent<PostVersion>, manager: EntityManager) {
    return keep(manager, 'known_post', ['postId'], PostVersion, data);
  }

  @On(personChanged)
  async keepPerson({ data }: CloudEvent<PersonVersion>, manager: EntityManager, emit: Emit) {
    await keep(manager, 'known_person', ['personId'], PersonVersion, data);
    await refreshWorkList(manager, emit, { holderId: data.personId });
  }

  @On(assignmentChanged)
  async keepAssignment(
    { data }: CloudEvent<AssignmentVersion>,
    manager: EntityManager,
    emit: Emit,
  ) {
    await keep(manager, 'known_assignment', ['assignmentId'], AssignmentVersion, data);
    await refreshWorkList(manager, emit, { holderId: data.personId });
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
