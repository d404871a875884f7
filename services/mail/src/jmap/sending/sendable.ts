import { SetError } from '@eoffice/jmap/errors';
import type { Caller } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import { mailboxesOf } from '../../rights/rights-of.js';
import type { Deciding } from '../../policy/deciding.js';
import type { Refusals } from '../../smtp/refusals.js';
import { Reply } from '../../smtp/reply.js';
import { mustBeTakable } from '../../smtp/rules.js';
import { addressKey } from '../../store/recipients.js';
import type { Envelope } from './envelope.js';
import { addressesOf } from './identities.js';
import type { Outgoing } from './outgoing.js';

interface Sending {
  mailboxId: string;
  caller: Caller;
  envelope: Envelope;
  outgoing: Outgoing;
}

/** Those who decide, and who tell what was refused. */
export interface Judges {
  deciding: Deciding;
  refusals: Refusals;
}

/** Whether this may go out in this name. Throws SetError (RFC 8621, 7.5). */
export async function mustBeSendable(
  manager: EntityManager,
  { mailboxId, caller, envelope, outgoing }: Sending,
  { deciding, refusals }: Judges,
): Promise<void> {
  const own = await addressesOf(manager, mailboxId);
  const { email } = envelope.mailFrom;
  if (!own.has(addressKey(email))) {
    throw new SetError('forbiddenMailFrom', `${email} is no address of this mailbox`);
  }
  await mustBeOwn(manager, own, caller, outgoing);
  const { octets, header } = outgoing;
  const recipients = envelope.rcptTo.map((each) => each.email);
  const { personId } = caller;
  const mail = { way: 'submission' as const, reversePath: email, recipients };
  try {
    await mustBeTakable(manager, { ...mail, octets, header, personId, mailboxId });
    await deciding.judgeSubmission(manager, { ...mail, octets, mailboxId });
  } catch (error) {
    if (!(error instanceof Reply)) throw error;
    refusals.announce(error, { ...mail, personId, peer: caller.request.address });
    throw new SetError('forbiddenToSend', error.message);
  }
}

/** The header may name others only as far as their grants go: sent as them, or on their behalf. */
async function mustBeOwn(
  manager: EntityManager,
  own: ReadonlySet<string>,
  caller: Caller,
  { from, sender }: Outgoing,
) {
  if (from.length === 0) {
    throw new SetError('invalidEmail', 'There is no From', { properties: ['from'] });
  }
  const foreign = [...from, ...sender].filter((email) => !own.has(addressKey(email)));
  if (foreign.length === 0) return;
  const others = await mailboxesOf(manager, caller);
  const granted = new Set<string>();
  const behalf = sender.length > 0 && sender.every((email) => own.has(addressKey(email)));
  for (const { mailboxId, sendAs, sendOnBehalf } of others) {
    if (!sendAs && !(sendOnBehalf && behalf)) continue;
    for (const address of await addressesOf(manager, mailboxId)) granted.add(address);
  }
  const refused = foreign.filter((email) => !granted.has(addressKey(email)));
  if (refused.length > 0)
    throw new SetError('forbiddenFrom', `Not to be sent as ${refused.join(', ')}`);
}
