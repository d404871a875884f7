import type { EntityManager } from 'typeorm';
import type { Accepted } from '../raw/accept.js';
import type { HeaderField } from '@eoffice/mime/message';
import { Reply } from './reply.js';
import type { Fault } from './turn-guard.js';

/** A message that is about to be taken over. */
export interface Mail extends Pick<Accepted, 'way' | 'reversePath' | 'recipients' | 'octets'> {
  header: HeaderField[];
  /** What is wrong with its lines. */
  fault?: Fault;
  /** The person who submits it, by whichever mailbox. */
  personId?: string;
  mailboxId?: string;
}

/** More hops than any path has (RFC 5321, 6.3). */
const mostHops = 50;

/**
 * Asked once more before 250, with everything known: throws the Reply of the rule that says no. What
 * a rule refuses is announced with its version.
 */
export async function mustBeTakable(_: EntityManager, mail: Mail): Promise<void> {
  if (mail.fault)
    throw new Reply(
      ...([550, '5.6.0'] as const),
      'Dòng phải kết thúc bằng CR LF và thư không được có NUL',
      'Lines must end with CR LF and nothing else, and there is no NUL in mail',
    ).by('lines');
  if (mail.header.filter(({ name }) => /^received$/i.test(name)).length > mostHops)
    throw new Reply(554, '5.4.6', 'Thư đi vòng', 'The message is in a loop').by('loop');
}
