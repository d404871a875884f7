import { invalidProperties, SetError } from '@eoffice/jmap/errors';
import { isSame, type JsonObject } from '@eoffice/jmap/json';
import { applyPatch } from '@eoffice/jmap/patches';
import * as shape from '@eoffice/jmap/shapes';
import { nfc } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';
import { bury } from '../../store/state.js';
import { destroy, fileIn } from '../../store/change-emails.js';
import type { MailAccount } from '../edge/account.js';
import type { Change, Steps } from '../change.js';
import { isUuid } from '../ids.js';
import { mailLimits } from '../limits.js';
import { counts, type Folder, foldersOf, shown } from './folder-rows.js';

/** What a client sets of a folder. */
const settable = {
  name: shape.text(1_000),
  parentId: shape.optional(shape.nullable(shape.text(255)), null),
  role: shape.optional(shape.nullable(shape.text(50)), null),
  sortOrder: shape.optional(shape.unsignedInt, 0),
  isSubscribed: shape.optional(shape.flag, true),
};
const roles = ['inbox', 'archive', 'drafts', 'sent', 'junk', 'trash'];
const serverSet = ['id', ...counts, 'myRights'];
const mostFolders = 1_000;

/** What Mailbox/set does with one folder (RFC 8621, 2.5). */
export function folderSteps(change: Change, account: MailAccount, removeEmails: boolean): Steps {
  const { mailboxId } = change;
  return {
    async create(given) {
      const set = read(given);
      const folders = await foldersOf(change.manager, mailboxId);
      if (folders.length >= mostFolders) throw new SetError('overQuota', 'Too many folders');
      check(folders, set);
      const [made] = await change.manager.query<[{ id: string }]>(
        `insert into folder (mailbox_id, parent_id, name, role, sort_order, subscribed,
           created_at_state, changed_at_state, renamed_at_state)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $7) returning id`,
        [
          mailboxId,
          set.parentId,
          set.name,
          set.role,
          set.sortOrder,
          set.isSubscribed,
          await change.next(),
        ],
      );
      const [folder] = await foldersOf(change.manager, mailboxId, [made.id]);
      return difference(shown(folder!, account), given) as JsonObject & { id: string };
    },

    async update(id, patch) {
      const folders = await foldersOf(change.manager, mailboxId);
      const before = folders.find((folder) => folder.id === id);
      if (!before) throw new SetError('notFound');
      const current = shown(before, account);
      const patched = applyPatch(current, patch, { sortOrder: 0, isSubscribed: true });
      const touched = serverSet.filter((name) => !isSame(patched[name], current[name]));
      if (touched.length > 0) throw invalidProperties(touched, 'The server sets them');
      const own = Object.entries(patched).filter(([name]) => !serverSet.includes(name));
      const set = read(Object.fromEntries(own));
      check(folders, set, before);
      if (
        before.role === 'inbox' &&
        (set.role !== 'inbox' || set.parentId !== before.parentId || set.name !== before.name)
      ) {
        throw new SetError('forbidden', 'The inbox stays what it is');
      }
      await change.manager.query(
        `update folder set parent_id = $2, name = $3, role = $4, sort_order = $5, subscribed = $6,
           changed_at_state = $7, renamed_at_state = $7 where id = $1`,
        [
          id,
          set.parentId,
          set.name,
          set.role,
          set.sortOrder,
          set.isSubscribed,
          await change.next(),
        ],
      );
      const { role: _, ...kept } = set;
      const changed = Object.entries(kept).filter(([name, value]) => !isSame(patched[name], value));
      return changed.length > 0 ? Object.fromEntries(changed) : null;
    },

    async destroy(id) {
      const [folder] = isUuid(id) ? await foldersOf(change.manager, mailboxId, [id]) : [];
      if (!folder) throw new SetError('notFound');
      if (folder.role === 'inbox') throw new SetError('forbidden', 'The inbox stays');
      await checkEmpty(change.manager, folder, removeEmails);
      const state = await change.next();
      if (removeEmails) await empty(change, folder, state);
      await change.manager.query('delete from folder where id = $1', [id]);
      await bury(change.manager, mailboxId, state, 'folder', [folder]);
    },
  };
}

