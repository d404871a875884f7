import { blocs } from '../language/caller.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Flag, Id, List, Text } from '../language/fields.js';

// What the directory announces. Every service keeps from these the few facts it needs; none reads
// the directory's tables. An event carries the whole present version of the thing, so that whoever
// starts late or missed one is right again with the next.

/** An organisation as of one version in time (cơ quan, tổ chức, đơn vị). Names are never keys. */
export class OrganisationVersion {
  @Id() organisationId: string;
  @Id({ description: 'The agency it belongs to: itself if it has its own seal and registers' })
  agencyId: string;
  @Id({ optional: true }) parentId?: string;
  @Choice(blocs) bloc: 'government' | 'party';
  @Text({
    max: 40,
    description: 'province, department, commune, ward, district, unit, …: data, not a closed list',
  })
  kind: string;
  @Flag({ description: 'Whether it is an agency: own seal, own registers, own numbering' })
  agency: boolean;
  @Text({ max: 200 }) name: string;
  @Text({ max: 100 }) shortName: string;
  @Text({
    max: 30,
    description: 'Its abbreviation in document symbols, as the head set it: UBND, SNV, VP',
  })
  symbol: string;
  @Text({
    max: 64,
    optional: true,
    description: 'Identifier for exchange, in either shape (H36.04 or 000.00.04.H36)',
  })
  identifier?: string;
  @Text({ max: 10, optional: true, description: 'Administrative code of its territory' })
  administrativeCode?: string;
  @Text({ max: 100, optional: true, description: 'Place named in the date line of its documents' })
  place?: string;
  @Day() validFrom: string;
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
  @Text({ max: 300, description: 'The decision or resolution it rests on' }) legalBasis: string;
}

/** What is announced of an organisation: the version it is about, or that this one will not come. */
export class OrganisationChange extends OrganisationVersion {
  @Flag({ optional: true, description: 'This version was called off before its first day' })
  cancelled?: boolean;
}

/** A post in an organisation or unit (chức vụ): permissions are given to posts, not to people. */
export class PostVersion {
  @Id() postId: string;
  @Id() unitId: string;
  @Id() agencyId: string;
  @Choice(blocs) bloc: 'government' | 'party';
  @Text({ max: 150 }) title: string;
  @Text({ max: 300, optional: true, description: 'Official mailbox of the post' }) mailbox?: string;
  @Flag({ description: 'Head or deputy head of its unit' }) leads: boolean;
  @Flag({ description: 'May sign documents of the agency' }) signs: boolean;
  @List(Text({ max: 60 }), { max: 20, description: 'Codes of the roles it carries' })
  roles: string[];
  @Day() validFrom: string;
  @Day({ optional: true }) validTo?: string;
}

/** A person who works for the province. */
export class PersonVersion {
  @Id() personId: string;
  @Text({ max: 100 }) fullName: string;
  @Text({ max: 254, optional: true, description: 'Official e-mail address' }) email?: string;
  @Flag({ description: 'Still in service' }) active: boolean;
}

/** Who holds which post, from when to when. */
export class AssignmentVersion {
  @Id() assignmentId: string;
  @Id() personId: string;
  @Id() postId: string;
  @Id() unitId: string;
  @Id() agencyId: string;
  @Day() validFrom: string;
  @Day({ optional: true }) validTo?: string;
}

/** A person is away and another stands in for them; what is done names both. */
export class AbsenceVersion {
  @Id() absenceId: string;
  @Id() personId: string;
  @Id() substituteId: string;
  @Day() validFrom: string;
  @Day() validTo: string;
  @Flag({ description: 'Called off before its time' }) cancelled: boolean;
}

export const successionKinds = ['merge', 'split', 'rename', 'transfer', 'dissolve'] as const;

/** One edge of the graph of succession: functions of one organisation went to another on a day. */
export class Succession {
  @Id() successionId: string;
  @Id() fromId: string;
  @Id({ optional: true, description: 'Absent when it was dissolved without a successor' })
  toId?: string;
  @Choice(successionKinds) kind: (typeof successionKinds)[number];
  @Text({ max: 300, optional: true, description: 'Which function or area went over' })
  scope?: string;
  @Day() effectiveOn: string;
  @Text({ max: 300 }) legalBasis: string;
}

export const calendarDayKinds = [
  'holiday',
  'compensatory_rest',
  'swapped_work',
  'local_closure',
] as const;

/** A day that is not what its weekday says (ngày nghỉ, ngày làm bù). */
export class CalendarDayVersion {
  @Id() calendarDayId: string;
  @Day() day: string;
  @Choice(calendarDayKinds) kind: (typeof calendarDayKinds)[number];
  @Id({ optional: true, description: 'Only for this agency; absent: for all' })
  organisationId?: string;
  @Text({ max: 300 }) legalBasis: string;
  @Flag({ description: 'Taken back' }) cancelled: boolean;
}

/** Office hours of a weekday, for all or for one agency. */
export class OfficeHoursVersion {
  @Id() officeHoursId: string;
  @Id({ optional: true }) organisationId?: string;
  @Count({ min: 1, max: 7, description: 'ISO weekday, 1 is Monday' }) weekday: number;
  @Text({ max: 5, pattern: /^\d\d:\d\d$/ }) opensAt: string;
  @Text({ max: 5, pattern: /^\d\d:\d\d$/ }) closesAt: string;
  @Day() validFrom: string;
  @Day({ optional: true }) validTo?: string;
}

export const organisationChanged = event(
  'directory.organisations.changed.v1',
  'An organisation was registered, has a new version in time, or one was called off',
  OrganisationChange,
);
export const successionRecorded = event(
  'directory.successions.recorded.v1',
  'An organisation merged, split, was renamed, handed functions over or was dissolved',
  Succession,
);
export const postChanged = event(
  'directory.posts.changed.v1',
  'A post was created, changed or closed',
  PostVersion,
);
export const personChanged = event(
  'directory.people.changed.v1',
  'A person was registered or changed',
  PersonVersion,
);
export const assignmentChanged = event(
  'directory.assignments.changed.v1',
  'A person took up or left a post',
  AssignmentVersion,
);
export const absenceChanged = event(
  'directory.absences.changed.v1',
  'A person is away and somebody stands in, or that was called off',
  AbsenceVersion,
);

export const calendarDayChanged = event(
  'directory.calendar.day-changed.v1',
  'A holiday, swapped day or closure was entered or taken back',
  CalendarDayVersion,
);
export const officeHoursChanged = event(
  'directory.calendar.hours-changed.v1',
  'Office hours were set',
  OfficeHoursVersion,
);

export const directoryEvents = [
  calendarDayChanged,
  officeHoursChanged,
  organisationChanged,
  successionRecorded,
  postChanged,
  personChanged,
  assignmentChanged,
  absenceChanged,
];
