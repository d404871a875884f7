import { NotFound } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import { recounting } from './counts.js';
import { bury } from './state.js';

// Every change of emails goes through here, whoever asks for it. The mailbox must be locked
// (`nextState` gave the state). All ids must be in the mailbox: else NotFound, and nothing is done.

/** The threads of emails, of which every one must be there. Throws NotFound. */
async function threadsOf(manager: EntityManager, mailboxId: string, ids: string[]) {
  const distinct = [...new Set(ids)];
  const rows = await manager.query<{ threadId: string }[]>(
    `select thread_id as "threadId" from email where mailbox_id = $1 and id = any ($2::uuid[])`,
    [mailboxId, distinct],
  );
  if (rows.length < distinct.length) throw new NotFound();
  return [...new Set(rows.map(({ threadId }) => threadId))];
}

/** Gives emails keywords and takes others away: lower case, as RFC 8621, 4.1.1, has them. */
export async function setKeywords(
  manager: EntityManager,
  mailboxId: string,
  state: string,
  ids: string[],
  { add, remove }: { add: string[]; remove: string[] },
): Promise<void> {
  const threadIds = await threadsOf(manager, mailboxId, ids);
  await recounting(manager, mailboxId, state, threadIds, async () => {
    await manager.query(
      `update email set changed_at_state = $3, keywords = array(
         select unnest(keywords) except select unnest($5::text[])
         union select unnest($4::text[]))
       where mailbox_id = $1 and id = any ($2::uuid[])
         and (not keywords @> $4 or keywords && $5)`,
      [mailboxId, ids, state, add, remove],
    );
    return { threadIds };
  });
}

/** Puts emails into these folders of the mailbox, and takes them out of all others. Throws NotFound. */
export async function fileIn(
  manager: EntityManager,
  mailboxId: string,
  state: string,
  ids: string[],
  folderIds: string[],
): Promise<void> {
  const there = await manager.query<unknown[]>(
    'select 1 from folder where mailbox_id = $1 and id = any ($2::uuid[])',
    [mailboxId, folderIds],
  );
  if (folderIds.length === 0 || there.length < new Set(folderIds).size) throw new NotFound();
  const threadIds = await threadsOf(manager, mailboxId, ids);
  await recounting(manager, mailboxId, state, threadIds, async () => {
    await manager.query(
      `with given as (
         select e.id, e.received_at, f.id as folder_id
         from email e, unnest($4::uuid[]) as f (id)
         where e.mailbox_id = $1 and e.id = any ($2::uuid[])),
       taken as (
         delete from email_folder l where l.mailbox_id = $1 and l.email_id = any ($2::uuid[])
           and l.folder_id <> all ($4::uuid[]) returning l.email_id),
       filed as (
         insert into email_folder (mailbox_id, folder_id, email_id, received_at)
         select $1, folder_id, id, received_at from given on conflict do nothing
         returning email_id)
       update email set changed_at_state = $3
       where mailbox_id = $1 and id in (select email_id from taken union select email_id from filed)`,
      [mailboxId, ids, state, folderIds],
    );
    return { threadIds };
  });
}

/** Destroys emails: they are in the mailbox no more, and whoever follows it is told. Throws NotFound. */
export async function destroy(
  manager: EntityManager,
  mailboxId: string,
  state: string,
  ids: string[],
): Promise<void> {
  const threadIds = await threadsOf(manager, mailboxId, ids);
  await recounting(manager, mailboxId, state, threadIds, async () => {
    const [gone] = await manager.query<[{ id: string; createdAtState: string; size: number }[]]>(
      `delete from email where mailbox_id = $1 and id = any ($2::uuid[])
       returning id, created_at_state as "createdAtState", size`,
      [mailboxId, ids],
    );
    await bury(manager, mailboxId, state, 'email', gone);
    await manager.query('update mailbox set octets = octets - $2 where id = $1', [
      mailboxId,
      gone.reduce((sum, { size }) => sum + size, 0),
    ]);
    const [empty] = await manager.query<[{ id: string; createdAtState: string }[]]>(
      `delete from thread t where t.mailbox_id = $1 and t.id = any ($2::uuid[]) and not exists (
         select from email e where e.mailbox_id = $1 and e.thread_id = t.id)
       returning id, created_at_state as "createdAtState"`,
      [mailboxId, threadIds],
    );
    await bury(manager, mailboxId, state, 'thread', empty);
    await manager.query(
      `update thread set changed_at_state = $3 where mailbox_id = $1 and id = any ($2::uuid[])`,
      [mailboxId, threadIds, state],
    );
    return { threadIds };
  });
}
