import type { HeaderForm } from '../header/forms.js';
import { ComposeError } from './compose-error.js';
import { textPieces } from './encode-words.js';
import { foldField, headerText, isPlain } from './text.js';
import { addressListPieces, groupPieces } from './write-addresses.js';

/** A field in full, with its line end, of a value in one of the forms of RFC 8621, 4.1.2. */
export function writeField(
  name: string,
  form: HeaderForm,
  value: unknown,
  property: string,
): string {
  if (!/^[!-9;-~]{1,76}$/.test(name)) throw new ComposeError(property, 'is no name of a field');
  if (form === 'Raw') return writeRaw(name, value, property);
  if (form === 'Text') {
    return foldField(name, textPieces(headerText(value, property), name.length + 1), property);
  }
  return foldField(name, writers[form](value, property), property);
}

const writers: Record<
  Exclude<HeaderForm, 'Raw' | 'Text'>,
  (value: unknown, property: string) => string[]
> = {
  Addresses: addressListPieces,
  GroupedAddresses: groupPieces,
  MessageIds: (value, property) => idPieces(value, property),
  Date: (value, property) => [` ${writeDate(value, property)}`],
  URLs: (value, property) => urlPieces(value, property),
};

/** As given where it can stand so; folded anew, and in encoded words, where it cannot. */
function writeRaw(name: string, value: unknown, property: string): string {
  if (typeof value !== 'string') throw new ComposeError(property, 'must be a string');
  // Folds that are written already are no line breaks of the value.
  const text = headerText(value.replace(/\r\n(?=[ \t]+[^ \t\r\n])/g, ''), property);
  const written = `${name}:${value}`;
  const short = written.split('\r\n').every((line) => line.length <= 78);
  if (short && isPlain(text)) return `${written}\r\n`;
  return foldField(name, textPieces(text.trim(), name.length + 1), property);
}

function listOfTexts(value: unknown, property: string): string[] {
  if (!Array.isArray(value)) throw new ComposeError(property, 'must be a list of strings');
  return value.map((each) => headerText(each, property));
}

function idPieces(value: unknown, property: string): string[] {
  return listOfTexts(value, property).map((id) => {
    if (!/^[!-;=?-~]{1,900}$/.test(id)) throw new ComposeError(property, 'holds what is no id');
    return ` <${id}>`;
  });
}

function urlPieces(value: unknown, property: string): string[] {
  const urls = listOfTexts(value, property);
  return urls.map((url, index) => {
    if (!/^[!-;=?-~]{1,900}$/.test(url)) throw new ComposeError(property, 'holds what is no URL');
    return ` <${url}>${index < urls.length - 1 ? ',' : ''}`;
  });
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A date-time of RFC 5322, 3.3, of one of RFC 3339, in the same zone. */
export function writeDate(value: unknown, property: string): string {
  const match =
    typeof value === 'string' &&
    /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:[Zz]|([+-]\d{2}):(\d{2}))$/.exec(
      value,
    );
  // Noon, so that no zone moves the day.
  const day = match ? new Date(`${match[1]}-${match[2]}-${match[3]}T12:00:00Z`) : undefined;
  const real = match && !Number.isNaN(Date.parse(value as string));
  if (!real || day!.getUTCDate() !== Number(match[3]) || Number(match[1]) < 1900) {
    throw new ComposeError(property, 'must be a date-time of RFC 3339, from the year 1900');
  }
  const [, year, month, date, time, hours = '+00', minutes = '00'] = match;
  const monthName = months[Number(month) - 1]!;
  return `${days[day!.getUTCDay()]}, ${Number(date)} ${monthName} ${year} ${time} ${hours}${minutes}`;
}
