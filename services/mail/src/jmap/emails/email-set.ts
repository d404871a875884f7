import type { Caller } from '@eoffice/contracts';
import { invalidProperties, SetError } from '@eoffice/jmap/errors';
import { isSame, type JsonObject } from '@eoffice/jmap/json';
import { applyPatch } from '@eoffice/jmap/patches';
import * as shape from '@eoffice/jmap/shapes';
import type { MessageReader } from '../../reading/message-reader.js';
import { destroy, fileIn, setKeywords } from '../../store/change-emails.js';
import { noteOpened } from '../../survey/ledger.js';
import { blobOf } from '../blobs.js';
import type { Change, Steps } from '../change.js';
import { isUuid } from '../ids.js';
import { addMessage } from './add-message.js';
import { compose } from './compose.js';
import type { EmailReader } from './email-reader.js';
import { type EmailRow, emailsOf, metadataOf, summaryOf } from './email-rows.js';
import { placementOf, placementShapes } from './placement.js';

/** What Email/set does with one email (RFC 8621, 4.6). */
export function emailSteps(
  change: Change,
  readers: { reader: EmailReader; summaries: MessageReader },
  hostname: string,
  { personId }: Caller,
): Steps {
  const { mailboxId } = change;
  const { mailboxIds, keywords, receivedAt } = placementShapes;
  const emailOf = async (id: string): Promise<EmailRow> => {
    const [row] = isUuid(id) ? await emailsOf(change.manager, mailboxId, [id]) : [];
    if (!row) throw new SetError('notFound');
    return row;
  };
  return {
    async create(given) {
      const own = ['mailboxIds', 'keywords', 'receivedAt'];
      const set = shape.readProperties(
        { mailboxIds, keywords, receivedAt },
        Object.fromEntries(Object.entries(given).filter(([name]) => own.includes(name))),
      );
      const placed = await placementOf(change.manager, mailboxId, set);
      const read = (blobId: string) => blobOf(change.manager, readers.reader, mailboxId, blobId);
      const octets = await compose(given, hostname, read);
      const at = set.receivedAt === null ? new Date() : new Date(set.receivedAt);
      return addMessage(change, readers.summaries, octets, { ...placed, receivedAt: at });
    },

    async update(id, patch) {
      const row = await emailOf(id);
      const current: JsonObject = { ...metadataOf(row), ...summaryOf(row) };
      const patched = applyPatch(current, patch, { keywords: {} });
      const touched = Object.keys({ ...current, ...patched }).filter(
        (name) =>
          name !== 'mailboxIds' && name !== 'keywords' && !isSame(patched[name], current[name]),
      );
      if (touched.length > 0) throw invalidProperties(touched, 'They never change');
      const set = shape.readProperties(
        { mailboxIds, keywords },
        { mailboxIds: patched.mailboxIds, keywords: patched.keywords },
      );
      const placed = await placementOf(change.manager, mailboxId, set);
      if (isSamePlace(row, placed)) return null;
      const state = await change.next();
      const add = placed.keywords.filter((name) => !row.keywords.includes(name));
      const remove = row.keywords.filter((name) => !placed.keywords.includes(name));
      await setKeywords(change.manager, mailboxId, state, [id], { add, remove });
      await fileIn(change.manager, mailboxId, state, [id], placed.folderIds);
      if (add.includes('$seen')) await noteOpened(change.manager, mailboxId, [id], personId);
      return null;
    },

    async destroy(id) {
      await emailOf(id);
      await destroy(change.manager, mailboxId, await change.next(), [id]);
    },
  };
}

function isSamePlace(
  row: EmailRow,
  { folderIds, keywords }: { folderIds: string[]; keywords: string[] },
) {
  const same = (one: string[], other: string[]) => isSame([...one].sort(), [...other].sort());
  return same(row.folderIds, folderIds) && same(row.keywords, keywords);
}
