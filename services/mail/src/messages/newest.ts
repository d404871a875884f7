import type { EntityManager } from 'typeorm';
import type { Place } from '../search/find.js';

/** Which emails of a mailbox a list is of. */
export interface Listed {
  mailboxId: string;
  folderId?: string;
  unread: boolean;
}

/** The newest `limit` emails of a mailbox or a folder, after a place. */
export function newestEmails(
  manager: EntityManager,
  { mailboxId, folderId, unread }: Listed,
  limit: number,
  from?: Place,
): Promise<Place[]> {
  const unseen = `not e.keywords && '{$seen,$draft}'`;
  const inFolder = `exists (select from email_folder l where l.mailbox_id = $1
    and l.email_id = e.id and l.folder_id = $5::uuid)`;
  const after = (time: string, id: string) =>
    `($2::timestamptz is null or (${time}, ${id}) < ($2, $3::uuid))`;
  // What is unread is little: it is gone through by itself, whatever the folder.
  const sql =
    folderId && !unread
      ? `select e.received_at::text as at, e.email_id as id from email_folder e
         where e.mailbox_id = $1 and e.folder_id = $5::uuid and ${after('e.received_at', 'e.email_id')}
         order by e.received_at desc, e.email_id desc limit $4`
      : `select e.received_at::text as at, e.id from email e
         where e.mailbox_id = $1 and ${after('e.received_at', 'e.id')}
           and ($5::uuid is null or ${inFolder}) ${unread ? `and ${unseen}` : ''}
         order by e.received_at desc, e.id desc limit $4`;
  return manager.query<Place[]>(sql, [
    ...[mailboxId, from?.at ?? null, from?.id ?? null, limit, folderId ?? null],
  ]);
}
