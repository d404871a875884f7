import type { HeaderForm } from './forms.js';

const addresses: readonly HeaderForm[] = ['Raw', 'Addresses', 'GroupedAddresses'];
const ids: readonly HeaderForm[] = ['Raw', 'MessageIds'];
const text: readonly HeaderForm[] = ['Raw', 'Text'];
const date: readonly HeaderForm[] = ['Raw', 'Date'];
const urls: readonly HeaderForm[] = ['Raw', 'URLs'];

/** Fields of RFC 5322 and RFC 2369, which have forms of their own; all others have every form. */
const formsOfField: Record<string, readonly HeaderForm[]> = {
  subject: text,
  comments: text,
  keywords: text,
  'list-id': text,
  from: addresses,
  sender: addresses,
  'reply-to': addresses,
  to: addresses,
  cc: addresses,
  bcc: addresses,
  'resent-from': addresses,
  'resent-sender': addresses,
  'resent-reply-to': addresses,
  'resent-to': addresses,
  'resent-cc': addresses,
  'resent-bcc': addresses,
  'message-id': ids,
  'in-reply-to': ids,
  references: ids,
  'resent-message-id': ids,
  date,
  'resent-date': date,
  'list-help': urls,
  'list-unsubscribe': urls,
  'list-subscribe': urls,
  'list-post': urls,
  'list-owner': urls,
  'list-archive': urls,
  'return-path': ['Raw'],
  received: ['Raw'],
};

/** Whether JMAP lets a field be asked for and given in a form (RFC 8621, 4.1.2). */
export function allowsForm(fieldName: string, form: HeaderForm): boolean {
  const name = fieldName.toLowerCase();
  return !Object.hasOwn(formsOfField, name) || formsOfField[name]!.includes(form);
}

/** A property of JMAP that names a header field: `header:Name:asForm:all` (RFC 8621, 4.1.3). */
export interface HeaderProperty {
  name: string;
  form: HeaderForm;
  all: boolean;
}

const forms: Record<string, HeaderForm> = {
  asRaw: 'Raw',
  asText: 'Text',
  asAddresses: 'Addresses',
  asGroupedAddresses: 'GroupedAddresses',
  asMessageIds: 'MessageIds',
  asDate: 'Date',
  asURLs: 'URLs',
};

/** Reads such a property; undefined where it is none, names no field, or a form that is not allowed. */
export function readHeaderProperty(property: string): HeaderProperty | undefined {
  const match = /^header:([!-9;-~]+)(?::(as[A-Za-z]+))?(:all)?$/.exec(property);
  if (!match) return undefined;
  const [, name, as = 'asRaw', all] = match;
  if (!Object.hasOwn(forms, as)) return undefined;
  const form = forms[as]!;
  return allowsForm(name!, form) ? { name: name!, form, all: all !== undefined } : undefined;
}
