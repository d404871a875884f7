import { SetError } from '@eoffice/jmap/errors';
import type { JsonObject } from '@eoffice/jmap/json';
import { localDay } from '@eoffice/platform/local-time';
import { keepRaw } from '../../raw/raw-messages.js';
import type { MessageReader } from '../../reading/message-reader.js';
import { addEmail } from '../../store/add-email.js';
import { blobIdOf } from '../blobs.js';
import type { Change } from '../change.js';
import type { Placed } from './placement.js';

/** Puts a message into a mailbox and answers what the server set. Throws SetError `overQuota`. */
export async function addMessage(
  change: Change,
  reader: MessageReader,
  octets: Buffer,
  { folderIds, keywords, receivedAt }: Placed & { receivedAt: Date },
): Promise<JsonObject & { id: string; threadId: string; blobId: string; size: number }> {
  const { manager, mailboxId } = change;
  const [room] = await manager.query<[{ left: string }]>(
    'select quota_of(id, $2) - octets as left from mailbox where id = $1',
    [mailboxId, localDay()],
  );
  if (Number(room.left) < octets.length) throw new SetError('overQuota');
  const summary = await reader.summarise(octets);
  const sha256 = await keepRaw(manager, octets);
  const { id, threadId } = await addEmail(manager, await change.next(), {
    ...{ mailboxId, sha256, size: octets.length, summary, folderIds, keywords, receivedAt },
  });
  return { id, threadId, blobId: blobIdOf(sha256), size: octets.length };
}
