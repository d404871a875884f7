import { capability } from '@eoffice/jmap/capabilities';
import { MethodError, SetError } from '@eoffice/jmap/errors';
import type { Methods } from '@eoffice/jmap/processing';
import * as shape from '@eoffice/jmap/shapes';
import type { MailContext } from './edge/account.js';

const getArgs = {
  ids: shape.optional(shape.nullable(shape.list(shape.text(300))), null),
  properties: shape.optional(shape.nullable(shape.list(shape.text(100))), null),
};
const setArgs = {
  create: shape.optional(shape.nullable(shape.mapOf(shape.object, shape.id)), null),
  update: shape.optional(shape.nullable(shape.mapOf(shape.object)), null),
  destroy: shape.optional(shape.nullable(shape.list(shape.text(300))), null),
};

/**
 * PushSubscription/get and /set (RFC 8620, 7.2). The server calls no address that a client names: when
 * officials get mail is nobody's business outside. Clients are told by the event source.
 */
export const pushSubscriptionMethods: Methods<MailContext> = {
  'PushSubscription/get': {
    capability: capability.core,
    async run(given) {
      const { ids } = shape.readArguments(getArgs, given);
      return { list: [], notFound: ids ?? [] };
    },
  },
  'PushSubscription/set': {
    capability: capability.core,
    async run(given) {
      const { create, update, destroy } = shape.readArguments(setArgs, given);
      if (!create && !update && !destroy) throw new MethodError('invalidArguments');
      const all = (ids: string[], error: SetError) =>
        ids.length > 0 ? Object.fromEntries(ids.map((id) => [id, error.answer()])) : null;
      const forbidden = new SetError('forbidden', 'Changes are told by the event source only');
      const nothing = new SetError('notFound');
      return {
        ...{ created: null, updated: null, destroyed: null },
        notCreated: all(Object.keys(create ?? {}), forbidden),
        notUpdated: all(Object.keys(update ?? {}), nothing),
        notDestroyed: all(destroy ?? [], nothing),
      };
    },
  },
};
