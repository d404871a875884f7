import {
  type AddressVerdicts,
  type Caller,
  type CheckAddresses,
  cursorOf,
  keyOf,
  type ListMailboxes,
  Mailbox,
  mailboxes,
  type MailboxPage,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import { judge } from './address.js';
import { domainsToday } from './domains.js';

/** Lists official mailboxes, and tells official addresses from private ones. */
@Serves(mailboxes)
export class Mailboxes {
  constructor(private readonly database: Database) {}

  async list(input: ListMailboxes, caller: Caller): Promise<MailboxPage> {
    const { limit = 50, after, agencyId, state } = input;
    const [address = null, id = null] = keyOf(after) ?? [];
    const reading = caller.positions.filter(({ permissions }) => permissions.includes('mail.read'));
    const wide = reading.some(({ reach }) => reach !== 'organisation');
    const items = await this.database.query<Mailbox>(
      `select ${columnsOf(Mailbox)} from mailbox
       where ($1 or agency_id = any ($2::uuid[])) and ($3::uuid is null or agency_id = $3)
         and ($4::text is null or state = $4)
         and ($5::text is null or (lower(address), id) > ($5, $6::uuid))
       order by lower(address), id limit $7`,
      [
        wide,
        reading.map(({ organisationId }) => organisationId),
        agencyId ?? null,
        state ?? null,
        address,
        id,
        limit,
      ],
    );
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next: last && cursorOf(last.address.toLowerCase(), last.id) };
  }

  async check({ addresses }: CheckAddresses): Promise<AddressVerdicts> {
    const domains = await domainsToday(this.database.manager);
    return { items: addresses.map((address) => judge(address, domains)) };
  }
}
