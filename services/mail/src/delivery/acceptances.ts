import { present } from '@eoffice/platform/keep';
import type { EntityManager } from 'typeorm';

/** A promise that is not kept yet: a message and whom it is for. */
export interface Acceptance {
  id: string;
  sha256: string;
  /** In octets. */
  size: number;
  way: 'exchange' | 'submission' | 'import' | 'report';
  reversePath: string;
  /** All of them, also those that are settled. */
  recipients: string[];
  /** The mailbox that submitted it, and who acted for it. */
  mailboxId?: string;
  actor?: string;
  acceptedAt: Date;
  attempts: number;
  /** Those that nothing has become of. */
  pending: string[];
}

/** Far longer than a delivery takes: whoever holds one for so long has died. */
const leaseSeconds = 60;
const firstRetrySeconds = 5;
const longestRetrySeconds = 900;

/** Takes the acceptance that is due first for a while; undefined when none is. */
export async function takeDue(manager: EntityManager): Promise<Acceptance | undefined> {
  const [rows] = await manager.query<[Acceptance[]]>(
    `with due as (
       select id from acceptance where settled_at is null and due_at <= now()
       order by due_at limit 1 for update skip locked),
     laid as (
       insert into delivery (acceptance_id, recipient)
       select distinct due.id, recipient from due join acceptance a using (id), unnest(a.recipients)
         as recipient on conflict do nothing returning recipient)
     update acceptance a set attempts = a.attempts + 1,
       due_at = now() + make_interval(secs => ${leaseSeconds})
     from due, raw_message r where a.id = due.id and r.sha256 = a.sha256
     returning a.id, encode(a.sha256, 'hex') as sha256, octet_length(r.octets) as size, a.way,
       a.reverse_path as "reversePath", a.recipients, a.mailbox_id as "mailboxId", a.actor,
       a.accepted_at as "acceptedAt", a.attempts,
       array(select recipient from laid union select recipient from delivery d
         where d.acceptance_id = a.id and d.state = 'pending') as pending`,
  );
  return rows[0] && present(rows[0]);
}

/** Ends an acceptance once every recipient is settled. */
export async function settle(manager: EntityManager, { id }: Acceptance): Promise<void> {
  await manager.query(
    `update acceptance set settled_at = now() where id = $1 and not exists (
       select from delivery where acceptance_id = $1 and state = 'pending')`,
    [id],
  );
}

/** Lets others go first: tried again after a while, longer each time. */
export async function postpone(manager: EntityManager, { id, attempts }: Acceptance) {
  const seconds = Math.min(firstRetrySeconds * 3 ** (attempts - 1), longestRetrySeconds);
  await manager.query(
    `update acceptance set due_at = now() + make_interval(secs => $2)
     where id = $1 and settled_at is null`,
    [id, seconds],
  );
}
