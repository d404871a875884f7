import { capability } from '@eoffice/jmap/capabilities';
import type { Methods } from '@eoffice/jmap/processing';
import { changesMethod, getMethod } from '@eoffice/jmap/reading';
import type { Database } from '@eoffice/platform/database';
import { MethodError } from '@eoffice/jmap/errors';
import { stateOf } from '../../store/state.js';
import type { MailAccount, MailContext } from '../edge/account.js';
import { changesOf } from '../changes.js';
import { uuidsOf } from '../ids.js';
import { limits } from '../limits.js';
import { picked } from '../picked.js';

/** Thread/get and Thread/changes (RFC 8621, 3): emails of a thread, the oldest first. */
export function threadMethods(database: Database): Methods<MailContext> {
  const common = { capability: capability.mail, extras: {} };
  return {
    'Thread/get': getMethod<MailAccount, MailContext, Record<string, never>>(
      {
        ...common,
        hasProperty: (name) => name === 'emailIds',
        defaultProperties: ['emailIds'],
        async find({ id }, { ids, properties, most }) {
          const state = await stateOf(database.manager, id);
          const list = await database.query<{ id: string; emailIds: string[] }>(
            `select t.id, array(select e.id from email e where e.mailbox_id = $1
               and e.thread_id = t.id order by e.received_at, e.id) as "emailIds"
             from thread t where t.mailbox_id = $1 and ($2::uuid[] is null or t.id = any ($2))
             limit $3`,
            [id, uuidsOf(ids), most + 1],
          );
          if (list.length > most) throw new MethodError('requestTooLarge');
          return { state, list: list.map((thread) => picked({ ...thread }, properties)) };
        },
      },
      limits.maxObjectsInGet,
    ),
    'Thread/changes': changesMethod<MailAccount, MailContext>({
      ...common,
      changes: ({ id }, since, most) => changesOf(database, id, ['thread', 'thread'], since, most),
    }),
  };
}
