import { domainToASCII } from 'node:url';
import { localDay } from '@eoffice/platform/local-time';
import { nfc } from '@eoffice/platform/text';
import type { EntityManager } from 'typeorm';

/**
 * Where mail for an address goes: into a mailbox; nowhere, because the domain is hosted here and the
 * address is not (`unknown`), is suspended or has no room left; or to another server (`not-here`).
 */
export type Recipient = { mailboxId: string } | 'unknown' | 'suspended' | 'full' | 'not-here';

/** An address as it is compared: NFC, small letters, the domain in A-labels (RFC 5890). */
export function addressKey(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = domainToASCII(address.slice(at + 1).replace(/\.$/, ''));
  return `${nfc(address.slice(0, at)).toLowerCase()}@${domain.toLowerCase()}`;
}

interface Found {
  hosted: boolean;
  mailboxId: string | null;
  state: string | null;
  suspended: boolean;
  full: boolean;
}

/** What stands about an address: by its own name or an alias, and through forwarding once closed. */
const lookUp = `
  with named as (
    select id from mailbox where lower(address) = $1 and state <> 'refused'
    union
    select mailbox_id from alias where address = $1 and ended_at is null),
  target as (
    select coalesce(t.id, m.id) as id, coalesce(t.state, m.state) as state
    from named join mailbox m using (id)
    left join forwarding f on m.state = 'closed' and f.mailbox_id = m.id
      and f.valid_from <= $3 and f.valid_to >= $3
    left join mailbox t on t.id = f.to_mailbox_id)
  select exists (select from hosted_domain where domain = $2 and valid_from <= $3
      and (valid_to is null or valid_to >= $3)) as hosted,
    m.id as "mailboxId", m.state, m.octets >= quota_of(m.id, $3) as full,
    exists (select from mailbox_suspension s where s.mailbox_id = m.id and s.since <= now()
      and (s.until is null or s.until > now())) as suspended
  from (values (1)) as one left join target on true left join mailbox m on m.id = target.id`;

/**
 * Where mail for an address of an envelope goes today. A mailbox is full once its quota is reached:
 * whatever comes before that is taken whole.
 */
export async function recipientOf(manager: EntityManager, address: string): Promise<Recipient> {
  const { hosted, mailboxId, state, suspended, full } = await placeOf(manager, address);
  if (!hosted) return 'not-here';
  if (!mailboxId || state !== 'open') return 'unknown';
  if (suspended) return 'suspended';
  return full ? 'full' : { mailboxId };
}

/** The mailbox of an address, also while it takes nothing more; null if there is none. */
export async function placeOf(manager: EntityManager, address: string): Promise<Found> {
  const key = addressKey(address);
  const domain = key.slice(key.lastIndexOf('@') + 1);
  const [found] = await manager.query<Found[]>(lookUp, [key, domain, localDay()]);
  return found!;
}