/** What of an object differs from what was given: that is told. */
function difference(object: JsonObject, given: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([name, value]) => !isSame(value, given[name])),
  );
}

function read(given: JsonObject) {
  const set = shape.readProperties(settable, given);
  const name = nfc(set.name).trim();
  const octets = Buffer.byteLength(name);
  // Net-Unicode (RFC 5198): no control characters.
  if (
    octets === 0 ||
    octets > mailLimits.maxSizeMailboxName ||
    /[\p{Cc}\u2028\u2029]/u.test(name)
  ) {
    throw invalidProperties(
      ['name'],
      `name must have 1 to ${mailLimits.maxSizeMailboxName} octets`,
    );
  }
  if (set.role !== null && !roles.includes(set.role)) {
    throw invalidProperties(['role'], `role must be one of ${roles.join(', ')}`);
  }
  if (set.sortOrder > 2_147_483_647) throw invalidProperties(['sortOrder']);
  return { ...set, name };
}

/** That a folder fits among the others: it has a parent, a name of its own there, a role of its own. */
function check(folders: Folder[], set: ReturnType<typeof read>, before?: Folder) {
  const others = folders.filter((folder) => folder !== before);
  const same = others.find(({ name, parentId }) => name === set.name && parentId === set.parentId);
  if (same) {
    throw new SetError('alreadyExists', 'A folder beside it has this name', {
      ...{ existingId: same.id, properties: ['name'] },
    });
  }
  if (set.role !== null && others.some(({ role }) => role === set.role)) {
    throw invalidProperties(['role'], 'Another folder has this role');
  }
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  let above = 0;
  for (let at = set.parentId; at !== null; at = byId.get(at)!.parentId) {
    if (!byId.has(at)) throw invalidProperties(['parentId'], 'There is no such folder');
    if (at === before?.id) throw invalidProperties(['parentId'], 'A folder is not within itself');
    above++;
  }
  if (above + 1 + below(folders, before) > mailLimits.maxMailboxDepth) {
    throw invalidProperties(['parentId'], 'The folders would be too deep');
  }
}

/** How many folders are within one another below a folder. */
function below(folders: Folder[], folder?: Folder): number {
  const children = folder ? folders.filter(({ parentId }) => parentId === folder.id) : [];
  return children.reduce((most, child) => Math.max(most, 1 + below(folders, child)), 0);
}

async function checkEmpty(manager: EntityManager, { id }: Folder, removeEmails: boolean) {
  const [holds] = await manager.query<[{ child: boolean; email: boolean }]>(
    `select exists (select from folder where parent_id = $1) as child,
       exists (select from email_folder l join folder f on f.id = l.folder_id
         and f.mailbox_id = l.mailbox_id where l.folder_id = $1) as email`,
    [id],
  );
  if (holds.child) throw new SetError('mailboxHasChild');
  if (holds.email && !removeEmails) throw new SetError('mailboxHasEmail');
}

/** Takes every email out of a folder; those that are in no other are no more. */
async function empty({ manager, mailboxId }: Change, { id }: Folder, state: string) {
  const within = await manager.query<{ id: string; others: string[] }[]>(
    `select email_id as id, array(select folder_id from email_folder o where o.mailbox_id = $1
       and o.email_id = l.email_id and o.folder_id <> $2) as others
     from email_folder l where mailbox_id = $1 and folder_id = $2`,
    [mailboxId, id],
  );
  const only = within.filter(({ others }) => others.length === 0).map((email) => email.id);
  await destroy(manager, mailboxId, state, only);
  for (const { id: emailId, others } of within) {
    if (others.length > 0) await fileIn(manager, mailboxId, state, [emailId], others);
  }
}
