import type { MailFinding } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';
import { domainOf, type Domains, verdictOf } from '../mailboxes/address.js';
import type { Facts } from '../reading/message-reader.js';
import { addressKey } from '../store/recipients.js';
import { counterpartOf } from '../survey/counterparts.js';
import { note } from '../survey/ledger.js';
import type { Acceptance } from './acceptances.js';

const mostCorrespondents = 20;

/** Notes in each mailbox what came, for the survey; and who wrote, so that they may be answered. */
export async function noteArrival(
  manager: EntityManager,
  { way, reversePath, acceptedAt: at }: Acceptance,
  mailboxId: string,
  facts: Facts | undefined,
  domains: Domains,
): Promise<void> {
  // What another system kept was received there.
  if (way === 'import') return;
  const senders = (facts?.senders ?? []).map(({ address }) => address);
  const all = reversePath ? [reversePath, ...senders] : senders;
  const automatic = !reversePath || !!facts?.automatic;
  const counterpart = counterpartOf(all, domains);
  await note(manager, [{ act: 'received', mailboxId, counterpart, automatic, at }]);
  const strangers = all.filter((address) => verdictOf(domainOf(address), domains) !== 'official');
  if (way !== 'exchange' || automatic || strangers.length === 0) return;
  await manager.query(
    `insert into correspondent (mailbox_id, address) select distinct $1::uuid, unnest($2::text[])
     on conflict do nothing`,
    [mailboxId, strangers.slice(0, mostCorrespondents).map(addressKey)],
  );
}

/** Notes that somebody sent it, when they did: once, however often its delivery is tried. */
export async function noteSending(
  manager: EntityManager,
  acceptance: Acceptance,
  facts: Facts | undefined,
  domains: Domains,
): Promise<void> {
  const { way, mailboxId, actor, recipients, acceptedAt: at, id: about } = acceptance;
  if (way !== 'submission' || !mailboxId || !actor) return;
  const counterpart = counterpartOf(recipients, domains);
  const sent = { act: 'sent', mailboxId, actor, counterpart, at, about } as const;
  await note(manager, [{ ...sent, automatic: facts?.automatic }]);
}

/** Keeps what the rules found in it; what was found first stays. */
export async function keepFindings(
  manager: EntityManager,
  { id }: Acceptance,
  findings: MailFinding[],
): Promise<void> {
  if (findings.length === 0) return;
  await manager.query(
    `insert into acceptance_findings (acceptance_id, findings) values ($1, $2)
     on conflict do nothing`,
    [id, JSON.stringify(findings)],
  );
}
