import { accountOf, writableAccountOf } from '@eoffice/jmap/accounts';
import { capability } from '@eoffice/jmap/capabilities';
import { MethodError, SetError } from '@eoffice/jmap/errors';
import type { JsonObject } from '@eoffice/jmap/json';
import type { Method } from '@eoffice/jmap/processing';
import { wrongArgument } from '@eoffice/jmap/reading';
import * as shape from '@eoffice/jmap/shapes';
import type { Database } from '@eoffice/platform/database';
import type { MailContext } from './edge/account.js';
import { blobOf, keepUpload } from './blobs.js';
import type { EmailReader } from './emails/email-reader.js';
import { limits } from './limits.js';

const args = { fromAccountId: shape.id, accountId: shape.id, blobIds: shape.list(shape.text(300)) };

/** Blob/copy (RFC 8620, 6.3). */
export function blobCopyMethod(database: Database, reader: EmailReader): Method<MailContext> {
  return {
    capability: capability.core,
    async run(given, { context }) {
      const { fromAccountId, accountId, blobIds } = shape.readArguments(args, given);
      if (fromAccountId === accountId)
        throw wrongArgument('fromAccountId', 'must be another account');
      if (blobIds.length > limits.maxObjectsInSet) throw new MethodError('requestTooLarge');
      await accountOf(context, fromAccountId).catch(() => {
        throw new MethodError('fromAccountNotFound');
      });
      const { id: mailboxId } = await writableAccountOf(context, accountId);
      const copied: JsonObject = {};
      const notCopied: JsonObject = {};
      for (const blobId of new Set(blobIds)) {
        const octets = await blobOf(database.manager, reader, fromAccountId, blobId);
        const type = 'application/octet-stream';
        const upload = octets && { mailboxId, type, octets, uploadedBy: context.caller.personId };
        const kept =
          upload && (await database.transaction({}, (manager) => keepUpload(manager, upload)));
        if (kept) copied[blobId] = kept;
        else notCopied[blobId] = new SetError(octets ? 'overQuota' : 'blobNotFound').answer();
      }
      const some = (map: JsonObject) => (Object.keys(map).length > 0 ? map : null);
      return { fromAccountId, accountId, copied: some(copied), notCopied: some(notCopied) };
    },
  };
}
