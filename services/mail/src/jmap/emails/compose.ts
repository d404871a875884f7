import { randomUUID } from 'node:crypto';
import { ComposeError } from '@eoffice/mime/compose/compose-error';
import { composeMessage, type EmailInput } from '@eoffice/mime/compose-message';
import { invalidProperties, SetError } from '@eoffice/jmap/errors';
import { isObject, type Json, type JsonObject } from '@eoffice/jmap/json';
import { mailLimits } from '../limits.js';
import { metadata } from './email-properties.js';

/** What a client does not give of an email that it creates (RFC 8621, 4.6). */
const serverSet = ['id', 'blobId', 'threadId', 'size', 'hasAttachment', 'preview'];

/** The message of an email to create. Throws SetError. */
export async function compose(
  email: JsonObject,
  hostname: string,
  blobOf: (blobId: string) => Promise<Buffer | undefined>,
): Promise<Buffer> {
  const set = serverSet.filter((name) => Object.hasOwn(email, name));
  if (set.length > 0) throw invalidProperties(set, 'The server sets them');
  if (Object.hasOwn(email, 'headers')) {
    throw invalidProperties(['headers'], 'Header fields are given one by one');
  }
  const input = Object.fromEntries(
    Object.entries(email).filter(([name]) => !metadata.includes(name)),
  ) as EmailInput;
  const blobs = await blobsOf(input, blobOf);
  const composing = { blobs, messageId: `${randomUUID()}@${hostname}`, date: now() };
  try {
    return composeMessage(input, composing);
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    throw invalidProperties([error.property], error.message);
  }
}

/** Every blob that parts name, read once. Throws SetError `blobNotFound` or `tooLarge`. */
async function blobsOf(
  { bodyStructure, textBody, htmlBody, attachments }: EmailInput,
  blobOf: (blobId: string) => Promise<Buffer | undefined>,
): Promise<Map<string, Buffer>> {
  const ids = new Set<string>();
  const collect = (part: Json) => {
    if (Array.isArray(part)) return part.forEach(collect);
    if (!isObject(part)) return;
    if (typeof part.blobId === 'string') ids.add(part.blobId);
    collect(part.subParts);
  };
  for (const parts of [bodyStructure, textBody, htmlBody, attachments]) collect(parts as Json);
  const blobs = new Map<string, Buffer>();
  const missing: string[] = [];
  let size = 0;
  for (const id of ids) {
    const octets = await blobOf(id);
    if (!octets) missing.push(id);
    else blobs.set(id, octets);
    size += octets?.length ?? 0;
    if (size > mailLimits.maxSizeAttachmentsPerEmail) throw new SetError('tooLarge');
  }
  if (missing.length > 0) throw new SetError('blobNotFound', undefined, { notFound: missing });
  return blobs;
}

/** This moment as RFC 3339 in the time of Vietnam. */
const now = () => new Date(Date.now() + 7 * 3_600_000).toISOString().replace(/\.\d+Z$/, '+07:00');
