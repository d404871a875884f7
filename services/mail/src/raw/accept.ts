import { hash } from 'node:crypto';
import type { EntityManager } from 'typeorm';

/** A message that is taken over, and what is promised with it. */
export interface Accepted {
  octets: Buffer;
  /** Their SHA-256 in hexadecimal, where it is known already. */
  sha256?: string;
  way: 'exchange' | 'submission' | 'import';
  /** The envelope of RFC 5321: '' is the null reverse path of bounces. */
  reversePath: string;
  recipients: string[];
  /** The mailbox that submits it, and the person who acts for it. */
  mailboxId?: string;
  actor?: string;
  /** Address, name given in EHLO, protocol and cipher of the peer. */
  peer?: object;
  /** The trace line (RFC 5321, 4.4), without a line end. */
  received: string;
}

/** The channel of PostgreSQL on which what delivers hears that there is something. */
export const acceptedChannel = 'mail_accepted';

/**
 * Keeps a message and the promise made for it, and answers the id of the acceptance. Whoever was told
 * 250 was told so after the transaction of `manager` committed; what delivers is woken by that commit.
 */
export async function accept(manager: EntityManager, accepted: Accepted): Promise<string> {
  const id = await keepAcceptance(manager, accepted);
  await manager.query(`select pg_notify($1, '')`, [acceptedChannel]);
  return id;
}

/**
 * The same without waking anybody: commits that notify wait for one another, so those who accept
 * thousands wake once for many. One statement, which without a transaction is one of its own.
 */
export async function keepAcceptance(
  manager: EntityManager,
  { octets, sha256, way, reversePath, recipients, mailboxId, actor, peer = {}, received }: Accepted,
): Promise<string> {
  const [row] = await manager.query<{ id: string }[]>(
    `with kept as (
       insert into raw_message (sha256, octets) values (decode($1, 'hex'), $2) on conflict do nothing)
     insert into acceptance
       (sha256, way, reverse_path, recipients, mailbox_id, actor, peer, received)
     values (decode($1, 'hex'), $3, $4, $5, $6, $7, $8, $9) returning id`,
    [
      ...[sha256 ?? hash('sha256', octets, 'hex'), octets, way, reversePath, recipients],
      ...[mailboxId ?? null, actor ?? null, peer, received],
    ],
  );
  return row!.id;
}
