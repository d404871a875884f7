import type { EntityManager } from 'typeorm';
import type { Summary } from '../reading/message-reader.js';
import { recounting } from './counts.js';

export interface NewEmail {
  mailboxId: string;
  sha256: string;
  /** Octets of the message. */
  size: number;
  summary: Summary;
  folderIds: string[];
  /** Lower case. */
  keywords: string[];
  receivedAt: Date;
  acceptanceId?: string;
}

/** More emails than any conversation has: what goes on after them begins a thread of its own. */
const longestThread = 500;

/**
 * Puts a message into folders of a mailbox: finds its thread, indexes its words, counts it. The
 * mailbox must be locked (`nextState` gave the state), and the message kept.
 */
export async function addEmail(
  manager: EntityManager,
  state: string,
  email: NewEmail,
): Promise<{ id: string; threadId: string }> {
  const { mailboxId, summary } = email;
  const found = await threadOf(manager, mailboxId, summary.threadKeys);
  return recounting(manager, mailboxId, state, found ? [found] : [], async () => {
    const [row] = await manager.query<{ id: string; threadId: string }[]>(
      insertEmail,
      valuesOf(state, email, found),
    );
    return { ...row!, threadIds: [row!.threadId] };
  });
}

/**
 * The oldest thread that knows one of the keys. Threads that a new email shows to be one stay two:
 * an email never changes its thread.
 */
async function threadOf(manager: EntityManager, mailboxId: string, keys: string[]) {
  if (keys.length === 0) return undefined;
  const [thread] = await manager.query<{ id: string }[]>(
    `select distinct k.thread_id as id from thread_key k
     where k.mailbox_id = $1 and k.key in (select decode(key, 'hex') from unnest($2::text[]) as key)
       and (select count(*) from (select from email e where e.mailbox_id = $1
         and e.thread_id = k.thread_id limit ${longestThread}) as emails) < ${longestThread}
     order by id limit 1`,
    [mailboxId, keys],
  );
  return thread?.id;
}

const insertEmail = `
  with begun as (
    insert into thread (mailbox_id, created_at_state, changed_at_state)
    select $1, $2, $2 where $3::uuid is null returning id),
  touched as (
    update thread set changed_at_state = $2 where mailbox_id = $1 and id = $3),
  named as (select coalesce($3::uuid, (select id from begun)) as id),
  keyed as (
    insert into thread_key (mailbox_id, key, thread_id)
    select $1, decode(key, 'hex'), named.id from unnest($4::text[]) as key, named
    on conflict (mailbox_id, key) do update set thread_id = excluded.thread_id),
  added as (
    insert into email (mailbox_id, acceptance_id, sha256, thread_id, received_at, size, keywords,
      parsed, subject, addresses, preview, has_attachment, sent_at, message_ids, in_reply_to,
      "references", subject_key, from_key, to_key, created_at_state, changed_at_state)
    select $1, $5, decode($6, 'hex'), named.id, $7::timestamptz, $8, $9, $10, $11, $12, $13, $14,
      $15, $16, $17, $18, $19, $20, $21, $2, $2 from named
    returning id, thread_id),
  filed as (
    insert into email_folder (mailbox_id, folder_id, email_id, received_at)
    select $1, folder_id, added.id, $7 from unnest($22::uuid[]) as folder_id, added),
  indexed as (
    insert into email_words (mailbox_id, email_id, received_at, words)
    select $1, added.id, $7, array_to_tsvector($23::text[]) from added),
  weighed as (update mailbox set octets = octets + $8 where id = $1)
  select id, thread_id as "threadId" from added`;

function valuesOf(state: string, email: NewEmail, threadId: string | undefined): unknown[] {
  const { mailboxId, sha256, size, summary, folderIds, keywords, receivedAt, acceptanceId } = email;
  return [
    ...[mailboxId, state, threadId ?? null, summary.threadKeys, acceptanceId ?? null, sha256],
    ...[receivedAt, size, keywords, summary.parsed, summary.subject, summary.addresses],
    ...[summary.preview, summary.hasAttachment, summary.sentAt, summary.messageIds],
    ...[summary.inReplyTo, summary.references, summary.subjectKey, summary.fromKey, summary.toKey],
    ...[folderIds, summary.words],
  ];
}
