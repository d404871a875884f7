import { capability } from '@eoffice/jmap/capabilities';
import type { Methods } from '@eoffice/jmap/processing';
import { cut, type Queryable, queryChangesMethod, queryMethod } from '@eoffice/jmap/querying';
import { changesMethod, getMethod } from '@eoffice/jmap/reading';
import { setMethod } from '@eoffice/jmap/setting';
import * as shape from '@eoffice/jmap/shapes';
import type { Database } from '@eoffice/platform/database';
import { stateOf } from '../../store/state.js';
import type { MailAccount, MailContext } from '../edge/account.js';
import { changing, settingOf } from '../change.js';
import { changesOf, knownOf } from '../changes.js';
import { uuidsOf } from '../ids.js';
import { limits } from '../limits.js';
import { picked } from '../picked.js';
import { findFolders, folderConditions, folderSorts } from './folder-query.js';
import { counts, folderProperties, foldersOf, shown } from './folder-rows.js';
import { folderSteps } from './folder-set.js';

const asTree = {
  sortAsTree: shape.optional(shape.flag, false),
  filterAsTree: shape.optional(shape.flag, false),
};

/** Mailbox/get, /changes, /set, /query and /queryChanges (RFC 8621, 2). */
export function folderMethods(database: Database): Methods<MailContext> {
  const common = { capability: capability.mail, extras: {} };
  const query = folderQuery(database);
  return {
    'Mailbox/get': getMethod<MailAccount, MailContext, object & Record<string, never>>(
      {
        ...common,
        hasProperty: (name) => folderProperties.includes(name),
        defaultProperties: folderProperties,
        async find(account, { ids, properties }) {
          const state = await stateOf(database.manager, account.id);
          const folders = await foldersOf(database.manager, account.id, uuidsOf(ids));
          return { state, list: folders.map((each) => picked(shown(each, account), properties)) };
        },
      },
      limits.maxObjectsInGet,
    ),
    'Mailbox/changes': changesMethod<MailAccount, MailContext>({
      ...common,
      async changes({ id }, since, most) {
        const changes = await changesOf(database, id, ['folder', 'folder'], since, most);
        const updatedProperties = (await onlyCounted(database, id, since, changes.updated))
          ? [...counts]
          : null;
        return { ...changes, more: { updatedProperties } };
      },
    }),
    'Mailbox/set': setMethod<
      MailAccount,
      MailContext,
      { onDestroyRemoveEmails: shape.Shape<boolean> }
    >(
      {
        capability: capability.mail,
        extras: { onDestroyRemoveEmails: shape.optional(shape.flag, false) },
        references: ['parentId'],
        within: (account, { extras }, { context }, work) =>
          changing(database, context, account.id, (change) =>
            work(settingOf(change, folderSteps(change, account, extras.onDestroyRemoveEmails))),
          ),
      },
      limits.maxObjectsInSet,
    ),
    'Mailbox/query': queryMethod(query, limits.maxObjectsInGet),
    'Mailbox/queryChanges': queryChangesMethod(query),
  };
}

function folderQuery(database: Database): Queryable<MailAccount, MailContext, typeof asTree> {
  return {
    ...{ capability: capability.mail, extras: asTree },
    ...{ conditions: folderConditions, sorts: folderSorts },
    async find({ id }, { filter, sort, extras }, window) {
      const queryState = await stateOf(database.manager, id);
      const folders = await foldersOf(database.manager, id);
      const found = findFolders(folders, filter, { sort, ...extras });
      return { queryState, canCalculateChanges: true, ...cut(found, window) };
    },
    async changes({ id }, { filter, sort, extras }, since) {
      const known = await knownOf(database, id, since.state);
      const folders = await foldersOf(database.manager, id);
      const found = findFolders(folders, filter, { sort, ...extras });
      const before = await changesOf(database, id, ['folder', 'folder'], since.state, 100_000);
      if (known.now === known.state) {
        return { newQueryState: known.now, removed: [], added: [], total: found.length };
      }
      // A folder may stand elsewhere because another moved: where any has, all are told anew.
      const touched = new Set([...before.created, ...before.updated]);
      const moved = before.created.length + before.updated.length > 0 && extras.sortAsTree;
      const anew = moved || extras.filterAsTree ? new Set(folders.map((each) => each.id)) : touched;
      const added = found
        .map((each, index) => ({ id: each, index }))
        .filter((each) => anew.has(each.id));
      const fresh = new Set(before.created);
      const removed = [...new Set([...anew, ...before.destroyed])].filter(
        (each) => !fresh.has(each),
      );
      return { newQueryState: before.newState, removed, added, total: found.length };
    },
  };
}

/** Whether nothing but the counts of these folders has changed. */
async function onlyCounted(database: Database, mailboxId: string, since: string, ids: string[]) {
  if (ids.length === 0) return false;
  const { state } = await knownOf(database, mailboxId, since);
  const [renamed] = await database.query(
    `select from folder where mailbox_id = $1 and id = any ($2::uuid[]) and renamed_at_state > $3
     limit 1`,
    [mailboxId, ids, state],
  );
  return renamed === undefined;
}
