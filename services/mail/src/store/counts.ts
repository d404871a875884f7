import type { EntityManager } from 'typeorm';

interface Count {
  folderId: string;
  emails: number;
  unread: number;
  threads: number;
  unreadThreads: number;
}

/**
 * What some threads come to in each folder (RFC 8621, 2): an email is unread without $seen and $draft;
 * a thread is unread where any of its emails is, those in the trash apart from those elsewhere.
 */
const countThreads = `
  with entry as (
    select e.thread_id, not e.keywords && '{$seen,$draft}' as unread, l.folder_id,
      f.role is not distinct from 'trash' as trash
    from email e join email_folder l on l.mailbox_id = e.mailbox_id and l.email_id = e.id
    join folder f on f.id = l.folder_id
    where e.mailbox_id = $1 and l.mailbox_id = $1 and e.thread_id = any ($2::uuid[])),
  judged as (
    select *, bool_or(unread and trash) over whole as unread_in_trash,
      bool_or(unread and not trash) over whole as unread_elsewhere
    from entry window whole as (partition by thread_id))
  select folder_id as "folderId", count(*)::int as emails,
    (count(*) filter (where unread))::int as unread, count(distinct thread_id)::int as threads,
    (count(distinct thread_id) filter (where case when trash then unread_in_trash
      else unread_elsewhere end))::int as "unreadThreads"
  from judged group by folder_id`;

/**
 * Does something to emails of threads and keeps the counts of folders true: what the threads came to
 * before and after is compared. The mailbox must be locked (`nextState`). Threads that are new need
 * not be named.
 */
export async function recounting<T extends { threadIds: string[] }>(
  manager: EntityManager,
  mailboxId: string,
  state: string,
  threadIds: string[],
  work: () => Promise<T>,
): Promise<T> {
  const count = (ids: string[]) =>
    ids.length === 0
      ? Promise.resolve<Count[]>([])
      : manager.query<Count[]>(countThreads, [mailboxId, ids]);
  const before = await count(threadIds);
  const result = await work();
  const after = await count([...new Set([...threadIds, ...result.threadIds])]);
  const differences = differ(before, after);
  if (differences.length > 0) {
    await manager.query(
      `update folder f set total_emails = f.total_emails + d.emails,
         unread_emails = f.unread_emails + d.unread, total_threads = f.total_threads + d.threads,
         unread_threads = f.unread_threads + d."unreadThreads", changed_at_state = $2
       from jsonb_to_recordset($1) as d ("folderId" uuid, emails int, unread int, threads int,
         "unreadThreads" int)
       where f.id = d."folderId"`,
      [JSON.stringify(differences), state],
    );
  }
  return result;
}

const figures = ['emails', 'unread', 'threads', 'unreadThreads'] as const;

function differ(before: Count[], after: Count[]): Count[] {
  const ids = new Set([...before, ...after].map(({ folderId }) => folderId));
  const figure = (list: Count[], id: string, name: (typeof figures)[number]) =>
    list.find(({ folderId }) => folderId === id)?.[name] ?? 0;
  return [...ids]
    .map((folderId) => {
      const count = { folderId } as Count;
      for (const name of figures) {
        count[name] = figure(after, folderId, name) - figure(before, folderId, name);
      }
      return count;
    })
    .filter((count) => figures.some((name) => count[name] !== 0));
}
