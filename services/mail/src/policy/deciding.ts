import { Injectable } from '@nestjs/common';
import type { MailFinding } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import type { Acceptance } from '../delivery/acceptances.js';
import { domainOf, verdictOf } from '../mailboxes/address.js';
import type { Accepted } from '../raw/accept.js';
import { type Facts, MessageReader } from '../reading/message-reader.js';
import { Reply } from '../smtp/reply.js';
import { addressKey } from '../store/recipients.js';
import { judgeMail, type MailFacts, type NamedAddress } from './judging.js';
import { refusalOf } from './refusals.js';
import { type Rules, rulesToday } from './rules.js';

const freshMs = 5_000;

type Envelope = Pick<Accepted, 'reversePath' | 'recipients'>;
type Submitted = Envelope & Pick<Accepted, 'octets'> & { mailboxId?: string };

/** Decides by the rules of the day: what may go out, and what must be told of what has come. */
@Injectable()
export class Deciding {
  private held?: { rules: Rules; day: string; until: number };
  private loading?: Promise<void>;

  constructor(
    private readonly database: Database,
    private readonly reader: MessageReader,
  ) {}

  /** The rules in force, read again every few seconds. */
  async today(manager = this.database.manager): Promise<Rules> {
    const { held } = this;
    if (!held || held.until < Date.now() || held.day !== localDay())
      await (this.loading ??= this.load(manager).finally(() => (this.loading = undefined)));
    return this.held!.rules;
  }

  /**
   * Asked before anything is taken over from one of our own people, by whichever way. Throws the Reply
   * of the first rule that says no; what cannot be read as a whole cannot be judged, and is refused.
   */
  async judgeSubmission(
    manager: EntityManager,
    { octets, mailboxId, ...envelope }: Submitted,
  ): Promise<void> {
    const read = await this.reader.facts(octets);
    if (!read?.whole)
      throw new Reply(550, '5.6.0', 'Không đọc được thư', 'The message cannot be read').by(
        'unreadable',
      );
    const findings = await this.judge(manager, 'out', envelope, read, mailboxId);
    const refused = findings.find(({ action }) => action === 'refuse');
    if (refused) throw refusalOf(refused);
  }

  /** What the rules find in a mail that was taken over. It is told and stops nothing: they only flag. */
  async findingsIn(
    { way, mailboxId, ...envelope }: Pick<Acceptance, 'way' | 'mailboxId' | keyof Envelope>,
    read: Facts | undefined,
  ): Promise<MailFinding[]> {
    const direction = way === 'submission' ? 'out' : 'in';
    const findings = await this.judge(this.database.manager, direction, envelope, read, mailboxId);
    return findings.map((finding) => ({ ...finding, action: 'flag' }));
  }

  private async judge(
    manager: EntityManager,
    way: 'out' | 'in',
    { reversePath, recipients }: Envelope,
    read: Facts | undefined,
    mailboxId?: string,
  ): Promise<MailFinding[]> {
    const rules = await this.today(manager);
    const named = [
      ...recipients.map((address) => ({ where: 'RCPT TO', address })),
      ...((way === 'out' && read?.recipients) || []),
    ];
    const facts: MailFacts = {
      ...read,
      way,
      senders: [
        ...(reversePath ? [{ where: 'MAIL FROM', address: reversePath }] : []),
        ...(read?.senders ?? []),
      ],
      recipients: eachOnce(named),
    };
    const written = await haveWritten(manager, facts, rules, mailboxId);
    return judgeMail({ ...facts, hasWritten: (each) => written.has(addressKey(each)) }, rules);
  }

  private async load(manager: EntityManager) {
    const day = localDay();
    const rules = await rulesToday(manager);
    this.held = { rules, day, until: Date.now() + freshMs };
  }
}

/** By the envelope first: a finding names the place that counts. */
function eachOnce(addresses: NamedAddress[]): NamedAddress[] {
  const found = new Map<string, NamedAddress>();
  for (const each of addresses) {
    const key = each.address.toLowerCase();
    if (!found.has(key)) found.set(key, each);
  }
  return [...found.values()];
}

/** Those of its private recipients from whom mail has come into the mailbox that writes. */
async function haveWritten(
  manager: EntityManager,
  { way, recipients }: MailFacts,
  { domains }: Rules,
  mailboxId?: string,
) {
  const asked = recipients
    .filter(({ address }) => verdictOf(domainOf(address), domains) === 'private')
    .map(({ address }) => addressKey(address));
  if (way !== 'out' || !mailboxId || asked.length === 0) return new Set<string>();
  const rows = await manager.query<{ address: string }[]>(
    'select address from correspondent where mailbox_id = $1 and address = any ($2::text[])',
    [mailboxId, asked],
  );
  return new Set(rows.map(({ address }) => address));
}
