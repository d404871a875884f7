import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import type { Protection } from './peer.js';

/** What is sent in one transaction on the wire: one message to one domain. */
export interface Due {
  acceptanceId: string;
  domain: string;
  sha256: Buffer;
  way: string;
  reversePath: string;
  received: string;
  protection: Protection;
  recipients: { id: string; recipient: string; attempts: number }[];
}

/** RFC 5321, 4.5.3.1.8: every server takes at least so many recipients at once. */
const maxRecipients = 100;
/** Whoever sends says so again and again; after this time without a word it is taken for dead. */
export const leaseS = 60;

const waiting = `state in ('waiting', 'sending')`;

/**
 * Domains with mail that is due, which answer, have had no more than their share of this minute and
 * have a connection free: the one that waits longest. Domains are found one by one through the index,
 * however much mail waits for each.
 */
const nextDomain = `
  with recursive domains as (
    (select domain from outbound_recipient where ${waiting} order by domain limit 1)
    union all
    select (select domain from outbound_recipient r where ${waiting} and r.domain > d.domain
      order by domain limit 1)
    from domains d where d.domain is not null),
  due as (
    select domain, (select min(next_attempt_at) from outbound_recipient r
      where ${waiting} and r.domain = d.domain) as at from domains d where domain is not null)
  select o.domain, p.connections, p.per_minute as "perMinute", p.tls as protection
  from due join outbound_domain o using (domain), outbound_policy_of(domain, $1) p
  where due.at <= now() and o.rests_until <= now() and p.connections > (
    select count(distinct acceptance_id) from outbound_recipient r
    where r.domain = o.domain and state = 'sending' and next_attempt_at > now())
  order by due.at limit 1 for update of o skip locked`;

/** Takes what is due first for a while; undefined when nothing is. */
export async function lease(manager: EntityManager): Promise<Due | 'again' | undefined> {
  const [domain] = await manager.query<
    { domain: string; connections: number; perMinute: number; protection: Protection }[]
  >(nextDomain, [localDay()]);
  if (!domain) return undefined;
  // With the domain locked, what others took in the meantime is seen.
  const [rows] = await manager.query<
    [(Due['recipients'][number] & { acceptanceId: string })[], number]
  >(
    `with head as (
       select acceptance_id from outbound_recipient r
       where domain = $1 and ${waiting} and next_attempt_at <= now()
         and $2 > (select count(distinct acceptance_id) from outbound_recipient
           where domain = $1 and state = 'sending' and next_attempt_at > now())
       order by next_attempt_at limit 1)
     update outbound_recipient set state = 'sending', attempts = attempts + 1, tried_at = now(),
       next_attempt_at = now() + make_interval(secs => ${leaseS})
     where id in (
       select id from outbound_recipient where domain = $1 and ${waiting}
         and acceptance_id = (select acceptance_id from head) and next_attempt_at <= now()
       order by recipient limit ${maxRecipients} for update skip locked)
     returning id, recipient, attempts, acceptance_id as "acceptanceId"`,
    [domain.domain, domain.connections],
  );
  if (rows.length === 0) return 'again';
  await countOne(manager, domain.domain, domain.perMinute);
  const { acceptanceId } = rows[0]!;
  const [acceptance] = await manager.query<Omit<Due, 'recipients' | 'domain' | 'protection'>[]>(
    `select id as "acceptanceId", sha256, way, reverse_path as "reversePath", received
     from acceptance where id = $1`,
    [acceptanceId],
  );
  const { protection } = domain;
  const recipients = rows.sort((a, b) => (a.recipient < b.recipient ? -1 : 1));
  return { ...acceptance!, domain: domain.domain, protection, recipients };
}

/** A domain that has had its share rests until the minute is over. */
async function countOne(manager: EntityManager, domain: string, perMinute: number) {
  await manager.query(
    `with minute as (
       select domain, minute_began_at > now() - interval '1 minute' as goes_on from outbound_domain
       where domain = $1)
     update outbound_domain o set
       minute_began_at = case when goes_on then minute_began_at else now() end,
       sent_in_minute = case when goes_on then sent_in_minute + 1 else 1 end,
       rests_until = case when goes_on and sent_in_minute + 1 >= $2
         then minute_began_at + interval '1 minute'
         when not goes_on and $2 = 1 then now() + interval '1 minute' else rests_until end
     from minute where minute.domain = o.domain`,
    [domain, perMinute],
  );
}

/** Says that these are still being sent. */
export async function renew(manager: EntityManager, ids: readonly string[]): Promise<void> {
  await manager.query(
    `update outbound_recipient set next_attempt_at = now() + make_interval(secs => ${leaseS})
     where id = any ($1::uuid[]) and state = 'sending'`,
    [ids],
  );
}

/** Minutes from one try to the next; the last goes on. Four tries in ten minutes please greylists. */
const minutes = [1, 2, 5, 10, 20, 30, 60, 120, 240];

/** Seconds until the next try after so many; a little apart, so that not all come at once. */
export function waitAfter(attempts: number): number {
  const base = minutes[Math.min(Math.max(attempts, 1), minutes.length) - 1]! * 60;
  return Math.round(base * (0.9 + Math.random() * 0.2));
}

/** Lets a domain rest that did not answer, and what waits for it, longer each time. */
export async function rest(manager: EntityManager, domain: string, why: string): Promise<void> {
  const [[row]] = await manager.query<[{ failures: number }[], number]>(
    `update outbound_domain set failures = failures + 1 where domain = $1 returning failures`,
    [domain],
  );
  const seconds = waitAfter(row?.failures ?? 1);
  await manager.query(
    `update outbound_domain set rests_until = now() + make_interval(secs => $2) where domain = $1`,
    [domain, seconds],
  );
  // What is told to senders is true of all that waits, tried or not.
  await manager.query(
    `update outbound_recipient set reply = $2, host = null, status = '4.4.1'
     where domain = $1 and state = 'waiting' and next_attempt_at <= now() and attempts = 0`,
    [domain, why],
  );
}

/** A domain that answers is asked again at once. */
export async function answered(manager: EntityManager, domain: string): Promise<void> {
  await manager.query(
    `update outbound_domain set failures = 0 where domain = $1 and failures > 0`,
    [domain],
  );
}
