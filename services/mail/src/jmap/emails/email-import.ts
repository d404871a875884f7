import { writableAccountOf } from '@eoffice/jmap/accounts';
import { capability } from '@eoffice/jmap/capabilities';
import { invalidProperties, MethodError, SetError } from '@eoffice/jmap/errors';
import type { JsonObject } from '@eoffice/jmap/json';
import type { Call, Method } from '@eoffice/jmap/processing';
import { idOf } from '@eoffice/jmap/reading';
import * as shape from '@eoffice/jmap/shapes';
import type { MailContext } from '../edge/account.js';
import { blobOf } from '../blobs.js';
import { type Change, changing } from '../change.js';
import { limits } from '../limits.js';
import { addMessage } from './add-message.js';
import type { EmailParts } from './email-methods.js';
import { placementOf, placementShapes } from './placement.js';

const imported = { blobId: shape.text(300), ...placementShapes };
const args = {
  accountId: shape.id,
  ifInState: shape.optional(shape.nullable(shape.text(300)), null),
  emails: shape.mapOf(shape.object, shape.id),
};

/** Email/import (RFC 8621, 4.8). */
export function importMethod(parts: EmailParts): Method<MailContext> {
  return {
    capability: capability.mail,
    async run(given, call) {
      const { accountId, ifInState, emails } = shape.readArguments(args, given);
      if (Object.keys(emails).length > limits.maxObjectsInSet)
        throw new MethodError('requestTooLarge');
      await writableAccountOf(call.context, accountId);
      return changing(parts.database, call.context, accountId, async (change) => {
        const oldState = await change.state();
        if (ifInState !== null && ifInState !== oldState) throw new MethodError('stateMismatch');
        const created = new Map<string, JsonObject>();
        const notCreated = new Map<string, JsonObject>();
        for (const [creationId, email] of Object.entries(emails)) {
          try {
            const made = await change.attempt(() => importOne(parts, change, email, call));
            created.set(creationId, made);
            call.createdIds.set(creationId, made.id);
          } catch (error) {
            if (!(error instanceof SetError)) throw error;
            notCreated.set(creationId, error.answer());
          }
        }
        const told = (map: Map<string, JsonObject>) =>
          map.size > 0 ? Object.fromEntries(map) : null;
        const newState = await change.state();
        return {
          accountId,
          oldState,
          newState,
          created: told(created),
          notCreated: told(notCreated),
        };
      });
    },
  };
}

async function importOne(
  { reader, summaries }: EmailParts,
  change: Change,
  email: JsonObject,
  { createdIds }: Call<MailContext>,
) {
  const { blobId, receivedAt, ...place } = shape.readProperties(imported, email);
  const mailboxIds = Object.fromEntries(
    Object.keys(place.mailboxIds).map((id) => [idOf(id, createdIds), true as const]),
  );
  const placed = await placementOf(change.manager, change.mailboxId, { ...place, mailboxIds });
  const octets = await blobOf(change.manager, reader, change.mailboxId, blobId);
  if (!octets) throw invalidProperties(['blobId'], 'There is no such blob');
  const wish = { properties: ['header:Received:asRaw:all'], bodyProperties: [], strictly: true };
  const view = await reader.view(octets, blobId, { ...nothing, ...wish });
  if (!view) throw new SetError('invalidEmail', 'It is not a message');
  const received = (view['header:Received:asRaw:all'] as string[])[0];
  const at = receivedAt === null ? momentOf(received) : new Date(receivedAt);
  return addMessage(change, summaries, octets, { ...placed, receivedAt: at });
}

const nothing = {
  ...{ fetchTextBodyValues: false, fetchHTMLBodyValues: false, fetchAllBodyValues: false },
  maxBodyValueBytes: 0,
};

/** When a message came, as its newest trace field says; now where none does. */
function momentOf(received: string | undefined): Date {
  const moment = new Date(
    received
      ?.split(';')
      .at(-1)
      ?.replace(/\([^)]*\)/g, '')
      .trim() ?? '',
  );
  return Number.isNaN(moment.getTime()) || moment.getTime() > Date.now() ? new Date() : moment;
}
