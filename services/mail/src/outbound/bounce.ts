import type { EntityManager } from 'typeorm';
import { accept } from '../raw/accept.js';
import { maxHeader, type Report, type Reported, reportOf } from './report.js';
import { wireFormOf } from './wire-form.js';

export interface Bounce {
  acceptanceId: string;
  kind: Report['kind'];
  recipients: Reported[];
  /** The name of this server, from its settings. */
  reporter: string;
  givenUpAt?: Date;
}

/**
 * Tells whoever sent a mail that it did not arrive, or not yet, by a mail that is accepted in the same
 * transaction. A mail without a reverse path is a report itself or an answer of a machine: nothing is
 * ever said about it (RFC 5321, 6.1). Answers whether something was.
 */
export async function bounce(manager: EntityManager, about: Bounce): Promise<boolean> {
  const { acceptanceId, recipients, reporter, kind, givenUpAt } = about;
  const [acceptance] = await manager.query<
    { sha256: Buffer; reversePath: string; acceptedAt: Date }[]
  >(
    `select sha256, reverse_path as "reversePath", accepted_at as "acceptedAt"
     from acceptance where id = $1`,
    [acceptanceId],
  );
  if (!acceptance?.reversePath || recipients.length === 0) return false;
  const { reversePath: to, acceptedAt, sha256 } = acceptance;
  const original = await wireFormOf(manager, sha256, maxHeader);
  const octets = reportOf({ kind, reporter, to, acceptedAt, givenUpAt, recipients, original });
  const date = new Date().toUTCString().replace('GMT', '+0000');
  await accept(manager, {
    ...{ octets, way: 'report', reversePath: '', recipients: [to] },
    received: `Received: by ${reporter} (eOffice) id ${acceptanceId}; ${date}`,
  });
  return true;
}
