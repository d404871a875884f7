import { capability } from '@eoffice/jmap/capabilities';
import { invalidProperties, SetError } from '@eoffice/jmap/errors';
import { isSame, type JsonObject } from '@eoffice/jmap/json';
import { applyPatch } from '@eoffice/jmap/patches';
import type { Methods } from '@eoffice/jmap/processing';
import { getMethod } from '@eoffice/jmap/reading';
import { setMethod } from '@eoffice/jmap/setting';
import * as shape from '@eoffice/jmap/shapes';
import type { Database } from '@eoffice/platform/database';
import type { EntityManager } from 'typeorm';
import { stateOf } from '../../store/state.js';
import type { MailAccount, MailContext } from '../edge/account.js';
import { type Change, changing, settingOf, type Steps } from '../change.js';
import { utcDateOf } from '../ids.js';
import { limits } from '../limits.js';
import { picked } from '../picked.js';

const singleton = 'singleton';
const date = shape.optional(shape.nullable(shape.utcDate), null);
const settable = {
  isEnabled: shape.flag,
  ...{ fromDate: date, toDate: date },
  subject: shape.optional(shape.nullable(shape.text(500)), null),
  textBody: shape.optional(shape.nullable(shape.text(100_000)), null),
  htmlBody: shape.optional(shape.nullable(shape.text(200_000)), null),
};
const properties = ['id', ...Object.keys(settable)];

/** VacationResponse/get and /set (RFC 8621, 8): every mailbox has one, at first switched off. */
export function vacationMethods(database: Database): Methods<MailContext> {
  const common = { capability: capability.vacation, extras: {} };
  return {
    'VacationResponse/get': getMethod<MailAccount, MailContext, Record<string, never>>(
      {
        ...common,
        hasProperty: (name) => properties.includes(name),
        defaultProperties: properties,
        async find({ id }, { ids, properties: wanted }) {
          const state = await stateOf(database.manager, id);
          if (ids && !ids.includes(singleton)) return { state, list: [] };
          return { state, list: [picked(await responseOf(database.manager, id), wanted)] };
        },
      },
      limits.maxObjectsInGet,
    ),
    'VacationResponse/set': setMethod<MailAccount, MailContext, Record<string, never>>(
      {
        ...{ ...common, references: [] },
        within: ({ id }, _, { context }, work) =>
          changing(database, context, id, (change) => work(settingOf(change, stepsOf(change)))),
      },
      limits.maxObjectsInSet,
    ),
  };
}

async function responseOf(
  manager: EntityManager,
  mailboxId: string,
): Promise<JsonObject & { id: string }> {
  const [row] = await manager.query<Record<string, Date | string | boolean | null>[]>(
    `select is_enabled as "isEnabled", from_date as "fromDate", to_date as "toDate", subject,
       text_body as "textBody", html_body as "htmlBody"
     from vacation_response where mailbox_id = $1`,
    [mailboxId],
  );
  const kept = row ?? { isEnabled: false };
  return {
    id: singleton,
    ...Object.fromEntries(Object.keys(settable).map((name) => [name, shown(kept[name] ?? null)])),
  };
}

const shown = (value: Date | string | boolean | null) =>
  value instanceof Date ? utcDateOf(value) : value;

function stepsOf(change: Change): Steps {
  const { mailboxId } = change;
  const only = async () => {
    throw new SetError('singleton');
  };
  return {
    create: only,
    async update(id, patch) {
      if (id !== singleton) throw new SetError('notFound');
      const current = await responseOf(change.manager, mailboxId);
      const patched = applyPatch(current, patch);
      if (!isSame(patched.id, singleton)) throw invalidProperties(['id'], 'It never changes');
      const { id: _, ...own } = patched;
      const set = shape.readProperties(settable, own);
      if (set.fromDate && set.toDate && Date.parse(set.fromDate) > Date.parse(set.toDate)) {
        throw invalidProperties(['toDate'], 'toDate must not be before fromDate');
      }
      await change.manager.query(
        `insert into vacation_response values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (mailbox_id) do update set is_enabled = $2, from_date = $3, to_date = $4,
           subject = $5, text_body = $6, html_body = $7, changed_at_state = $8`,
        [
          ...[mailboxId, set.isEnabled, set.fromDate, set.toDate, set.subject, set.textBody],
          ...[set.htmlBody, await change.next()],
        ],
      );
      return null;
    },
    async destroy(id) {
      throw new SetError(id === singleton ? 'singleton' : 'notFound');
    },
  };
}
