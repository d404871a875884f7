import { type Der, tags } from './der.js';

/**
 * Times and character strings in their strict forms (X.690, 11.7 and 11.8; RFC 5280, 4.1.2.5). They
 * stand apart from the reader because their rules are those of the profile, not of the encoding.
 */

/** `UTCTime` or `GeneralizedTime` as RFC 5280 allows them: whole seconds, in UTC. */
export function timeOf(element: Der): Date {
  if (element.tag === tags.utcTime) return utcTime(element);
  return generalizedTime(element, /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)()Z$/);
}

/** `GeneralizedTime` with an optional fraction of seconds, as time stamps have it (RFC 3161, 2.4.2). */
export function preciseTimeOf(element: Der): Date {
  return generalizedTime(element, /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{0,8}[1-9]))?Z$/);
}

function utcTime(element: Der): Date {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(latin1(element));
  if (!match) element.fail('a malformed UTCTime');
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as Numbers;
  return moment(element, year < 50 ? 2000 + year : 1900 + year, month, day, hour, minute, second);
}

function generalizedTime(element: Der, form: RegExp): Date {
  element.must(tags.generalizedTime);
  const match = form.exec(latin1(element));
  if (!match) element.fail('a malformed GeneralizedTime');
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Numbers;
  const whole = moment(element, year, month, day, hour, minute, second);
  return match[7] ? new Date(whole.getTime() + Math.floor(Number(`0.${match[7]}`) * 1000)) : whole;
}

type Numbers = [number, number, number, number, number, number];

function moment(element: Der, ...[year, month, day, hour, minute, second]: Numbers): Date {
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, day);
  time.setUTCHours(hour, minute, second);
  const same =
    time.getUTCMonth() === month - 1 &&
    time.getUTCDate() === day &&
    time.getUTCHours() === hour &&
    time.getUTCMinutes() === minute &&
    time.getUTCSeconds() === second;
  if (!same) element.fail('a time that no calendar has');
  return time;
}

const latin1 = (element: Der) =>
  element.length > 40
    ? element.fail('a text beyond its size')
    : element.source.toString('latin1', element.contentStart, element.end);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of any of the character string types, or `undefined` for another tag. */
export function textOf(element: Der): string | undefined {
  switch (element.tag) {
    case tags.utf8String:
      return decoded(element, () => utf8.decode(element.content));
    case tags.printableString:
      // Issuers write `@`, `_`, `&` and `*` too, which X.680 leaves out; the text is no less certain.
      return matching(element, /^[\x20-\x7e]*$/);
    case tags.numericString:
      return matching(element, /^[0-9 ]*$/);
    case tags.ia5String:
      return ia5Of(element);
    case tags.visibleString:
      return matching(element, /^[\x20-\x7e]*$/);
    case tags.teletexString:
      // T.61 is read as Latin-1, as every implementation in use does.
      return element.content.toString('latin1');
    case tags.bmpString:
      return wide(element, 2);
    case tags.universalString:
      return wide(element, 4);
    default:
      return undefined;
  }
}

/** The octets of an IA5String, whatever its tag. Throws `DerError` beyond ASCII. */
export function ia5Of(element: Der): string {
  return matching(element, /^[\x00-\x7f]*$/);
}

function matching(element: Der, form: RegExp): string {
  const text = element.source.toString('latin1', element.contentStart, element.end);
  if (!form.test(text)) element.fail('a character that this string type does not have');
  return text;
}

function decoded(element: Der, decode: () => string): string {
  try {
    return decode();
  } catch {
    return element.fail('malformed UTF-8');
  }
}

function wide(element: Der, width: 2 | 4): string {
  const { content } = element;
  if (content.length % width !== 0) element.fail('half a character');
  const points: number[] = [];
  for (let at = 0; at < content.length; at += width) {
    const point = content.readUIntBE(at, width);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) element.fail('no character');
    points.push(point);
  }
  return points.map((point) => String.fromCodePoint(point)).join('');
}
