import { capability } from '@eoffice/jmap/capabilities';
import { MethodError } from '@eoffice/jmap/errors';
import type { Methods } from '@eoffice/jmap/processing';
import { type Queryable, queryChangesMethod, queryMethod } from '@eoffice/jmap/querying';
import { changesMethod, getMethod } from '@eoffice/jmap/reading';
import { setMethod } from '@eoffice/jmap/setting';
import type { Database } from '@eoffice/platform/database';
import type { MessageReader } from '../../reading/message-reader.js';
import { stateOf } from '../../store/state.js';
import type { MailAccount, MailContext } from '../edge/account.js';
import { changing, settingOf } from '../change.js';
import { changesOf } from '../changes.js';
import { isUuid } from '../ids.js';
import { limits, mailLimits } from '../limits.js';
import { copyMethod } from './email-copy.js';
import { emailConditions, emailSorts } from './email-filters.js';
import { bodyExtras, getEmails } from './email-get.js';
import { importMethod } from './email-import.js';
import { parseMethod } from './email-parse.js';
import { defaultProperties, isEmailProperty } from './email-properties.js';
import { emailQueryChanges, findEmails, queryExtras } from './email-query.js';
import type { EmailReader } from './email-reader.js';
import { emailSteps } from './email-set.js';
import { snippetMethod } from './snippets.js';

/** What methods on emails work with. */
export interface EmailParts {
  database: Database;
  reader: EmailReader;
  summaries: MessageReader;
  /** The name in message ids. */
  hostname: string;
}

/** The methods of RFC 8621, 4 and 5. */
export function emailMethods(parts: EmailParts): Methods<MailContext> {
  const { database, reader, hostname } = parts;
  const query = emailQuery(database);
  return {
    'Email/get': getMethod<MailAccount, MailContext, typeof bodyExtras>(
      {
        ...{ capability: capability.mail, extras: bodyExtras },
        ...{ hasProperty: isEmailProperty, defaultProperties },
        async find({ id }, { ids, properties, most, extras }) {
          const state = await stateOf(database.manager, id);
          const wanted = ids?.filter(isUuid) ?? (await allOf(database, id, most));
          const wish = { ids: wanted, properties, extras };
          return { state, list: await getEmails(database.manager, reader, id, wish) };
        },
      },
      limits.maxObjectsInGet,
    ),
    'Email/changes': changesMethod<MailAccount, MailContext>({
      capability: capability.mail,
      changes: ({ id }, since, most) => changesOf(database, id, ['email', 'email'], since, most),
    }),
    'Email/set': setMethod<MailAccount, MailContext, Record<string, never>>(
      {
        ...{ capability: capability.mail, extras: {}, references: ['mailboxIds'] },
        within: ({ id }, _, { context }, work) =>
          changing(database, context, id, (change) =>
            work(settingOf(change, emailSteps(change, parts, hostname, context.caller))),
          ),
      },
      limits.maxObjectsInSet,
    ),
    'Email/query': queryMethod(query, mailLimits.maxQuery),
    'Email/queryChanges': queryChangesMethod(query),
    'Email/import': importMethod(parts),
    'Email/copy': copyMethod(parts),
    'Email/parse': parseMethod(parts),
    'SearchSnippet/get': snippetMethod(parts),
  };
}

function emailQuery(database: Database): Queryable<MailAccount, MailContext, typeof queryExtras> {
  return {
    ...{ capability: capability.mail, extras: queryExtras },
    ...{ conditions: emailConditions, sorts: emailSorts },
    find: ({ id }, wish, window) => findEmails(database, id, wish, window),
    changes: ({ id }, wish, since) => emailQueryChanges(database, id, wish, since),
  };
}

/** Every email of a small mailbox. Throws MethodError `requestTooLarge` for others. */
async function allOf(database: Database, mailboxId: string, most: number): Promise<string[]> {
  const rows = await database.query<{ id: string }>(
    'select id from email where mailbox_id = $1 order by received_at desc, id desc limit $2',
    [mailboxId, most + 1],
  );
  if (rows.length > most) throw new MethodError('requestTooLarge');
  return rows.map(({ id }) => id);
}
