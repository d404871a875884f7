import { Readable } from 'node:stream';
import {
  type Caller,
  cursorOf,
  keyOf,
  type ListMessages,
  type MarkMessages,
  type MessageDetails,
  type MessagePage,
  messages,
  type MoveMessages,
  NotFound,
  type OneMessage,
  type OnePart,
  type SearchMessages,
  type SomeMessages,
  type StoredFile,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { FileStore } from '@eoffice/platform/files';
import { Serves } from '@eoffice/platform/serves';
import { slug } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';
import { folderOf } from '../folders/provision.js';
import { rawOf } from '../raw/raw-messages.js';
import { MessageReader } from '../reading/message-reader.js';
import { enter, enterToChange } from '../rights/enter.js';
import { findEmails, type Place } from '../search/find.js';
import { queryOf } from '../search/query.js';
import { destroy, fileIn, setKeywords } from '../store/change-emails.js';
import { nextState } from '../store/state.js';
import { noteOpened } from '../survey/ledger.js';
import { newestEmails } from './newest.js';
import { findingsOf, shown, summariesOf } from './summaries.js';

const maxFileBytes = 200 * 1024 * 1024;

/** Reads mailboxes and changes what lies in them. */
@Serves(messages)
export class Messages {
  constructor(
    private readonly database: Database,
    private readonly reader: MessageReader,
    private readonly files: FileStore,
  ) {}

  async list(input: ListMessages, caller: Caller): Promise<MessagePage> {
    const { mailboxId, folderId, unread = false, limit = 50, after } = input;
    const data = folderId ? { folderId } : {};
    await enter(this.database, caller, mailboxId, { action: 'mail.messages.list', data });
    const { manager } = this.database;
    const places = await newestEmails(
      manager,
      { mailboxId, folderId, unread },
      limit,
      placeOf(after),
    );
    return this.page(mailboxId, places, limit);
  }

  async search(input: SearchMessages, caller: Caller): Promise<MessagePage> {
    const { mailboxId, q, exact, within, folderId, limit = 50, after } = input;
    await enter(this.database, caller, mailboxId, { action: 'mail.messages.search', data: { q } });
    const query = queryOf(q, { exact, within, unfinished: true });
    if (!query) return { items: [] };
    const sought = { mailboxId, query, folderId };
    return this.page(
      mailboxId,
      await findEmails(this.database.manager, sought, limit, placeOf(after)),
      limit,
    );
  }

  async read({ mailboxId, id }: OneMessage, caller: Caller): Promise<MessageDetails> {
    await enter(this.database, caller, mailboxId, {
      action: 'mail.messages.read',
      data: { messageId: id },
    });
    const email = await this.emailOf(mailboxId, id);
    const read = await this.reader.show(await rawOf(this.database.manager, email.sha256));
    const findings = await findingsOf(this.database.manager, mailboxId, id);
    await this.database.transaction({}, (manager) =>
      noteOpened(manager, mailboxId, [id], caller.personId),
    );
    const { cc, bcc, replyTo, sender } = email.addresses;
    return {
      ...{ ...email, findings },
      others: { cc: shown(cc), bcc: shown(bcc), replyTo: shown(replyTo), sender: shown(sender) },
      text: read?.text ?? '',
      html: read?.html || undefined,
      attachments:
        read?.attachments.map(({ name, contentId, ...part }) => ({
          ...part,
          name: name ?? undefined,
          contentId: contentId ?? undefined,
        })) ?? [],
      cut: read?.cut ?? true,
      unreadable: !read,
    };
  }

  async raw({ mailboxId, id }: OneMessage, caller: Caller): Promise<StoredFile> {
    await enter(this.database, caller, mailboxId, {
      action: 'mail.messages.raw',
      data: { messageId: id },
    });
    const { sha256, subject } = await this.emailOf(mailboxId, id);
    const octets = await rawOf(this.database.manager, sha256);
    const [came] = await this.database.query<{ received: string }>(
      `select a.received from email e join acceptance a on a.id = e.acceptance_id
       where e.mailbox_id = $1 and e.id = $2`,
      [mailboxId, id],
    );
    const trace = came ? Buffer.from(`${came.received}\r\n`) : Buffer.alloc(0);
    const name = `${slug(subject ?? '').slice(0, 80) || 'thu'}.eml`;
    return this.keep([trace, octets], name, 'message/rfc822');
  }

  async attachment({ mailboxId, id, partId }: OnePart, caller: Caller): Promise<StoredFile> {
    await enter(this.database, caller, mailboxId, {
      action: 'mail.messages.attachment',
      data: { messageId: id, partId },
    });
    const { sha256 } = await this.emailOf(mailboxId, id);
    const part = await this.reader.partOf(await rawOf(this.database.manager, sha256), partId);
    const { name, mediaType, content } = part;
    return this.keep([Buffer.from(content)], name ?? `phan-${partId}`, mediaType);
  }

  mark({ mailboxId, ids, ...marks }: MarkMessages, caller: Caller) {
    const of = (wanted: boolean) =>
      (['seen', 'flagged', 'answered'] as const)
        .filter((name) => marks[name] === wanted)
        .map((name) => `$${name}`);
    return this.change(caller, mailboxId, async (manager, state) => {
      await setKeywords(manager, mailboxId, state, ids, { add: of(true), remove: of(false) });
      if (marks.seen) await noteOpened(manager, mailboxId, ids, caller.personId);
    });
  }

  move({ mailboxId, ids, folderId }: MoveMessages, caller: Caller) {
    return this.change(caller, mailboxId, (manager, state) =>
      fileIn(manager, mailboxId, state, ids, [folderId]),
    );
  }

  remove({ mailboxId, ids }: SomeMessages, caller: Caller) {
    return this.change(caller, mailboxId, async (manager, state, record) => {
      const trash = await folderOf(manager, mailboxId, 'trash', state);
      const rows = await manager.query<{ id: string }[]>(
        `select email_id as id from email_folder
         where mailbox_id = $1 and folder_id = $2 and email_id = any ($3::uuid[])`,
        [mailboxId, trash, ids],
      );
      const thrown = new Set(rows.map(({ id }) => id));
      const [gone, kept] = [
        ids.filter((id) => thrown.has(id)),
        ids.filter((id) => !thrown.has(id)),
      ];
      if (kept.length > 0) await fileIn(manager, mailboxId, state, kept, [trash]);
      if (gone.length > 0) {
        await destroy(manager, mailboxId, state, gone);
        record('mail.messages.destroyed', mailboxId, { messageIds: gone });
      }
    });
  }

  private change(
    caller: Caller,
    mailboxId: string,
    work: (
      manager: EntityManager,
      state: string,
      record: (action: string, subject: string, data: object) => void,
    ) => Promise<void>,
  ) {
    return this.database.transaction(caller, async (manager, _, record) => {
      await enterToChange(manager, caller, mailboxId);
      await work(manager, await nextState(manager, mailboxId), record);
      return {};
    });
  }

  private async emailOf(mailboxId: string, id: string) {
    const [email] = await summariesOf(this.database.manager, mailboxId, [id]);
    if (!email) throw new NotFound();
    return email;
  }

  private async page(mailboxId: string, places: Place[], limit: number): Promise<MessagePage> {
    const ids = places.map(({ id }) => id);
    const last = places.length === limit ? places.at(-1) : undefined;
    return {
      items: await summariesOf(this.database.manager, mailboxId, ids),
      next: last && cursorOf(last.at, last.id),
    };
  }

  private async keep(content: Buffer[], name: string, mediaType: string): Promise<StoredFile> {
    const kept = await this.files.put(Readable.from(content), { maxBytes: maxFileBytes });
    return { ...kept, name, mediaType };
  }
}

function placeOf(after?: string): Place | undefined {
  const [at, id] = keyOf(after) ?? [];
  return at && id ? ({ at, id } as Place) : undefined;
}
