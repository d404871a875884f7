import { MethodError } from '@eoffice/jmap/errors';
import type { JsonObject } from '@eoffice/jmap/json';
import { wrongArgument } from '@eoffice/jmap/reading';
import * as shape from '@eoffice/jmap/shapes';
import type { EntityManager } from 'typeorm';
import { rawOf } from '../../raw/raw-messages.js';
import { blobIdOf } from '../blobs.js';
import { picked } from '../picked.js';
import { defaultBodyProperties, isBodyProperty, isKept, metadata } from './email-properties.js';
import type { EmailReader, ViewWish } from './email-reader.js';
import { type EmailRow, emailsOf, metadataOf, summaryOf } from './email-rows.js';

/** What Email/get and Email/parse may be asked beside properties (RFC 8621, 4.2). */
export const bodyExtras = {
  bodyProperties: shape.optional(shape.nullable(shape.list(shape.text(500), 500)), null),
  fetchTextBodyValues: shape.optional(shape.flag, false),
  fetchHTMLBodyValues: shape.optional(shape.flag, false),
  fetchAllBodyValues: shape.optional(shape.flag, false),
  maxBodyValueBytes: shape.optional(shape.unsignedInt, 0),
};
type BodyExtras = { [Name in keyof typeof bodyExtras]: shape.Shaped<(typeof bodyExtras)[Name]> };

/** Characters of one answer; more must be asked for in several. */
const mostCharacters = 64_000_000;

/** What is asked of messages, checked. Throws MethodError. */
export function viewWish(properties: string[], extras: BodyExtras): ViewWish {
  const { bodyProperties, ...fetch } = extras;
  const unknown = bodyProperties?.find((name) => !isBodyProperty(name));
  if (unknown !== undefined) throw wrongArgument('bodyProperties', `${unknown} is no property`);
  return { properties, bodyProperties: bodyProperties ?? defaultBodyProperties, ...fetch };
}

/** Emails of a mailbox with the properties asked for; octets are read only where they are needed. */
export async function getEmails(
  manager: EntityManager,
  reader: EmailReader,
  mailboxId: string,
  wish: { ids: string[]; properties: ReadonlySet<string>; extras: BodyExtras },
): Promise<(JsonObject & { id: string })[]> {
  const ask = viewWish([], wish.extras);
  const rows = await emailsOf(manager, mailboxId, wish.ids);
  const budget = { left: mostCharacters };
  const list: (JsonObject & { id: string })[] = [];
  const one = async (row: EmailRow) => {
    const own = { ...metadataOf(row), ...(row.parsed === 'whole' && summaryOf(row)) };
    const missing = [...wish.properties].filter((name) => !isThere(name, row));
    if (missing.length === 0) return picked(own, wish.properties);
    const octets = await rawOf(manager, row.sha256);
    const view = await reader.view(octets, blobIdOf(row.sha256), { ...ask, properties: missing });
    const read = view ?? { ...Object.fromEntries(missing.map(unreadable)) };
    budget.left -= lengthOf(read.bodyValues);
    if (budget.left < 0) throw new MethodError('requestTooLarge');
    return picked({ ...own, ...read }, wish.properties);
  };
  for (let at = 0; at < rows.length; at += 4) {
    list.push(...(await Promise.all(rows.slice(at, at + 4).map(one))));
  }
  return list;
}

const isThere = (name: string, { parsed }: EmailRow) =>
  metadata.includes(name) || (parsed === 'whole' && isKept(name));

/** What is said of a message that resists every reading: the raw one can still be had. */
function unreadable(name: string): [string, JsonObject[string]] {
  if (name === 'hasAttachment') return [name, false];
  if (name === 'preview') return [name, ''];
  if (name === 'bodyValues') return [name, {}];
  const isList = ['headers', 'textBody', 'htmlBody', 'attachments'].includes(name);
  return [name, isList || name.endsWith(':all') ? [] : null];
}

function lengthOf(bodyValues: unknown): number {
  const values = Object.values((bodyValues ?? {}) as Record<string, { value: string }>);
  return values.reduce((sum, { value }) => sum + value.length, 0);
}
