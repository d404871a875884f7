import { addDays, localDay, localTime, momentOf, weekdayOf } from './local-time.js';

/** A day that is not what its weekday says; the row of an agency wins over the one for all. */
export interface CalendarDay {
  day: string;
  kind: 'holiday' | 'compensatory_rest' | 'swapped_work' | 'local_closure';
  organisationId?: string | null;
}

/** Opening times of a weekday (1 Monday to 7 Sunday), `HH:mm`; a day may have several rows. */
export interface OfficeHours {
  weekday: number;
  opensAt: string;
  closesAt: string;
  validFrom: string;
  validTo?: string | null;
  organisationId?: string | null;
}

/** The rows a deadline rests on: no holiday and no hour is a constant of the program. */
export interface CalendarRows {
  days: CalendarDay[];
  hours: OfficeHours[];
}

const longestSearch = 400;

/** The working time of one office, from rows; dates and hours are those of Asia/Ho_Chi_Minh. */
export class WorkingCalendar {
  private readonly days = new Map<string, CalendarDay>();
  private readonly hours: OfficeHours[];

  constructor({ days, hours }: CalendarRows, organisationId?: string) {
    const ours = (row: { organisationId?: string | null }) =>
      !row.organisationId || row.organisationId === organisationId;
    const general = (row: { organisationId?: string | null }) => (row.organisationId ? 1 : 0);
    for (const row of days.filter(ours).sort((a, b) => general(a) - general(b))) {
      this.days.set(row.day, row);
    }
    this.hours = hours.filter(ours);
  }

  isWorkingDay(day: string): boolean {
    return this.hoursOn(day).length > 0;
  }

  /** The day itself if it is a working day, else the next one. */
  onOrAfter(day: string): string {
    let found = day;
    for (let step = 0; !this.isWorkingDay(found); step++) {
      if (step > longestSearch) throw new Error('The calendar has no working day in over a year');
      found = addDays(found, 1);
    }
    return found;
  }

  /** The `count`th working day after `day`; the day itself does not count (Civil Code 2015, Art. 147). */
  addWorkingDays(day: string, count: number): string {
    let found = day;
    for (let left = count; left > 0; left--) found = this.onOrAfter(addDays(found, 1));
    return found;
  }

  /** Working days after `from` up to and including `to`; negative when `to` comes first. */
  workingDaysBetween(from: string, to: string): number {
    if (to < from) return -this.workingDaysBetween(to, from);
    let count = 0;
    for (let day = addDays(from, 1); day <= to; day = addDays(day, 1)) {
      if (this.isWorkingDay(day)) count++;
    }
    return count;
  }

  /** The moment `minutes` of working time after `start`; waiting begins when the office opens. */
  addWorkingMinutes(start: Date, minutes: number): Date {
    let left = minutes;
    let day = localDay(start);
    let from = localTime(start);
    for (let step = 0; step <= longestSearch; step++) {
      for (const { opensAt, closesAt } of this.hoursOn(day)) {
        const begin = from > opensAt ? from : opensAt;
        const room = minutesOf(closesAt) - minutesOf(begin);
        if (room <= 0) continue;
        if (left <= room) return momentOf(day, timeOf(minutesOf(begin) + left));
        left -= room;
      }
      day = addDays(day, 1);
      from = '00:00';
    }
    throw new Error('The calendar has no working time in over a year');
  }

  /** The end of office hours on a working day: when a deadline given in days runs out. */
  endOf(day: string): Date {
    return momentOf(day, this.hoursOn(day).at(-1)?.closesAt ?? '17:00');
  }

  /** A swapped working day keeps the hours of a Monday: its own weekday has none. */
  private hoursOn(day: string): OfficeHours[] {
    const special = this.days.get(day);
    if (special && special.kind !== 'swapped_work') return [];
    const weekday = special ? 1 : weekdayOf(day);
    const valid = this.hours.filter(
      (row) =>
        row.weekday === weekday && row.validFrom <= day && (!row.validTo || day <= row.validTo),
    );
    const own = valid.filter((row) => row.organisationId);
    return (own.length > 0 ? own : valid).sort((a, b) => a.opensAt.localeCompare(b.opensAt));
  }
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const timeOf = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
