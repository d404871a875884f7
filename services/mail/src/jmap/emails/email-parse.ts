import { accountOf } from '@eoffice/jmap/accounts';
import { capability } from '@eoffice/jmap/capabilities';
import { MethodError } from '@eoffice/jmap/errors';
import type { JsonObject } from '@eoffice/jmap/json';
import type { Method } from '@eoffice/jmap/processing';
import { wrongArgument } from '@eoffice/jmap/reading';
import * as shape from '@eoffice/jmap/shapes';
import type { MailContext } from '../edge/account.js';
import { blobOf } from '../blobs.js';
import { limits } from '../limits.js';
import { bodyExtras, viewWish } from './email-get.js';
import type { EmailParts } from './email-methods.js';
import { defaultParsed, isEmailProperty, metadata } from './email-properties.js';

const args = {
  accountId: shape.id,
  blobIds: shape.list(shape.text(300)),
  properties: shape.optional(shape.nullable(shape.list(shape.text(500), 1_000)), null),
  ...bodyExtras,
};

/** What a message has also while it lies in no mailbox. */
const unplaced = new Set(['blobId', 'size']);

/** Email/parse (RFC 8621, 4.9). */
export function parseMethod({ database, reader }: EmailParts): Method<MailContext> {
  return {
    capability: capability.mail,
    async run(given, call) {
      const { accountId, blobIds, properties, ...extras } = shape.readArguments(args, given);
      if (blobIds.length > limits.maxObjectsInGet) throw new MethodError('requestTooLarge');
      const wanted = properties ?? defaultParsed;
      const unknown = wanted.find((name) => !isEmailProperty(name));
      if (unknown !== undefined) throw wrongArgument('properties', `${unknown} is no property`);
      await accountOf(call.context, accountId);
      const said = wanted.filter((name) => unplaced.has(name) || !metadata.includes(name));
      const wish = { ...viewWish(said, extras), strictly: true };
      const absent = wanted.filter((name) => !said.includes(name)).map((name) => [name, null]);
      const parsed: JsonObject = {};
      const [notFound, notParsable]: [string[], string[]] = [[], []];
      for (const blobId of new Set(blobIds)) {
        const octets = await blobOf(database.manager, reader, accountId, blobId);
        const view = octets && (await reader.view(octets, blobId, wish));
        if (view) parsed[blobId] = { ...Object.fromEntries(absent), ...view };
        else (octets ? notParsable : notFound).push(blobId);
      }
      const some = (ids: string[]) => (ids.length > 0 ? ids : null);
      return {
        ...{ accountId, parsed: Object.keys(parsed).length > 0 ? parsed : null },
        ...{ notParsable: some(notParsable), notFound: some(notFound) },
      };
    },
  };
}
