import { describe, expect, it } from '@jest/globals';
import { addDays, localDay, localTime, localYear, momentOf, weekdayOf } from './local-time.js';

describe('local time', () => {
  it('gives the last evening of a year in UTC to the next year', () => {
    expect(localDay(new Date('2026-12-31T18:30:00Z'))).toBe('2027-01-01');
    expect(localYear(new Date('2026-12-31T18:30:00Z'))).toBe(2027);
    expect(localYear(new Date('2026-12-31T16:59:59Z'))).toBe(2026);
    expect(localDay(new Date('2026-07-01T18:00:00Z'))).toBe('2026-07-02');
  });

  it('goes to moments and back', () => {
    expect(momentOf('2026-07-02', '01:00').toISOString()).toBe('2026-07-01T18:00:00.000Z');
    expect(localTime(momentOf('2026-07-02', '07:30'))).toBe('07:30');
  });

  it('counts dates over months and leap years', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect([weekdayOf('2026-11-23'), weekdayOf('2026-11-29')]).toEqual([1, 7]);
  });
});
