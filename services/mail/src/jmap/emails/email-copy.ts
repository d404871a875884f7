import { accountOf } from '@eoffice/jmap/accounts';
import { capability } from '@eoffice/jmap/capabilities';
import { MethodError, SetError } from '@eoffice/jmap/errors';
import type { JsonObject } from '@eoffice/jmap/json';
import type { Method } from '@eoffice/jmap/processing';
import { wrongArgument } from '@eoffice/jmap/reading';
import { setMethod } from '@eoffice/jmap/setting';
import * as shape from '@eoffice/jmap/shapes';
import { stateOf } from '../../store/state.js';
import { rawOf } from '../../raw/raw-messages.js';
import type { MailAccount, MailContext } from '../edge/account.js';
import { type Change, changing, settingOf } from '../change.js';
import { isUuid } from '../ids.js';
import { limits } from '../limits.js';
import { addMessage } from './add-message.js';
import type { EmailParts } from './email-methods.js';
import { emailsOf, setOf } from './email-rows.js';
import { placementOf, placementShapes } from './placement.js';

const optionalState = shape.optional(shape.nullable(shape.text(300)), null);
const extras = {
  fromAccountId: shape.id,
  ifFromInState: optionalState,
  onSuccessDestroyOriginal: shape.optional(shape.flag, false),
  destroyFromIfInState: optionalState,
};
const { mailboxIds, keywords, receivedAt } = placementShapes;
const copied = { id: shape.text(300), mailboxIds, keywords: shape.optional(keywords), receivedAt };

/** Email/copy (RFC 8620, 5.4; RFC 8621, 4.7): a /set of one account that reads another. */
export function copyMethod(parts: EmailParts): Method<MailContext> {
  const inner = setMethod<MailAccount, MailContext, typeof extras>(
    {
      ...{ capability: capability.mail, extras, references: ['mailboxIds'] },
      within: (account, wish, { context }, work) =>
        changing(parts.database, context, account.id, (change) => {
          const refused = async () => {
            throw new SetError('forbidden');
          };
          return work(
            settingOf(change, {
              create: (given) => copyOne(parts, change, wish.extras.fromAccountId, given),
              ...{ update: refused, destroy: refused },
            }),
          );
        }),
      done({ created }, { extras: wish }, call) {
        if (!wish.onSuccessDestroyOriginal || created.size === 0) return;
        const destroy = [...created.values()].map(({ copyOf }) => copyOf as string);
        const ifInState = wish.destroyFromIfInState;
        call.also('Email/set', { accountId: wish.fromAccountId, destroy, ifInState });
      },
    },
    limits.maxObjectsInSet,
  );
  return {
    capability: capability.mail,
    async run(args, call) {
      for (const name of ['update', 'destroy']) {
        if (Object.hasOwn(args, name)) throw wrongArgument(name, 'is not known');
      }
      const { fromAccountId: from, accountId, ifFromInState } = args;
      if (from === accountId) throw wrongArgument('fromAccountId', 'must be another account');
      if (typeof from === 'string') await sourceOf(call.context, from);
      if (typeof from === 'string' && typeof ifFromInState === 'string') {
        const state = await stateOf(parts.database.manager, from);
        if (state !== ifFromInState) throw new MethodError('stateMismatch');
      }
      const { created, notCreated, oldState, newState } = await inner.run(args, call);
      return {
        fromAccountId: from,
        accountId,
        oldState,
        newState,
        ...{ created: told(created), notCreated },
      };
    },
  };
}

async function sourceOf(context: MailContext, id: string) {
  try {
    await accountOf(context, id);
  } catch {
    throw new MethodError('fromAccountNotFound');
  }
}

/** What was created, without what only the server needs to know of it. */
function told(created: unknown) {
  const entries = Object.entries((created ?? {}) as { [creationId: string]: JsonObject });
  const shown = entries.map(([creationId, { copyOf: _, ...email }]) => [creationId, email]);
  return shown.length > 0 ? Object.fromEntries(shown) : null;
}

async function copyOne({ summaries }: EmailParts, change: Change, from: string, given: JsonObject) {
  const set = shape.readProperties(copied, given);
  const [source] = isUuid(set.id) ? await emailsOf(change.manager, from, [set.id]) : [];
  if (!source) throw new SetError('notFound');
  const placed = await placementOf(change.manager, change.mailboxId, {
    mailboxIds: set.mailboxIds,
    keywords: set.keywords === undefined ? setOf(source.keywords) : set.keywords,
  });
  const octets = await rawOf(change.manager, source.sha256);
  const at = set.receivedAt === null ? source.receivedAt : new Date(set.receivedAt);
  const made = await addMessage(change, summaries, octets, { ...placed, receivedAt: at });
  return { ...made, copyOf: set.id };
}
