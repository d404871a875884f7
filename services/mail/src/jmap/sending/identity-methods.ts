import { capability } from '@eoffice/jmap/capabilities';
import { invalidProperties, SetError } from '@eoffice/jmap/errors';
import { isSame, type JsonObject } from '@eoffice/jmap/json';
import { applyPatch } from '@eoffice/jmap/patches';
import type { Methods } from '@eoffice/jmap/processing';
import { changesMethod, getMethod } from '@eoffice/jmap/reading';
import { setMethod } from '@eoffice/jmap/setting';
import * as shape from '@eoffice/jmap/shapes';
import type { Database } from '@eoffice/platform/database';
import { nfc } from '@eoffice/platform/text';
import { addressKey } from '../../store/recipients.js';
import { bury, stateOf } from '../../store/state.js';
import type { MailAccount, MailContext } from '../edge/account.js';
import { type Change, changing, settingOf, type Steps } from '../change.js';
import { changesOf } from '../changes.js';
import { limits } from '../limits.js';
import { picked } from '../picked.js';
import { addressesOf, identitiesOf, identityProperties } from './identities.js';

const address = shape.record({
  name: shape.optional(shape.nullable(shape.text(500)), null),
  email: shape.text(500),
});
const addresses = shape.optional(shape.nullable(shape.list(address, 100)), null);
const settable = {
  ...{ name: shape.optional(shape.text(500), ''), email: shape.text(500) },
  ...{ replyTo: addresses, bcc: addresses },
  textSignature: shape.optional(shape.text(20_000), ''),
  htmlSignature: shape.optional(shape.text(100_000), ''),
};
const mostIdentities = 100;

/** Identity/get, /changes and /set (RFC 8621, 6). */
export function identityMethods(database: Database): Methods<MailContext> {
  const common = { capability: capability.submission, extras: {} };
  return {
    'Identity/get': getMethod<MailAccount, MailContext, Record<string, never>>(
      {
        ...common,
        hasProperty: (name) => identityProperties.includes(name),
        defaultProperties: identityProperties,
        async find({ id, rights }, { ids, properties }) {
          const state = await stateOf(database.manager, id);
          const all = rights.sendAs ? await identitiesOf(database.manager, id) : [];
          const wanted = all.filter((identity) => !ids || ids.includes(identity.id));
          return { state, list: wanted.map((identity) => picked(identity, properties)) };
        },
      },
      limits.maxObjectsInGet,
    ),
    'Identity/changes': changesMethod<MailAccount, MailContext>({
      ...common,
      async changes({ id }, since, most) {
        const changes = await changesOf(database, id, ['identity', 'identity'], since, most);
        // The one that was always there was changed, not created.
        const first = changes.created.filter((each) => each === id);
        const created = changes.created.filter((each) => each !== id);
        return { ...changes, created, updated: [...changes.updated, ...first] };
      },
    }),
    'Identity/set': setMethod<MailAccount, MailContext, Record<string, never>>(
      {
        ...{ ...common, references: [] },
        within: (account, _, { context }, work) =>
          changing(database, context, account.id, (change) =>
            work(settingOf(change, identitySteps(change, account))),
          ),
      },
      limits.maxObjectsInSet,
    ),
  };
}

function identitySteps(change: Change, { rights }: MailAccount): Steps {
  const { mailboxId } = change;
  const save = async (id: string | null, set: ReturnType<typeof read>) => {
    const state = await change.next();
    const [row] = await change.manager.query<[{ id: string }]>(
      `insert into identity (mailbox_id, id, email, name, reply_to, bcc, text_signature,
         html_signature, created_at_state, changed_at_state)
       values ($1, coalesce($2::uuid, uuidv7()), $3, $4, $5, $6, $7, $8, $9, $9)
       on conflict (mailbox_id, id) do update set name = $4, reply_to = $5, bcc = $6,
         text_signature = $7, html_signature = $8, changed_at_state = $9 returning id`,
      [
        ...[mailboxId, id, id === mailboxId ? null : set.email, set.name, json(set.replyTo)],
        ...[json(set.bcc), set.textSignature, set.htmlSignature, state],
      ],
    );
    return row.id;
  };
  const identityOf = async (id: string) => {
    const all = rights.sendAs ? await identitiesOf(change.manager, mailboxId) : [];
    const identity = all.find((each) => each.id === id);
    if (!identity) throw new SetError('notFound');
    return identity;
  };
  return {
    async create(given) {
      if (!rights.sendAs) throw new SetError('forbidden');
      const set = read(given);
      const own = await addressesOf(change.manager, mailboxId);
      if (!own.has(addressKey(set.email))) {
        throw new SetError('forbiddenFrom', 'The mailbox does not have this address');
      }
      const all = await identitiesOf(change.manager, mailboxId);
      if (all.length >= mostIdentities) throw new SetError('overQuota');
      const id = await save(null, set);
      const made: JsonObject = { ...set, id, mayDelete: true };
      const news = Object.entries(made).filter(([name, value]) => !isSame(value, given[name]));
      return Object.fromEntries(news) as JsonObject & { id: string };
    },
    async update(id, patch) {
      const current = await identityOf(id);
      const defaults = { name: '', textSignature: '', htmlSignature: '' };
      const patched = applyPatch(current, patch, defaults);
      const fixed = ['id', 'email', 'mayDelete'].filter(
        (name) => !isSame(patched[name], current[name]),
      );
      if (fixed.length > 0) throw invalidProperties(fixed, 'They never change');
      const { id: _, mayDelete: __, ...own } = patched;
      await save(id, read(own));
      return null;
    },
    async destroy(id) {
      const { mayDelete } = await identityOf(id);
      if (!mayDelete) throw new SetError('forbidden', 'It is that of the mailbox itself');
      const [gone] = await change.manager.query<[{ id: string; createdAtState: string }[]]>(
        `delete from identity where mailbox_id = $1 and id = $2
         returning id, created_at_state as "createdAtState"`,
        [mailboxId, id],
      );
      await bury(change.manager, mailboxId, await change.next(), 'identity', gone);
    },
  };
}

function read(given: JsonObject) {
  const set = shape.readProperties(settable, given);
  return { ...set, name: nfc(set.name) };
}

const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
