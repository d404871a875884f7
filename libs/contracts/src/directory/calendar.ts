import { contract } from '../language/contract.js';
import { Choice, Day, Id, List, Text } from '../language/fields.js';
import { NotFound, problem } from '../language/problem.js';
import { calendarDayKinds, CalendarDayVersion, OfficeHoursVersion } from './events.js';

export class DayTaken extends problem(409, 'directory/day-taken', {
  vi: 'Ngày này đã được ghi trong lịch',
  en: 'The calendar already says something about this day',
}) {}

export class EnterDay {
  @Day() day: string;
  @Choice(calendarDayKinds) kind: (typeof calendarDayKinds)[number];
  @Id({ optional: true, description: 'Only for this agency' }) organisationId?: string;
  @Text({ max: 300 }) legalBasis: string;
}

export class CalendarYear {
  @Text({ max: 4, pattern: /^\d{4}$/ }) year: string;
}

export class CalendarReply {
  @List(() => CalendarDayVersion, { max: 400 }) days: CalendarDayVersion[];
  @List(() => OfficeHoursVersion, { max: 400 }) hours: OfficeHoursVersion[];
}

export class TakeBackDay {
  @Id() id: string;
}

export const calendar = contract('directory.calendar', {
  show: {
    summary: 'Show the days off, swapped working days and office hours of a year',
    route: 'GET /calendar/:year',
    permission: 'signed-in',
    input: CalendarYear,
    output: CalendarReply,
  },
  enter: {
    summary: 'Enter a holiday, a day of compensation, a swapped working day or a closure',
    route: 'POST /calendar/days',
    permission: 'directory.manage',
    input: EnterDay,
    output: CalendarDayVersion,
    errors: [DayTaken, NotFound],
    status: 201,
  },
  takeBack: {
    summary: 'Take a day back that was entered by mistake',
    route: 'POST /calendar/days/:id/cancel',
    permission: 'directory.manage',
    input: TakeBackDay,
    output: CalendarDayVersion,
    errors: [NotFound],
  },
});
