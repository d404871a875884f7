import { tokensOf } from './lexer.js';
import { unfold } from './unfold.js';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

// RFC 5322, 4.3: the zones that had names; every other name says nothing, which is -0000.
const namedZones: Record<string, number> = {
  ut: 0,
  gmt: 0,
  z: 0,
  utc: 0,
  edt: -240,
  est: -300,
  cdt: -300,
  cst: -360,
  mdt: -360,
  mst: -420,
  pdt: -420,
  pst: -480,
};

const written =
  /^(?:[a-z]{2,9}\.? ?,? ?)?(\d{1,2})[ -]([a-z]{3,9})[ -](\d{2,4}) (\d{1,2}) ?: ?(\d{2})(?: ?: ?(\d{2})(?:[.,]\d+)?)?(?: ?([+-]\d{4}|[a-z]{1,5})\b.*)?$/;

/** A date-time of RFC 5322, 3.3 and 4.3, as RFC 3339 in the zone it was written in; null if none. */
export function readDate(value: string): string | null {
  const text = withoutComments(unfold(value).slice(0, 1_000));
  const match = written.exec(text.toLowerCase());
  if (!match) return null;
  const [, day, monthName, yearWritten, hour, minute, second = '0', zone = ''] = match;
  const month = months.indexOf(monthName!.slice(0, 3));
  const year = fullYear(yearWritten!);
  const offset = offsetOf(zone);
  if (month < 0 || offset === undefined) return null;
  const parts = [Number(day), Number(hour), Number(minute), Number(second)] as const;
  if (!isMoment(year, month, ...parts)) return null;
  const two = (number: number) => String(number).padStart(2, '0');
  const [dayNumber, ...time] = parts;
  // RFC 3339 has leap seconds; what reads it next may not.
  time[2] = Math.min(time[2], 59);
  const date = `${String(year).padStart(4, '0')}-${two(month + 1)}-${two(dayNumber)}`;
  return `${date}T${time.map(two).join(':')}${offset}`;
}

function withoutComments(value: string): string {
  if (!value.includes('(')) return value.trim().replace(/\s+/g, ' ');
  let text = '';
  for (const token of tokensOf(value)) {
    if (token.kind !== 'comment') text += `${token.spaced ? ' ' : ''}${token.text}`;
  }
  return text.trim();
}

/** RFC 5322, 4.3: two digits are of 1950 to 2049, three are years after 1900. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
}

function isMoment(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): boolean {
  const date = new Date(Date.UTC(2000, month, day));
  date.setUTCFullYear(year, month, day);
  return date.getUTCDate() === day && day > 0 && hour < 24 && minute < 60 && second <= 60;
}

function offsetOf(zone: string): string | undefined {
  if (/^[+-]/.test(zone)) {
    const minutes = zone.slice(3);
    if (Number(minutes) > 59 || Number(zone.slice(1, 3)) > 23) return undefined;
    return zone === '+0000' || zone === '-0000' ? 'Z' : `${zone.slice(0, 3)}:${minutes}`;
  }
  const minutes = Object.hasOwn(namedZones, zone) ? namedZones[zone]! : 0;
  if (minutes === 0) return 'Z';
  const hours = String(Math.abs(minutes) / 60).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${hours}:00`;
}
