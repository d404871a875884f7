import type { Json, JsonObject } from '@eoffice/jmap/json';
import type { EntityManager } from 'typeorm';
import { blobIdOf } from '../blobs.js';
import { utcDateOf } from '../ids.js';
import { addressProperties } from './email-properties.js';

/** An email as its row says it. */
export interface EmailRow {
  id: string;
  sha256: string;
  threadId: string;
  folderIds: string[];
  keywords: string[];
  size: number;
  receivedAt: Date;
  parsed: 'whole' | 'cut' | 'unread';
  subject: string | null;
  addresses: Record<string, Json>;
  preview: string;
  hasAttachment: boolean;
  sentAt: Date | null;
  messageId: string[] | null;
  inReplyTo: string[] | null;
  references: string[] | null;
}

/** The emails of a mailbox with these ids, in their order. */
export function emailsOf(
  manager: EntityManager,
  mailboxId: string,
  ids: string[],
): Promise<EmailRow[]> {
  return manager.query<EmailRow[]>(
    `select e.id, encode(e.sha256, 'hex') as sha256, e.thread_id as "threadId",
       array(select folder_id from email_folder l where l.mailbox_id = $1 and l.email_id = e.id)
         as "folderIds", e.keywords, e.size, e.received_at as "receivedAt", e.parsed, e.subject,
       e.addresses, e.preview, e.has_attachment as "hasAttachment", e.sent_at as "sentAt",
       e.message_ids as "messageId", e.in_reply_to as "inReplyTo", e."references"
     from unnest($2::uuid[]) with ordinality as wanted (id, place)
     join email e on e.mailbox_id = $1 and e.id = wanted.id order by place`,
    [mailboxId, ids],
  );
}

/** Ids or keywords as JMAP has sets: an object whose values are all true. */
export const setOf = (names: string[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, true]));

/** What the mailbox says of an email. */
export function metadataOf(row: EmailRow): JsonObject & { id: string } {
  return {
    ...{ id: row.id, blobId: blobIdOf(row.sha256), threadId: row.threadId },
    ...{ mailboxIds: setOf(row.folderIds), keywords: setOf(row.keywords) },
    ...{ size: row.size, receivedAt: utcDateOf(row.receivedAt) },
  };
}

/** What was kept of the message when it came. */
export function summaryOf(row: EmailRow): JsonObject {
  const { subject, preview, hasAttachment, messageId, inReplyTo, references } = row;
  const addresses = addressProperties.map((name) => [name, row.addresses[name] ?? null]);
  return {
    ...Object.fromEntries(addresses),
    ...{ subject, preview, hasAttachment, messageId, inReplyTo, references },
    sentAt: row.sentAt && utcDateOf(row.sentAt),
  };
}
