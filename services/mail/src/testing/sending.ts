import type { Database } from '@eoffice/platform/database';
import { enqueue } from '../outbound/enqueue.js';
import { type Accepted, accept } from '../raw/accept.js';

/** A recipient at another server as the table has it. */
export interface OutboundRow {
  id: string;
  recipient: string;
  state: string;
  attempts: number;
  reply: string;
  status: string;
  host: string;
  tls: string | null;
  reported: string | null;
  /** Seconds until it is tried next. */
  wait: number;
}

/** Accepts a mail and lays it down for other servers, as its delivery does. */
export function laidDown(database: Database, given: Partial<Accepted> & { recipients: string[] }) {
  return database.transaction({}, async (manager) => {
    const acceptanceId = await accept(manager, {
      octets: Buffer.from('From: a@lamdong.gov.vn\r\nSubject: thu\r\n\r\nxin chào\r\n'),
      ...{ way: 'submission', reversePath: 'vanthu@lamdong.gov.vn' },
      received: 'Received: from pc by mail.lamdong.gov.vn; Tue, 24 Nov 2026 08:00:00 +0700',
      ...given,
    });
    await enqueue(manager, { acceptanceId, recipients: given.recipients });
    return acceptanceId;
  });
}

export const outboundRows = (database: Database, acceptanceId: string) =>
  database.query<OutboundRow>(
    `select id, recipient, state, attempts, reply, status, host, tls, reported,
       extract(epoch from next_attempt_at - now())::int as wait
     from outbound_recipient where acceptance_id = $1 order by recipient`,
    [acceptanceId],
  );

/** Mails that were accepted with a null reverse path for an address. */
export async function reportsTo(database: Database, address: string): Promise<Buffer[]> {
  const rows = await database.query<{ octets: Buffer }>(
    `select octets from acceptance join raw_message using (sha256)
     where reverse_path = '' and way = 'report' and $1 = any (recipients) order by id`,
    [address],
  );
  return rows.map(({ octets }) => octets);
}
