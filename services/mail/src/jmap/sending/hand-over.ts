import type { EntityManager } from 'typeorm';
import { accept } from '../../raw/accept.js';
import { dateOf } from '../../smtp/trace.js';
import type { Envelope } from './envelope.js';

/** A message whose time has come. */
export interface Due {
  submissionId: string;
  mailboxId: string;
  octets: Buffer;
  envelope: Envelope;
  personId: string;
}

/** Hands a message over to what delivers and sends; answers the id of the promise. */
export function handOver(
  manager: EntityManager,
  { submissionId, mailboxId, octets, envelope, personId }: Due,
  hostname: string,
): Promise<string> {
  return accept(manager, {
    ...{ octets, way: 'submission', mailboxId, actor: personId },
    reversePath: envelope.mailFrom.email,
    recipients: envelope.rcptTo.map(({ email }) => email),
    peer: { protocol: 'JMAP' },
    received: `Received: by ${hostname} with HTTP id ${submissionId};\r\n\t${dateOf(new Date())}`,
  });
}
