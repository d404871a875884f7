/** Civil time of the office: registers, deadlines and years count in it. */
export const zone = 'Asia/Ho_Chi_Minh';

const dayFormat = new Intl.DateTimeFormat('en-CA', {
  timeZone: zone,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});
const timeFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone,
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** The calendar date at a moment, `yyyy-MM-dd`: 2026-12-31T18:30Z is 2027-01-01. */
export function localDay(moment: Date = new Date()): string {
  return dayFormat.format(moment);
}

/** The time of day at a moment, `HH:mm`. */
export function localTime(moment: Date): string {
  return timeFormat.format(moment);
}

/** The calendar year at a moment; number series belong to it. */
export function localYear(moment: Date = new Date()): number {
  return Number(localDay(moment).slice(0, 4));
}

/** The moment a local date and time (`HH:mm`) stand for. The zone has had no summer time since 1975. */
export function momentOf(day: string, time = '00:00'): Date {
  return new Date(`${day}T${time}:00+07:00`);
}

/** The date `days` later (earlier if negative). */
export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** A date as people type it in tables: `05/01/2026` is the fifth of January. Anything else stays. */
export function typedDay(text: string): string {
  const [, day, month, year] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text) ?? [];
  return day ? `${year}-${month!.padStart(2, '0')}-${day.padStart(2, '0')}` : text;
}

/** ISO weekday: 1 is Monday, 7 is Sunday. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}
