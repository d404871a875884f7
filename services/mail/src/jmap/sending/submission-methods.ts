import { capability } from '@eoffice/jmap/capabilities';
import { MethodError } from '@eoffice/jmap/errors';
import type { JsonObject } from '@eoffice/jmap/json';
import type { Call, Methods } from '@eoffice/jmap/processing';
import { cut, type Queryable, queryChangesMethod, queryMethod } from '@eoffice/jmap/querying';
import { changesMethod, getMethod } from '@eoffice/jmap/reading';
import { type Outcome, setMethod } from '@eoffice/jmap/setting';
import * as shape from '@eoffice/jmap/shapes';
import type { Database } from '@eoffice/platform/database';
import { stateOf } from '../../store/state.js';
import type { MailAccount, MailContext } from '../edge/account.js';
import { changing, settingOf } from '../change.js';
import { changesOf, knownOf } from '../changes.js';
import { uuidsOf } from '../ids.js';
import { limits, mailLimits } from '../limits.js';
import { picked } from '../picked.js';
import { findSubmissions, submissionConditions, submissionSorts } from './submission-query.js';
import { shown, statusesOf, submissionProperties, submissionsOf } from './submission-rows.js';
import { type Sender, submissionSteps } from './submission-set.js';

const onSuccess = {
  onSuccessUpdateEmail: shape.optional(shape.nullable(shape.mapOf(shape.object)), null),
  onSuccessDestroyEmail: shape.optional(shape.nullable(shape.list(shape.text(300))), null),
};
type OnSuccess = { [Name in keyof typeof onSuccess]: shape.Shaped<(typeof onSuccess)[Name]> };

/** Submissions that a query looks at: older ones are found by their ids. */
const mostLooked = 10_000;

/** EmailSubmission/get, /changes, /query, /queryChanges and /set (RFC 8621, 7). */
export function submissionMethods(database: Database, sender: Sender): Methods<MailContext> {
  const common = { capability: capability.submission, extras: {} };
  const query = submissionQuery(database);
  /** Which email each submission of a call under way is of. */
  const emails = new WeakMap<Call<MailContext>, Map<string, string>>();
  return {
    'EmailSubmission/get': getMethod<MailAccount, MailContext, Record<string, never>>(
      {
        ...common,
        hasProperty: (name) => submissionProperties.includes(name),
        defaultProperties: submissionProperties,
        async find({ id }, { ids, properties, most }) {
          const state = await stateOf(database.manager, id);
          const rows = await submissionsOf(database.manager, id, uuidsOf(ids), most + 1);
          if (rows.length > most) throw new MethodError('requestTooLarge');
          const accepted = rows.flatMap(({ acceptanceId }) => acceptanceId ?? []);
          const statuses = await statusesOf(database.manager, accepted);
          const list = rows.map((row) =>
            picked(shown(row, statuses.get(row.acceptanceId ?? '') ?? null), properties),
          );
          return { state, list };
        },
      },
      limits.maxObjectsInGet,
    ),
    'EmailSubmission/changes': changesMethod<MailAccount, MailContext>({
      ...common,
      changes: ({ id }, since, most) =>
        changesOf(database, id, ['submission', 'submission'], since, most),
    }),
    'EmailSubmission/set': setMethod<MailAccount, MailContext, typeof onSuccess>(
      {
        capability: capability.submission,
        ...{ extras: onSuccess, references: ['emailId', 'identityId'] },
        within(account, _, call, work) {
          const emailIds = new Map<string, string>();
          emails.set(call, emailIds);
          return changing(database, call.context, account.id, (change) =>
            work(
              settingOf(change, submissionSteps(change, account, call.context, sender, emailIds)),
            ),
          );
        },
        done(outcome, { accountId, extras }, call) {
          const args = emailChanges(outcome, extras, emails.get(call)!);
          if (args) call.also('Email/set', { accountId, ...args });
        },
      },
      limits.maxObjectsInSet,
    ),
    'EmailSubmission/query': queryMethod(query, mailLimits.maxQuery),
    'EmailSubmission/queryChanges': queryChangesMethod(query),
  };
}

/** What is to become of the emails whose submissions succeeded; undefined when nothing is asked. */
function emailChanges(
  { created, updated, destroyed }: Outcome,
  { onSuccessUpdateEmail, onSuccessDestroyEmail }: OnSuccess,
  emailIds: Map<string, string>,
): JsonObject | undefined {
  if (!onSuccessUpdateEmail && !onSuccessDestroyEmail) return undefined;
  const emailOf = (given: string) => {
    const id = given.startsWith('#') ? created.get(given.slice(1))?.id : given;
    const done =
      id !== undefined && (given.startsWith('#') || updated.has(id) || destroyed.includes(id));
    return done ? emailIds.get(id) : undefined;
  };
  const update = Object.entries(onSuccessUpdateEmail ?? {}).flatMap(([given, patch]) => {
    const id = emailOf(given);
    return id ? [[id, patch] as const] : [];
  });
  const destroy = (onSuccessDestroyEmail ?? []).flatMap((given) => emailOf(given) ?? []);
  if (update.length === 0 && destroy.length === 0) return undefined;
  return { update: Object.fromEntries(update), destroy };
}

function submissionQuery(
  database: Database,
): Queryable<MailAccount, MailContext, Record<string, never>> {
  const find = async (mailboxId: string) =>
    submissionsOf(database.manager, mailboxId, null, mostLooked);
  return {
    ...{ capability: capability.submission, extras: {} },
    ...{ conditions: submissionConditions, sorts: submissionSorts },
    async find({ id }, { filter, sort }, window) {
      const queryState = await stateOf(database.manager, id);
      const found = findSubmissions(await find(id), filter, sort);
      return { queryState, canCalculateChanges: true, ...cut(found, window) };
    },
    async changes({ id }, { filter, sort }, { state }) {
      const { now } = await knownOf(database, id, state);
      const source: [string, 'submission'] = ['submission', 'submission'];
      const { created, updated, destroyed } = await changesOf(database, id, source, state, 100_000);
      const found = findSubmissions(await find(id), filter, sort);
      const moved = new Set([...created, ...updated]);
      const places = found.map((each, index) => ({ id: each, index }));
      return {
        newQueryState: now,
        ...{ removed: [...updated, ...destroyed], total: found.length },
        added: places.filter((each) => moved.has(each.id)),
      };
    },
  };
}
