import { describe, expect, it } from '@jest/globals';
import { type CalendarRows, WorkingCalendar } from './working-calendar.js';

const week = [1, 2, 3, 4, 5].flatMap((weekday) => [
  { weekday, opensAt: '07:30', closesAt: '11:30', validFrom: '2020-01-01' },
  { weekday, opensAt: '13:30', closesAt: '17:00', validFrom: '2020-01-01' },
]);
const rows: CalendarRows = {
  hours: week,
  days: [
    { day: '2026-04-30', kind: 'holiday' },
    { day: '2026-05-01', kind: 'holiday' },
    { day: '2026-04-27', kind: 'compensatory_rest' },
    { day: '2026-05-09', kind: 'swapped_work' },
  ],
};
const calendar = new WorkingCalendar(rows);

describe('the working calendar', () => {
  it('passes over weekends, holidays and days of compensation', () => {
    expect(calendar.addWorkingDays('2026-04-29', 1)).toBe('2026-05-04');
    expect(calendar.addWorkingDays('2026-04-24', 1)).toBe('2026-04-28');
    expect(calendar.onOrAfter('2026-05-02')).toBe('2026-05-04');
    expect(calendar.workingDaysBetween('2026-04-24', '2026-05-04')).toBe(3);
    expect(calendar.workingDaysBetween('2026-05-04', '2026-04-24')).toBe(-3);
  });

  it('works on a swapped Saturday', () => {
    expect(calendar.addWorkingDays('2026-05-08', 1)).toBe('2026-05-09');
    expect(calendar.endOf('2026-05-09').toISOString()).toBe('2026-05-09T10:00:00.000Z');
  });

  it('counts hours only while the office is open', () => {
    const at = (time: string) => new Date(`${time}+07:00`);
    expect(calendar.addWorkingMinutes(at('2026-05-08T16:30'), 60)).toEqual(at('2026-05-09T08:00'));
    expect(calendar.addWorkingMinutes(at('2026-04-29T17:30'), 30)).toEqual(at('2026-05-04T08:00'));
    expect(calendar.addWorkingMinutes(at('2026-05-05T11:00'), 60)).toEqual(at('2026-05-05T14:00'));
  });

  it('lets the rows of one agency win over those for all', () => {
    const saturday = { weekday: 6, opensAt: '07:30', closesAt: '11:30', validFrom: '2026-01-01' };
    const own: CalendarRows = {
      hours: [...week, { ...saturday, organisationId: 'a' }],
      days: [
        ...rows.days,
        { day: '2026-05-04', kind: 'local_closure', organisationId: 'a' },
        { day: '2026-05-09', kind: 'local_closure', organisationId: 'a' },
      ],
    };
    const ours = new WorkingCalendar(own, 'a');
    expect(ours.onOrAfter('2026-05-02')).toBe('2026-05-02');
    expect(ours.isWorkingDay('2026-05-04')).toBe(false);
    expect(ours.isWorkingDay('2026-05-09')).toBe(false);
    expect(new WorkingCalendar(own, 'b').isWorkingDay('2026-05-02')).toBe(false);
  });
});
