import type { Database } from '@eoffice/platform/database';
import { folderOf } from '../folders/provision.js';
import type { Domains } from '../mailboxes/address.js';
import type { Taken } from '../reading/message-reader.js';
import { addEmail } from '../store/add-email.js';
import { nextState } from '../store/state.js';
import { type Acceptance, settle } from './acceptances.js';
import { noteArrival } from './arrival.js';

/**
 * Puts an accepted message into a mailbox and settles its recipients there, in one transaction, and
 * with the last of them the acceptance: it comes once, however often this is tried and by whichever of its addresses it was sent.
 */
export async function deliver(
  database: Database,
  acceptance: Acceptance,
  mailboxId: string,
  recipients: string[],
  { summary, facts }: Taken,
  domains: Domains,
): Promise<void> {
  await database.transaction({}, async (manager) => {
    const state = await nextState(manager, mailboxId);
    const [there] = await manager.query<{ id: string }[]>(
      `select id from email where mailbox_id = $1 and acceptance_id = $2
       union all select email_id from delivery where acceptance_id = $2 and mailbox_id = $1
         and state = 'delivered' limit 1`,
      [mailboxId, acceptance.id],
    );
    const { sha256, size, acceptedAt: receivedAt, id: acceptanceId } = acceptance;
    const added =
      there ??
      (await addEmail(manager, state, {
        ...{ mailboxId, sha256, size, summary, receivedAt, acceptanceId, keywords: [] },
        folderIds: [await folderOf(manager, mailboxId, 'inbox', state)],
      }));
    if (!there) await noteArrival(manager, acceptance, mailboxId, facts, domains);
    await manager.query(
      `update delivery set state = 'delivered', mailbox_id = $3, email_id = $4, settled_at = now()
       where acceptance_id = $1 and recipient = any ($2) and state = 'pending'`,
      [acceptanceId, recipients, mailboxId, added.id],
    );
    await settle(manager, acceptance);
  });
}
