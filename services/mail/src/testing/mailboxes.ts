import { randomUUID } from 'node:crypto';
import type { Database } from '@eoffice/platform/database';
import { provisionFolders } from '../folders/provision.js';
import { accept, type Accepted } from '../raw/accept.js';

export const domain = 'lamdong.gov.vn';

/** An open mailbox of a person, with its folders, at a domain that is hosted here. */
export async function openMailbox(database: Database, name: string, more: { kind?: string } = {}) {
  const [mailboxId, ownerId] = [randomUUID(), randomUUID()];
  const address = `${name}@${domain}`;
  await database.transaction({}, async (manager) => {
    await manager.query(
      `insert into hosted_domain (domain, valid_from, legal_basis)
       values ($1, '2021-01-01', 'Quy chế thư công vụ') on conflict do nothing`,
      [domain],
    );
    await manager.query(
      `insert into mailbox (id, address, kind, owner_id, name, state) values ($1, $2, $3, $4, $2, 'open')`,
      [mailboxId, address, more.kind ?? 'person', ownerId],
    );
    await provisionFolders(manager, mailboxId);
  });
  return { mailboxId, ownerId, address };
}

/** Lines of a message, with CRLF. */
export const messageOf = (...lines: string[]) => Buffer.from(lines.join('\r\n'));

/** Accepts a message as if it had come from another server. */
export function acceptFor(
  database: Database,
  octets: Buffer,
  recipients: string[],
  more: Partial<Accepted> = {},
): Promise<string> {
  return database.transaction({}, (manager) =>
    accept(manager, {
      ...{ octets, recipients, way: 'exchange', reversePath: 'dan@example.org' },
      received:
        'Received: from example.org by mail.lamdong.gov.vn; Tue, 24 Nov 2026 08:00:00 +0700',
      ...more,
    }),
  );
}
