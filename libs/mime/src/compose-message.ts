import { ComposeError } from './compose/compose-error.js';
import { type CheckedPart, checkPart, type PartInput } from './compose/part-input.js';
import { structureOf } from './compose/structure.js';
import { writeField } from './compose/write-field.js';
import { fieldNameOf, headerPropertyFields, partOctets } from './compose/write-part.js';
import type { EmailAddress } from './header/addresses.js';
import type { HeaderForm } from './header/forms.js';

/** A message to compose, with the properties of an Email that is created (RFC 8621, 4.6). */
export interface EmailInput {
  messageId?: string[] | null;
  inReplyTo?: string[] | null;
  references?: string[] | null;
  sender?: EmailAddress[] | null;
  from?: EmailAddress[] | null;
  to?: EmailAddress[] | null;
  cc?: EmailAddress[] | null;
  bcc?: EmailAddress[] | null;
  replyTo?: EmailAddress[] | null;
  subject?: string | null;
  /** RFC 3339. */
  sentAt?: string | null;
  bodyStructure?: PartInput | null;
  textBody?: PartInput[] | null;
  htmlBody?: PartInput[] | null;
  attachments?: PartInput[] | null;
  bodyValues?: Record<string, { value: string; [property: string]: unknown }> | null;
  /** Further fields, `header:Name:asForm`. */
  [property: string]: unknown;
}

/** What a message gets from whoever composes it. */
export interface Composing {
  /** Content of the blobs that parts name. */
  blobs: ReadonlyMap<string, Buffer>;
  /** Without angle brackets; unless the email has one. */
  messageId: string;
  /** RFC 3339, in the zone it shall show; unless the email has a `sentAt`. */
  date: string;
}

const convenience: Record<string, [field: string, form: HeaderForm]> = {
  sentAt: ['Date', 'Date'],
  from: ['From', 'Addresses'],
  sender: ['Sender', 'Addresses'],
  replyTo: ['Reply-To', 'Addresses'],
  to: ['To', 'Addresses'],
  cc: ['Cc', 'Addresses'],
  bcc: ['Bcc', 'Addresses'],
  subject: ['Subject', 'Text'],
  messageId: ['Message-ID', 'MessageIds'],
  inReplyTo: ['In-Reply-To', 'MessageIds'],
  references: ['References', 'MessageIds'],
};

const bodyProperties = new Set([
  'bodyStructure',
  'textBody',
  'htmlBody',
  'attachments',
  'bodyValues',
]);

/**
 * Composes a message: ASCII but for what other messages within it hold, and for addresses whose local part is
 * not ASCII; lines end with CRLF and have at most 998 octets. Nothing that is given can begin a
 * field of its own. What of the properties cannot be taken throws a ComposeError that names it.
 */
export function composeMessage(email: EmailInput, composing: Composing): Buffer {
  const { header, names } = headerOf(email, composing);
  const root = rootOf(email, names);
  const texts = textsOf(email.bodyValues);
  const sources = { texts, blobs: composing.blobs, seed: composing.messageId };
  return Buffer.concat([Buffer.from(header), ...partOctets(root, sources)]);
}

function headerOf(
  email: EmailInput,
  { messageId, date }: Composing,
): { header: string; names: ReadonlyMap<string, string> } {
  const given = { sentAt: date, messageId: [messageId], ...withoutNulls(email) };
  const fields: string[] = [];
  const seen = new Map<string, string>();
  const once = (name: string, property: string) => {
    if (seen.has(name)) throw new ComposeError(property, `is set twice, as ${seen.get(name)} too`);
    seen.set(name, property);
  };
  const further = Object.entries(given).filter(([property]) => property.startsWith('header:'));
  const named = new Set(further.map(([property]) => fieldNameOf(property)));
  for (const [property, [field, form]] of Object.entries(convenience)) {
    if (!Object.hasOwn(given, property)) continue;
    const isDefault = email[property] === undefined || email[property] === null;
    if (isDefault && named.has(field.toLowerCase())) continue;
    once(field.toLowerCase(), property);
    const value = given[property as keyof typeof given];
    if (Array.isArray(value) && value.length === 0) continue;
    fields.push(writeField(field, form, value, property));
  }
  for (const [property, value] of further) {
    const name = fieldNameOf(property);
    if (/^(content-|mime-version$)/.test(name)) throw new ComposeError(property, 'cannot be set');
    once(name, property);
    fields.push(headerPropertyFields(property, value, property));
  }
  return { header: `${fields.join('')}MIME-Version: 1.0\r\n`, names: seen };
}

function withoutNulls(email: EmailInput): EmailInput {
  const given = Object.entries(email).filter(([, value]) => value !== null && value !== undefined);
  for (const [property] of given) {
    const known = Object.hasOwn(convenience, property) || bodyProperties.has(property);
    if (!known && !property.startsWith('header:')) {
      throw new ComposeError(property, 'is no property of a message to compose');
    }
  }
  return Object.fromEntries(given);
}

function rootOf(email: EmailInput, names: ReadonlyMap<string, string>): CheckedPart {
  const { bodyStructure, textBody, htmlBody, attachments } = email;
  if (!bodyStructure) return structureOf(textBody, htmlBody, attachments);
  for (const property of ['textBody', 'htmlBody', 'attachments']) {
    if (email[property]) throw new ComposeError(property, 'cannot be set beside bodyStructure');
  }
  const root = checkPart(bodyStructure, 'bodyStructure');
  for (const [property] of root.fields) {
    const name = fieldNameOf(property);
    if (names.has(name) || name === 'mime-version') {
      throw new ComposeError(`bodyStructure/${property}`, 'is set twice');
    }
  }
  return root;
}

function textsOf(bodyValues: EmailInput['bodyValues']): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [partId, given] of Object.entries(bodyValues ?? {})) {
    const path = `bodyValues/${partId}`;
    if (typeof given?.value !== 'string') throw new ComposeError(path, 'must have a value');
    if (given.isEncodingProblem || given.isTruncated) {
      throw new ComposeError(path, 'must be whole and without a problem');
    }
    texts.set(partId, given.value.toWellFormed().normalize('NFC'));
  }
  return texts;
}
