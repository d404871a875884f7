import { NotFound } from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';

/** What a person may do with a mailbox today. The three rights of grants are apart from one another. */
export interface Rights {
  mailboxId: string;
  address: string;
  name: string;
  /** Their own mailbox, or that of a post they hold: nothing of theirs is written in its log. */
  own: boolean;
  read: boolean;
  /** Move, mark and delete: the owner's, while the mailbox is open. */
  change: boolean;
  sendAs: boolean;
  sendOnBehalf: boolean;
}

/**
 * Whose mailbox it is follows the directory: a person has their own, and whoever holds a post today
 * has that of the post. To others it is open as far as grants say that count today. A closed mailbox
 * is only read; a suspended one is not there for anybody.
 */
const rightsOn = (mailboxes: string) => `
  with held as (
    select m.id, m.address, m.name, m.state = 'open' as open,
      (m.kind = 'person' and m.owner_id = $1) or (m.kind = 'post' and exists (
        select from known_assignment a where a.person_id = $1 and a.post_id = m.owner_id
          and a.valid_from <= $2 and (a.valid_to is null or a.valid_to >= $2))) as own
    from mailbox m where ${mailboxes} and m.state <> 'refused'
      and not exists (select from mailbox_suspension s where s.mailbox_id = m.id
        and s.since <= now() and (s.until is null or s.until > now())))
  select h.id as "mailboxId", h.address, h.name, h.own, h.own or g.reads as read,
    h.own and h.open as change, (h.own or g.sends_as) and h.open as "sendAs",
    (h.own or g.sends_on_behalf) and h.open as "sendOnBehalf"
  from held h, lateral (
    select coalesce(bool_or(reads), false) as reads,
      coalesce(bool_or(sends_as), false) as sends_as,
      coalesce(bool_or(sends_on_behalf), false) as sends_on_behalf
    from mailbox_grant where mailbox_id = h.id and person_id = $1 and ended_at is null
      and valid_from <= $2 and (valid_to is null or valid_to >= $2)) g
  where h.own or g.reads or g.sends_as or g.sends_on_behalf
  order by h.own desc, lower(h.address)`;

/** What a caller may do with a mailbox. Throws NotFound for a mailbox they have no right to at all. */
export async function rightsOf(
  manager: EntityManager,
  { personId }: { personId: string },
  mailboxId: string,
): Promise<Rights> {
  if (!personId) throw new NotFound();
  const [rights] = await manager.query<Rights[]>(rightsOn('m.id = $3'), [
    ...[personId, localDay(), mailboxId],
  ]);
  if (!rights) throw new NotFound();
  return rights;
}

/** Every mailbox a caller has a right to, their own first. */
export function mailboxesOf(
  manager: EntityManager,
  { personId }: { personId: string },
): Promise<Rights[]> {
  const candidates = `m.id in (
    select id from mailbox where kind = 'person' and owner_id = $1
    union select p.id from known_assignment a join mailbox p on p.kind = 'post'
      and p.owner_id = a.post_id where a.person_id = $1
    union select mailbox_id from mailbox_grant where person_id = $1 and ended_at is null)`;
  return manager.query<Rights[]>(rightsOn(candidates), [personId, localDay()]);
}
