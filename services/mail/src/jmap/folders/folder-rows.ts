import type { JsonObject } from '@eoffice/jmap/json';
import type { EntityManager } from 'typeorm';
import type { MailAccount } from '../edge/account.js';

/** A folder: what JMAP calls a Mailbox (RFC 8621, 2). */
export interface Folder {
  id: string;
  name: string;
  parentId: string | null;
  role: string | null;
  sortOrder: number;
  totalEmails: number;
  unreadEmails: number;
  totalThreads: number;
  unreadThreads: number;
  isSubscribed: boolean;
  createdAtState: string;
}

export const counts = ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'] as const;

export const folderProperties = [
  ...['id', 'name', 'parentId', 'role', 'sortOrder', ...counts, 'myRights', 'isSubscribed'],
];

/** The folders of a mailbox, all or those with these ids. */
export function foldersOf(
  manager: EntityManager,
  mailboxId: string,
  ids: string[] | null = null,
): Promise<Folder[]> {
  return manager.query<Folder[]>(
    `select id, name, parent_id as "parentId", role, sort_order as "sortOrder",
       total_emails as "totalEmails", unread_emails as "unreadEmails",
       total_threads as "totalThreads", unread_threads as "unreadThreads",
       subscribed as "isSubscribed", created_at_state as "createdAtState"
     from folder where mailbox_id = $1 and ($2::uuid[] is null or id = any ($2))
     order by sort_order, name, id`,
    [mailboxId, ids],
  );
}

/** A folder as JMAP shows it to whoever has these rights. */
export function shown(
  folder: Folder,
  { isReadOnly, rights }: MailAccount,
): JsonObject & { id: string } {
  const { createdAtState: _, ...shownFolder } = folder;
  const may = !isReadOnly;
  const isInbox = folder.role === 'inbox';
  return {
    ...shownFolder,
    myRights: {
      ...{ mayReadItems: true, mayAddItems: may, mayRemoveItems: may, maySetSeen: may },
      ...{ maySetKeywords: may, mayCreateChild: may, mayRename: may && !isInbox },
      ...{ mayDelete: may && !isInbox, maySubmit: rights.sendAs },
    },
  };
}
