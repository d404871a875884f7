import { invalidProperties, SetError } from '@eoffice/jmap/errors';
import type { JsonObject } from '@eoffice/jmap/json';
import * as shape from '@eoffice/jmap/shapes';
import { isEmail } from 'class-validator';
import { submissionLimits } from '../limits.js';

/** An address of an envelope with its parameters of SMTP (RFC 8621, 7). */
export interface EnvelopeAddress extends JsonObject {
  email: string;
  parameters: { [name: string]: string | null } | null;
}
export interface Envelope {
  mailFrom: EnvelopeAddress;
  rcptTo: EnvelopeAddress[];
}

const parameters = shape.mapOf(shape.nullable(shape.text(500)), shape.text(50));
const address = shape.record({
  email: shape.text(500),
  parameters: shape.optional(shape.nullable(parameters), null),
});
export const envelopeShape = shape.record({
  mailFrom: address,
  rcptTo: shape.list(address, 10_000),
});

/** Parameters that say what is so anyway (RFC 1870, RFC 6152, RFC 6531). */
const idle = ['SIZE', 'BODY', 'SMTPUTF8'];

/** Whom a message goes to when its envelope does not say: whoever its header names, once. */
export function envelopeOf(header: Record<'to' | 'cc' | 'bcc', string[]>, from: string): Envelope {
  const recipients = [...header.to, ...header.cc, ...header.bcc];
  const once = new Map(recipients.map((email) => [email.toLowerCase(), email]));
  return {
    mailFrom: { email: from, parameters: null },
    rcptTo: [...once.values()].map((email) => ({ email, parameters: null })),
  };
}

/** Refuses an envelope that nobody could be sent by. Throws SetError. */
export function checkEnvelope({ mailFrom, rcptTo }: Envelope) {
  if (rcptTo.length === 0) throw new SetError('noRecipients');
  if (rcptTo.length > submissionLimits.maxRecipients) {
    const { maxRecipients } = submissionLimits;
    throw new SetError('tooManyRecipients', undefined, { maxRecipients });
  }
  const invalid = rcptTo.map(({ email }) => email).filter((email) => !isAddress(email));
  if (invalid.length > 0) {
    throw new SetError('invalidRecipients', undefined, { invalidRecipients: invalid });
  }
  const asked = [mailFrom, ...rcptTo].map((each) => Object.keys(each.parameters ?? {}));
  const unknown = asked
    .flatMap((names, at) => names.filter((name) => !isKnown(name.toUpperCase(), at === 0)))
    .sort();
  if (unknown.length > 0) {
    throw invalidProperties(['envelope'], `Not supported: ${unknown.join(', ')}`);
  }
}

const isAddress = (email: string) =>
  isEmail(email, { allow_utf8_local_part: true, allow_ip_domain: false });

const isKnown = (name: string, isMailFrom: boolean) =>
  isMailFrom && [...idle, 'HOLDFOR', 'HOLDUNTIL'].includes(name);

/** When a message is to go out: now, or as the envelope asks (RFC 4865). Throws SetError. */
export function sendAtOf({ mailFrom }: Envelope, now: Date): Date {
  const named = Object.entries(mailFrom.parameters ?? {}).map(([name, value]) => [
    name.toUpperCase(),
    value,
  ]);
  const { HOLDFOR, HOLDUNTIL } = Object.fromEntries(named) as Record<string, string | null>;
  if (HOLDFOR === undefined && HOLDUNTIL === undefined) return now;
  const wrong = (why: string) => invalidProperties(['envelope'], why);
  if (HOLDFOR !== undefined && HOLDUNTIL !== undefined) throw wrong('HOLDFOR or HOLDUNTIL');
  if (HOLDFOR !== undefined && !/^\d{1,9}$/.test(HOLDFOR ?? '')) throw wrong('HOLDFOR is seconds');
  const at = HOLDFOR ? now.getTime() + Number(HOLDFOR) * 1_000 : Date.parse(HOLDUNTIL ?? '');
  if (Number.isNaN(at)) throw wrong('HOLDUNTIL is a date-time');
  if (at > now.getTime() + submissionLimits.maxDelayedSend * 1_000) {
    throw wrong(`At most ${submissionLimits.maxDelayedSend} seconds from now`);
  }
  return new Date(Math.max(at, now.getTime()));
}
