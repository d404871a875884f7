import { invalidProperties, SetError } from '@eoffice/jmap/errors';
import { isSame, type JsonObject } from '@eoffice/jmap/json';
import { applyPatch } from '@eoffice/jmap/patches';
import * as shape from '@eoffice/jmap/shapes';
import { bury } from '../../store/state.js';
import { keepRaw, rawOf } from '../../raw/raw-messages.js';
import type { MailAccount, MailContext } from '../edge/account.js';
import type { Change, Steps } from '../change.js';
import { emailsOf } from '../emails/email-rows.js';
import { isUuid, utcDateOf } from '../ids.js';
import { checkEnvelope, type Envelope, envelopeOf, envelopeShape, sendAtOf } from './envelope.js';
import { handOver } from './hand-over.js';
import { identitiesOf } from './identities.js';
import { outgoingOf } from './outgoing.js';
import { type Judges, mustBeSendable } from './sendable.js';
import { shown, submissionsOf } from './submission-rows.js';

const settable = {
  ...{ identityId: shape.text(300), emailId: shape.text(300) },
  envelope: shape.optional(shape.nullable(envelopeShape), null),
};

/** What submissions are held to. */
export interface Sender extends Judges {
  hostname: string;
  /** Octets of a message, at most. */
  maxSize: number;
  /** Submissions of one person in an hour, at most. */
  perHour: number;
}

/** What EmailSubmission/set does with one submission (RFC 8621, 7.5). */
export function submissionSteps(
  change: Change,
  { rights }: MailAccount,
  { caller }: MailContext,
  sender: Sender,
  emailIds: Map<string, string>,
): Steps {
  const { mailboxId } = change;
  const rowOf = async (id: string) => {
    const [row] = isUuid(id) ? await submissionsOf(change.manager, mailboxId, [id], 1) : [];
    if (!row) throw new SetError('notFound');
    emailIds.set(id, row.emailId);
    return row;
  };
  return {
    async create(given) {
      const set = shape.readProperties(settable, given);
      if (!rights.sendAs)
        throw new SetError('forbiddenToSend', 'You may not send from this mailbox');
      const { identity, email } = await named(change, set);
      const outgoing = outgoingOf(await rawOf(change.manager, email.sha256), sender.hostname);
      const envelope = (set.envelope as Envelope | null) ?? envelopeOf(outgoing, identity.email);
      checkEnvelope(envelope);
      if (outgoing.octets.length > sender.maxSize) {
        throw new SetError('tooLarge', undefined, { maxSize: sender.maxSize });
      }
      await mustBeWithin(change, caller.personId, sender.perHour);
      await mustBeSendable(change.manager, { mailboxId, caller, envelope, outgoing }, sender);
      const now = new Date();
      const sendAt = sendAtOf(envelope, now);
      const sha256 = await keepRaw(change.manager, outgoing.octets);
      const [made] = await change.manager.query<[{ id: string }]>(
        `insert into submission (mailbox_id, identity_id, email_id, thread_id, sha256, mail_from,
           rcpt_to, send_at, undo_status, submitted_by, created_at_state, changed_at_state)
         values ($1, $2, $3, $4, decode($5, 'hex'), $6, $7, $8, 'pending', $9, $10, $10)
         returning id`,
        [
          ...[mailboxId, identity.id, email.id, email.threadId, sha256],
          ...[JSON.stringify(envelope.mailFrom), JSON.stringify(envelope.rcptTo), sendAt],
          ...[caller.personId, await change.next()],
        ],
      );
      emailIds.set(made.id, email.id);
      const isDue = sendAt.getTime() <= now.getTime();
      if (isDue) {
        const due = { submissionId: made.id, mailboxId, octets: outgoing.octets, envelope };
        const promise = { ...due, personId: caller.personId };
        const acceptanceId = await handOver(change.manager, promise, sender.hostname);
        await change.manager.query(
          `update submission set undo_status = 'final', acceptance_id = $3
           where mailbox_id = $1 and id = $2`,
          [mailboxId, made.id, acceptanceId],
        );
      }
      return {
        ...{ id: made.id, threadId: email.threadId, sendAt: utcDateOf(sendAt) },
        ...{ undoStatus: isDue ? 'final' : 'pending', envelope: envelope as unknown as JsonObject },
      };
    },

    async update(id, patch) {
      const row = await rowOf(id);
      const current = shown(row, null);
      const patched = applyPatch(current, patch);
      const touched = Object.keys({ ...current, ...patched }).filter(
        (name) => name !== 'undoStatus' && !isSame(patched[name], current[name]),
      );
      if (touched.length > 0) throw invalidProperties(touched, 'They never change');
      if (patched.undoStatus === current.undoStatus) return null;
      if (patched.undoStatus !== 'canceled') throw invalidProperties(['undoStatus']);
      if (row.undoStatus !== 'pending') throw new SetError('cannotUnsend');
      await change.manager.query(
        `update submission set undo_status = 'canceled', changed_at_state = $3
         where mailbox_id = $1 and id = $2`,
        [mailboxId, id, await change.next()],
      );
      return null;
    },

    async destroy(id) {
      const row = await rowOf(id);
      if (row.undoStatus === 'pending')
        throw new SetError('forbidden', 'It is to be sent: cancel it');
      await change.manager.query('delete from submission where mailbox_id = $1 and id = $2', [
        ...[mailboxId, id],
      ]);
      await bury(change.manager, mailboxId, await change.next(), 'submission', [row]);
    },
  };
}

/** The identity and the email that a submission names. Throws SetError. */
async function named(
  { manager, mailboxId }: Change,
  { identityId, emailId }: { identityId: string; emailId: string },
) {
  const identity = (await identitiesOf(manager, mailboxId)).find(({ id }) => id === identityId);
  if (!identity) throw invalidProperties(['identityId'], 'There is no such identity');
  const [email] = isUuid(emailId) ? await emailsOf(manager, mailboxId, [emailId]) : [];
  if (!email) throw invalidProperties(['emailId'], 'There is no such email');
  return { identity, email };
}

async function mustBeWithin({ manager }: Change, personId: string, perHour: number) {
  const [{ count }] = await manager.query<[{ count: number }]>(
    `select count(*)::int as count from submission where submitted_by = $1
       and submitted_at > now() - interval '1 hour'`,
    [personId],
  );
  if (count >= perHour) throw new SetError('rateLimit', `At most ${perHour} an hour`);
}
