import { hash } from 'node:crypto';
import type { EntityManager } from 'typeorm';

/** A message that is taken over, and what is promised with it. */
export interface Accepted {
  octets: Buffer;
  /** Their SHA-256 in hexadecimal, where it is known already. */
  sha256?: string;
  way: 'exchange' | 'submission' | 'import' | 'report';
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

/**
 * How long a message that comes again by the same envelope is taken for the same: senders who heard no
 * 250 try for as long (RFC 5321, 4.5.4.1).
 */
const sameDays = 5;

/** The channel of PostgreSQL on which what delivers hears that there is something. */
export const acceptedChannel = 'mail_accepted';

/**
 * Keeps a message and the promise made for it, and answers the id of the acceptance. Whoever was told
 * 250 was told so after the transaction of `manager` committed; what delivers is woken by that commit.
 */
export async function accept(manager: EntityManager, accepted: Accepted): Promise<string> {
  const { text, values } = statementOf(accepted);
  const [row] = await manager.query<[{ id: string }]>(text, values);
  await manager.query(`select pg_notify($1, '')`, [acceptedChannel]);
  return row.id;
}

/** What PostgreSQL is asked to keep a message and its promise: one statement, by a name it is known by. */
export interface Statement {
  name: string;
  text: string;
  values: unknown[];
}

/**
 * The statement that keeps a message and what is promised with it, and answers the `id`; by itself it
 * is a transaction. It wakes nobody: commits that notify wait for one another, so those who accept
 * thousands wake once for many.
 *
 * @param again where a peer that heard no 250 may send once more what was kept: the same octets by the
 * same envelope are then the same acceptance, whose id is answered.
 */
export function statementOf(
  { octets, sha256, way, reversePath, recipients, ...more }: Accepted,
  again: 'new' | 'same' = 'new',
): Statement {
  const { mailboxId = null, actor = null, peer = {}, received } = more;
  const digest = Buffer.from(sha256 ?? hash('sha256', octets, 'hex'), 'hex');
  const values = [digest, octets, way, reversePath, recipients, mailboxId, actor, peer, received];
  return { name: `accept-${again}`, text: texts[again], values };
}

const columns = '(sha256, way, reverse_path, recipients, mailbox_id, actor, peer, received)';
const values = '$1::bytea, $3::text, $4::text, $5::text[], $6::uuid, $7::uuid, $8::jsonb, $9::text';

const texts = {
  new: `
    with kept as (
      insert into raw_message (sha256, octets) values ($1, $2) on conflict do nothing)
    insert into acceptance ${columns} values (${values}) returning id`,
  same: `
    with before as (
      select id from acceptance where sha256 = $1 and way = $3 and reverse_path = $4
        and recipients = $5 and accepted_at > now() - make_interval(days => ${sameDays}) limit 1),
    kept as (
      insert into raw_message (sha256, octets) select $1::bytea, $2::bytea
      where not exists (select from before) on conflict do nothing),
    promised as (
      insert into acceptance ${columns}
      select ${values} where not exists (select from before) returning id)
    select id from promised union all select id from before`,
};
