import { hash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { EmailReader } from './emails/email-reader.js';

// A blob is octets that a mailbox has: a message, the content of a part of one, or an upload. Its id
// names the octets, and the way to a part within them, so that the same ones are the same blob; what
// a mailbox does not have is not there for its readers, whoever else has it.

const form = /^B([0-9a-f]{64})((?:-[1-9]\d{0,4}){0,8})$/;

/** The id of a message or an upload, by the SHA-256 of its octets in hexadecimal. */
export const blobIdOf = (sha256: string) => `B${sha256}`;

/** The octets of a blob of a mailbox; undefined when it has none of that id. */
export async function blobOf(
  manager: EntityManager,
  reader: EmailReader,
  mailboxId: string,
  blobId: string,
): Promise<Buffer | undefined> {
  const [, sha256, parts = ''] = form.exec(blobId) ?? [];
  if (!sha256) return undefined;
  const [found] = await manager.query<{ octets: Buffer }[]>(
    `select octets from uploaded_blob where mailbox_id = $1 and sha256 = decode($2, 'hex')
       and expires_at > now()
     union all
     select octets from raw_message r where sha256 = decode($2, 'hex') and (
       exists (select from email where mailbox_id = $1 and sha256 = r.sha256)
       or exists (select from submission where mailbox_id = $1 and sha256 = r.sha256))
     limit 1`,
    [mailboxId, sha256],
  );
  let octets: Buffer | undefined = found?.octets;
  for (const partId of parts.split('-').slice(1)) {
    octets = octets && (await reader.contentOf(octets, partId));
  }
  return octets;
}

export interface Upload {
  mailboxId: string;
  type: string;
  octets: Buffer;
  uploadedBy: string;
}

/** Octets that uploads of one mailbox may lie in at once. */
const mostUploaded = 500 * 1_048_576;

/** Keeps an upload for a day and answers its id; undefined when the mailbox has too many. */
export async function keepUpload(
  manager: EntityManager,
  { mailboxId, type, octets, uploadedBy }: Upload,
): Promise<string | undefined> {
  const sha256 = hash('sha256', octets, 'hex');
  const [{ sum }] = (await manager.query(
    `select coalesce(sum(size), 0)::bigint as sum from uploaded_blob where mailbox_id = $1
       and expires_at > now()`,
    [mailboxId],
  )) as [{ sum: string }];
  if (Number(sum) + octets.length > mostUploaded) return undefined;
  await manager.query(
    `insert into uploaded_blob (mailbox_id, sha256, type, size, octets, uploaded_by, expires_at)
     values ($1, decode($2, 'hex'), $3, $4, $5, $6, now() + interval '1 day')
     on conflict (mailbox_id, sha256) do update set type = excluded.type,
       expires_at = excluded.expires_at`,
    [mailboxId, sha256, type, octets.length, octets, uploadedBy],
  );
  return blobIdOf(sha256);
}
