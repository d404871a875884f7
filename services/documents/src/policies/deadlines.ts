import { Injectable } from '@nestjs/common';
import type { Urgency } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import { type CalendarRows, WorkingCalendar } from '@eoffice/platform/working-calendar';

interface Policy {
  organisationId: string | null;
  urgency: string | null;
  type: string | null;
  workingHours: number | null;
  workingDays: number | null;
}

const freshMs = 15_000;
const hoursADay = 8;

/** Counts deadlines from the rows of policies and the calendar. Rows are read again every 15 seconds. */
@Injectable()
export class Deadlines {
  private rows?: { policies: Policy[]; calendar: CalendarRows; until: number; day: string };
  private loading?: Promise<void>;
  private readonly calendars = new Map<string, WorkingCalendar>();

  constructor(private readonly database: Database) {}

  /** When a document received at a moment must be done; a date written on it wins. */
  async dueAt(
    document: { organisationId: string; urgency: Urgency; type?: string; dueOn?: string },
    receivedAt: Date,
  ): Promise<Date | undefined> {
    const calendar = await this.calendarOf(document.organisationId);
    if (document.dueOn) return calendar.endOf(document.dueOn);
    const policy = this.policyOf(document);
    if (!policy) return undefined;
    if (policy.workingHours)
      return calendar.addWorkingMinutes(receivedAt, policy.workingHours * 60);
    return calendar.endOf(calendar.addWorkingDays(localDay(receivedAt), policy.workingDays!));
  }

  /** The end of office hours on a date given as a deadline. */
  async endOf(organisationId: string, day: string): Promise<Date> {
    return (await this.calendarOf(organisationId)).endOf(day);
  }

  /** The moment from which an open task is shown as due: two working days ahead. */
  async soon(organisationId: string, now: Date): Promise<Date> {
    return (await this.calendarOf(organisationId)).addWorkingMinutes(now, 2 * hoursADay * 60);
  }

  /** The most fitting policy: the agency's own before the general, urgency before type. */
  private policyOf(document: { organisationId: string; urgency: string; type?: string }) {
    const fits = (wanted: string | null, given?: string) => wanted === null || wanted === given;
    const weight = (policy: Policy) =>
      (policy.organisationId ? 4 : 0) + (policy.urgency ? 2 : 0) + (policy.type ? 1 : 0);
    return this.rows!.policies.filter(
      (policy) =>
        fits(policy.organisationId, document.organisationId) &&
        fits(policy.urgency, document.urgency) &&
        fits(policy.type, document.type),
    ).sort((a, b) => weight(b) - weight(a))[0];
  }

  private async calendarOf(organisationId: string): Promise<WorkingCalendar> {
    if (!this.rows || this.rows.until < Date.now()) {
      await (this.loading ??= this.load().finally(() => (this.loading = undefined)));
    }
    let calendar = this.calendars.get(organisationId);
    if (!calendar) {
      calendar = new WorkingCalendar(this.rows!.calendar, organisationId);
      this.calendars.set(organisationId, calendar);
    }
    return calendar;
  }

  private async load() {
    const day = localDay();
    const [policies, days, hours] = await Promise.all([
      this.database.query<Policy>(
        `select organisation_id as "organisationId", urgency, type,
           working_hours as "workingHours", working_days as "workingDays"
         from deadline_policy where valid_from <= $1 and (valid_to is null or valid_to >= $1)`,
        [day],
      ),
      this.database.query<CalendarRows['days'][number]>(
        `select day, kind, organisation_id as "organisationId" from known_calendar_day
         where not cancelled`,
      ),
      this.database.query<CalendarRows['hours'][number]>(
        `select weekday, opens_at as "opensAt", closes_at as "closesAt", valid_from as "validFrom",
           valid_to as "validTo", organisation_id as "organisationId" from known_office_hours`,
      ),
    ]);
    this.calendars.clear();
    const calendar = { days, hours: hours.length > 0 ? hours : ordinaryWeek };
    this.rows = { policies, calendar, until: Date.now() + freshMs, day };
  }
}

/** Until the directory has said when offices open: Monday to Friday, so that nothing has to wait. */
const ordinaryWeek = [1, 2, 3, 4, 5].map((weekday) => ({
  weekday,
  opensAt: '07:30',
  closesAt: '17:00',
  validFrom: '1945-01-01',
}));
