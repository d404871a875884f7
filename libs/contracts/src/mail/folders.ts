import { contract } from '../language/contract.js';
import { Choice, Count, Id, List, Text } from '../language/fields.js';
import { NotFound, problem } from '../language/problem.js';
import { Done } from '../language/stored-file.js';

export class FolderExists extends problem(409, 'mail/folder-exists', {
  vi: 'Đã có thư mục cùng tên ở đó',
  en: 'There is a folder of this name already',
}) {}
export class FolderInUse extends problem(409, 'mail/folder-in-use', {
  vi: 'Chỉ xóa được thư mục trống, không có thư mục con và không phải thư mục mặc định',
  en: 'Only an empty folder without folders in it, which no role needs, can be deleted',
}) {}
export class FolderTooDeep extends problem(409, 'mail/folder-too-deep', {
  vi: 'Thư mục không thể nằm trong chính nó, và lồng nhau tối đa 10 cấp',
  en: 'A folder cannot lie within itself, nor deeper than ten levels',
}) {}
export class TooManyFolders extends problem(409, 'mail/too-many-folders', {
  vi: 'Hộp thư có tối đa 1.000 thư mục',
  en: 'A mailbox has 1,000 folders at most',
}) {}
/** The mailbox is closed, or belongs to somebody who only let you read it. */
export class ReadOnly extends problem(403, 'mail/read-only', {
  vi: 'Bạn chỉ được đọc hộp thư này',
  en: 'You may only read this mailbox',
}) {}

export const folderRoles = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'] as const;

/** A folder of a mailbox (thư mục thư). */
export class Folder {
  @Id() id: string;
  @Id({ optional: true }) parentId?: string;
  @Text({ max: 200 }) name: string;
  @Choice(folderRoles, { optional: true }) role?: (typeof folderRoles)[number];
  @Count({ max: 2_000_000_000 }) totalEmails: number;
  @Count({ max: 2_000_000_000 }) unreadEmails: number;
  @Count({ max: 2_000_000_000 }) totalThreads: number;
  @Count({ max: 2_000_000_000 }) unreadThreads: number;
}

export class OfMailbox {
  @Id() mailboxId: string;
}

export class Folders {
  @List(() => Folder, { max: 1_000 }) items: Folder[];
}

export class CreateFolder extends OfMailbox {
  @Text({ max: 200 }) name: string;
  @Id({ optional: true, description: 'The folder it lies in; none for the top' }) parentId?: string;
}

export class OneFolder extends OfMailbox {
  @Id() id: string;
}

export class RenameFolder extends OneFolder {
  @Text({ max: 200 }) name: string;
}

export class MoveFolder extends OneFolder {
  @Id({ optional: true, description: 'The folder it comes to lie in; none for the top' })
  parentId?: string;
}

export const folders = contract('mail.folders', {
  list: {
    summary: 'List the folders of a mailbox, with how much is in them and unread',
    route: 'GET /mailboxes/:mailboxId/folders',
    permission: 'signed-in',
    input: OfMailbox,
    output: Folders,
    errors: [NotFound],
  },
  create: {
    summary: 'Create a folder',
    route: 'POST /mailboxes/:mailboxId/folders',
    permission: 'signed-in',
    input: CreateFolder,
    output: Folder,
    errors: [NotFound, ReadOnly, FolderExists, FolderTooDeep, TooManyFolders],
    status: 201,
  },
  rename: {
    summary: 'Rename a folder',
    route: 'POST /mailboxes/:mailboxId/folders/:id/rename',
    permission: 'signed-in',
    input: RenameFolder,
    output: Folder,
    errors: [NotFound, ReadOnly, FolderExists],
  },
  move: {
    summary: 'Move a folder into another, or to the top',
    route: 'POST /mailboxes/:mailboxId/folders/:id/move',
    permission: 'signed-in',
    input: MoveFolder,
    output: Folder,
    errors: [NotFound, ReadOnly, FolderExists, FolderTooDeep],
  },
  remove: {
    summary: 'Delete an empty folder',
    route: 'DELETE /mailboxes/:mailboxId/folders/:id',
    permission: 'signed-in',
    input: OneFolder,
    output: Done,
    errors: [NotFound, ReadOnly, FolderInUse],
  },
});
