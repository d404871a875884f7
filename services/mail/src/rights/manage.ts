import type { Caller } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import { rightsOf } from './rights-of.js';

/** Whether a caller keeps the mailboxes of the agency that one belongs to (`mail.manage`). */
export async function mayManage(
  manager: EntityManager,
  caller: Caller,
  mailboxId: string,
): Promise<boolean> {
  const managing = caller.positions.filter(({ permissions }) =>
    permissions.includes('mail.manage'),
  );
  if (managing.length === 0) return false;
  const wide = managing.some(({ reach }) => reach !== 'organisation');
  const [row] = await manager.query<unknown[]>(
    `select 1 from mailbox where id = $1 and ($2 or agency_id = any ($3::uuid[]))`,
    [mailboxId, wide, managing.map(({ organisationId }) => organisationId)],
  );
  return row !== undefined;
}

/** Throws NotFound for whoever neither keeps a mailbox nor has any right to it. */
export async function checkKnown(manager: EntityManager, caller: Caller, mailboxId: string) {
  if (!(await mayManage(manager, caller, mailboxId))) await rightsOf(manager, caller, mailboxId);
}
