import {
  type Caller,
  type CreateFolder,
  Folder,
  FolderExists,
  FolderInUse,
  type Folders as FolderList,
  folders,
  FolderTooDeep,
  type MoveFolder,
  NotFound,
  type OfMailbox,
  type OneFolder,
  type RenameFolder,
  TooManyFolders,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { enter, enterToChange } from '../rights/enter.js';
import { bury, nextState } from '../store/state.js';

const maxDepth = 10;
const maxFolders = 1_000;

/** Keeps the folders of mailboxes. */
@Serves(folders)
export class MailFolders {
  constructor(private readonly database: Database) {}

  async list({ mailboxId }: OfMailbox, caller: Caller): Promise<FolderList> {
    await enter(this.database, caller, mailboxId, { action: 'mail.folders.list' });
    const items = await this.database.query<Folder>(
      `select ${columnsOf(Folder)} from folder where mailbox_id = $1
       order by sort_order, lower(name) collate "vi-x-icu", id`,
      [mailboxId],
    );
    return { items };
  }

  create({ mailboxId, name, parentId }: CreateFolder, caller: Caller): Promise<Folder> {
    return this.change(caller, mailboxId, async (manager, state) => {
      const [{ count }] = await manager.query<[{ count: number }]>(
        'select count(*)::int as count from folder where mailbox_id = $1',
        [mailboxId],
      );
      if (count >= maxFolders) throw new TooManyFolders();
      if (parentId) await checkPlace(manager, mailboxId, parentId);
      await checkName(manager, mailboxId, name, parentId);
      const [made] = await manager.query<Folder[]>(
        `insert into folder (mailbox_id, parent_id, name, sort_order, created_at_state,
           changed_at_state, renamed_at_state) values ($1, $2, $3, 10, $4, $4, $4)
         returning ${columnsOf(Folder)}`,
        [mailboxId, parentId ?? null, name, state],
      );
      return made!;
    });
  }

  rename({ mailboxId, id, name }: RenameFolder, caller: Caller): Promise<Folder> {
    return this.change(caller, mailboxId, async (manager, state) => {
      const { parentId, name: before } = await folderIn(manager, mailboxId, id);
      if (name !== before) await checkName(manager, mailboxId, name, parentId);
      return write(manager, state, { id, name, parentId });
    });
  }

  move({ mailboxId, id, parentId }: MoveFolder, caller: Caller): Promise<Folder> {
    return this.change(caller, mailboxId, async (manager, state) => {
      const { name, parentId: before } = await folderIn(manager, mailboxId, id);
      if (parentId) await checkPlace(manager, mailboxId, parentId, id);
      if ((parentId ?? null) !== (before ?? null))
        await checkName(manager, mailboxId, name, parentId);
      return write(manager, state, { id, name, parentId });
    });
  }

  async remove({ mailboxId, id }: OneFolder, caller: Caller) {
    return this.change(caller, mailboxId, async (manager, state) => {
      const { role, totalEmails } = await folderIn(manager, mailboxId, id);
      const [within] = await manager.query<unknown[]>(
        'select 1 from folder where parent_id = $1 limit 1',
        [id],
      );
      if (role || totalEmails > 0 || within) throw new FolderInUse();
      const [gone] = await manager.query<[{ id: string; createdAtState: string }[]]>(
        'delete from folder where id = $1 returning id, created_at_state as "createdAtState"',
        [id],
      );
      await bury(manager, mailboxId, state, 'folder', gone);
      return {};
    });
  }

  private change<T extends object>(
    caller: Caller,
    mailboxId: string,
    work: (manager: EntityManager, state: string) => Promise<T>,
  ): Promise<T> {
    return this.database.transaction(caller, async (manager) => {
      await enterToChange(manager, caller, mailboxId);
      return work(manager, await nextState(manager, mailboxId));
    });
  }
}

async function folderIn(manager: EntityManager, mailboxId: string, id: string): Promise<Folder> {
  const [folder] = await manager.query<Folder[]>(
    `select ${columnsOf(Folder)} from folder where mailbox_id = $1 and id = $2`,
    [mailboxId, id],
  );
  if (!folder) throw new NotFound();
  return folder;
}

async function checkName(
  manager: EntityManager,
  mailboxId: string,
  name: string,
  parentId?: string,
) {
  const [taken] = await manager.query<unknown[]>(
    `select 1 from folder where mailbox_id = $1 and name = $2 and parent_id is not distinct from $3`,
    [mailboxId, name, parentId ?? null],
  );
  if (taken) throw new FolderExists();
}

/** Throws NotFound or FolderTooDeep where a folder, with what it holds, cannot lie. */
async function checkPlace(manager: EntityManager, mailboxId: string, place: string, id?: string) {
  await folderIn(manager, mailboxId, place);
  const [{ above, below, within }] = await manager.query<
    [{ above: number; below: number; within: boolean }]
  >(
    `with recursive up as (
       select id, parent_id, 1 as depth from folder where id = $1
       union all select f.id, f.parent_id, depth + 1 from up join folder f on f.id = up.parent_id
       where depth < 20),
     down as (
       select id, 1 as depth from folder where id = $2
       union all select f.id, depth + 1 from down join folder f on f.parent_id = down.id
       where depth < 20)
     select (select max(depth) from up) as above, coalesce((select max(depth) from down), 1) as below,
       exists (select from up where id = $2) as within`,
    [place, id ?? null],
  );
  if (within || above + below > maxDepth) throw new FolderTooDeep();
}

async function write(
  manager: EntityManager,
  state: string,
  { id, name, parentId }: Pick<Folder, 'id' | 'name' | 'parentId'>,
): Promise<Folder> {
  const [[written]] = await manager.query<[[Folder]]>(
    `update folder set name = $2, parent_id = $3, changed_at_state = $4, renamed_at_state = $4
     where id = $1 returning ${columnsOf(Folder)}`,
    [id, name, parentId ?? null, state],
  );
  return written;
}
