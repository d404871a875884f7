import { domainToASCII } from 'node:url';
import { nfc } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';

export interface Enqueued {
  acceptanceId: string;
  /** Addresses of the envelope whose domains are not hosted here. */
  recipients: string[];
  /** Not sent before this; at once without it. */
  notBefore?: Date;
}

/** Recipients of one acceptance that may still be called back, and those that may not. */
export interface Cancelled {
  cancelled: number;
  /** Being sent at this moment, sent, or failed. */
  tooLate: number;
}

/**
 * Lays recipients of an accepted message down to be sent to other servers, each once however often
 * this is called.
 */
export async function enqueue(
  manager: EntityManager,
  { acceptanceId, recipients, notBefore }: Enqueued,
): Promise<void> {
  // In one order, so that two that lay down the same domains never wait for each other in a ring.
  const domains = [...new Set(recipients.map(domainOf))].sort();
  await manager.query(
    `insert into outbound_domain (domain) select * from unnest($1::text[]) on conflict do nothing`,
    [domains],
  );
  await manager.query(
    `insert into outbound_recipient (acceptance_id, recipient, domain, due_at, next_attempt_at)
     select $1, recipient, domain, due, due
     from unnest($2::text[], $3::text[]) as given (recipient, domain),
       coalesce($4::timestamptz, now()) as due
     on conflict (acceptance_id, recipient) do nothing`,
    [acceptanceId, recipients.map(nfc), recipients.map(domainOf), notBefore ?? null],
  );
}

/** Calls back whatever of an acceptance has not begun to go out. */
export async function cancel(manager: EntityManager, acceptanceId: string): Promise<Cancelled> {
  // A sender that holds one of the rows is waited for: afterwards it is either sending or not.
  const rows = await manager.query<{ id: string; state: string }[]>(
    `select id, state from outbound_recipient where acceptance_id = $1 order by id for update`,
    [acceptanceId],
  );
  const waiting = rows.filter(({ state }) => state === 'waiting').map(({ id }) => id);
  await manager.query(
    `update outbound_recipient set state = 'cancelled', ended_at = now() where id = any ($1::uuid[])`,
    [waiting],
  );
  const others = rows.filter(({ state }) => state !== 'waiting' && state !== 'cancelled');
  return { cancelled: waiting.length, tooLate: others.length };
}

/** The domain of an address in lower case and A-labels (RFC 5890); '' when it is none. */
export function domainOf(address: string): string {
  // What may not stand in a command of SMTP is asked of nobody, and spoils nobody else's mail.
  if (/[\s<>\p{Cc}]/u.test(address) || !address.includes('@')) return '';
  return domainToASCII(address.slice(address.lastIndexOf('@') + 1)).toLowerCase();
}
