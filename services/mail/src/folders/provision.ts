import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import { nextState } from '../store/state.js';

/** Folders that every program knows by their role (RFC 6154, RFC 8621, 2), and what they are called. */
export const roles = {
  inbox: 'Hộp thư đến',
  drafts: 'Thư nháp',
  sent: 'Thư đã gửi',
  archive: 'Lưu trữ',
  junk: 'Thư rác',
  trash: 'Thùng rác',
} as const;
export type Role = keyof typeof roles;

/** Gives a new mailbox its folders: the inbox, and the others if the policy of its agency says so. */
export async function provisionFolders(manager: EntityManager, mailboxId: string): Promise<void> {
  const [policy] = await manager.query<{ defaultFolders: boolean }[]>(
    `select p.default_folders as "defaultFolders" from mailbox_policy p join mailbox m on m.id = $1
     where (p.agency_id is null or p.agency_id = m.agency_id)
       and p.valid_from <= $2 and (p.valid_to is null or p.valid_to >= $2)
     order by p.agency_id nulls last, p.valid_from desc limit 1`,
    [mailboxId, localDay()],
  );
  const wanted = policy?.defaultFolders ? (Object.keys(roles) as Role[]) : (['inbox'] as const);
  const state = await nextState(manager, mailboxId);
  for (const role of wanted) await folderOf(manager, mailboxId, role, state);
}

/**
 * The folder of a role, made if the mailbox has none: every mailbox has an inbox, and whoever
 * deletes or sends needs the others. A top folder that bears the name already takes the role over.
 */
export async function folderOf(
  manager: EntityManager,
  mailboxId: string,
  role: Role,
  state: string,
): Promise<string> {
  const [there] = await manager.query<{ id: string }[]>(
    `select id from folder where mailbox_id = $1 and role = $2`,
    [mailboxId, role],
  );
  if (there) return there.id;
  const [made] = await manager.query<{ id: string }[]>(
    `insert into folder (mailbox_id, name, role, sort_order, created_at_state, changed_at_state,
       renamed_at_state)
     values ($1, $2, $3, $4, $5, $5, $5)
     on conflict (mailbox_id, parent_id, name) do update set role = excluded.role,
       changed_at_state = $5, renamed_at_state = $5
     returning id`,
    [mailboxId, roles[role], role, Object.keys(roles).indexOf(role), state],
  );
  return made!.id;
}
