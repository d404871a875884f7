import {
  type Access,
  type AccessPage,
  type Caller,
  cursorOf,
  type GiveGrant,
  type Grant,
  GrantEnded,
  type Grants,
  grants,
  Invalid,
  keyOf,
  type ListAccesses,
  type MailboxesOfMine,
  NotFound,
  type OfMailbox,
  type OneGrant,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { mayManage } from './manage.js';
import { mailboxesOf, rightsOf } from './rights-of.js';

const columns = `id, person_id as "personId", reads as read, sends_as as "sendAs",
  sends_on_behalf as "sendOnBehalf", valid_from as "validFrom", valid_to as "validTo", reason,
  given_by as "givenBy", given_at as "givenAt", ended_at as "endedAt"`;

/** Keeps what others may do with a mailbox, and shows its owner who was there. */
@Serves(grants)
export class MailboxGrants {
  constructor(private readonly database: Database) {}

  async mine(_: object, caller: Caller): Promise<MailboxesOfMine> {
    if (!caller.personId) return { items: [] };
    return { items: await mailboxesOf(this.database.manager, caller) };
  }

  async list({ mailboxId }: OfMailbox, caller: Caller): Promise<Grants> {
    await checkKeeper(this.database.manager, caller, mailboxId);
    const items = await this.database.query<Grant>(
      `select ${columns} from mailbox_grant where mailbox_id = $1 order by given_at desc, id limit 500`,
      [mailboxId],
    );
    return { items };
  }

  async give(input: GiveGrant, caller: Caller): Promise<Grant> {
    const { mailboxId, personId, read, sendAs, sendOnBehalf, validFrom, validTo, reason } = input;
    if (!read && !sendAs && !sendOnBehalf) throw noRight();
    if (validTo && validTo < validFrom) throw endsBefore();
    return this.database.transaction(caller, async (manager, _, record) => {
      await checkKeeper(manager, caller, mailboxId);
      const [grant] = await manager.query<Grant[]>(
        `insert into mailbox_grant (mailbox_id, person_id, reads, sends_as, sends_on_behalf, valid_from,
           valid_to, reason, given_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         returning ${columns}`,
        [
          ...[mailboxId, personId, read ?? false, sendAs ?? false, sendOnBehalf ?? false],
          ...[validFrom, validTo ?? null, reason, caller.personId],
        ],
      );
      record('mail.grants.given', mailboxId, { grantId: grant!.id, personId });
      return grant!;
    });
  }

  async end({ mailboxId, id }: OneGrant, caller: Caller) {
    return this.database.transaction(caller, async (manager, _, record) => {
      await checkKeeper(manager, caller, mailboxId);
      const [grant] = await manager.query<Grant[]>(
        `select ${columns} from mailbox_grant where mailbox_id = $1 and id = $2 for update`,
        [mailboxId, id],
      );
      if (!grant) throw new NotFound();
      if (grant.endedAt) throw new GrantEnded();
      await manager.query(
        'update mailbox_grant set ended_at = now(), ended_by = $2 where id = $1',
        [id, caller.personId],
      );
      record('mail.grants.ended', mailboxId, { grantId: id, personId: grant.personId });
      return {};
    });
  }

  /** The log is what the journal has of the mailbox; who only may read it does not see it. */
  async accesses(input: ListAccesses, caller: Caller): Promise<AccessPage> {
    const { mailboxId, limit = 50, after } = input;
    await checkOwner(this.database.manager, caller, mailboxId);
    const [place = null] = keyOf(after) ?? [];
    const rows = await this.database.query<Access & { position: number }>(
      `select at at time zone 'UTC' as at, actor as "personId", action, data, position::float8 as position
       from audit where stream = $1 and ($2::bigint is null or position < $2)
         and actor is not null and action like any ('{mail.folders.%,mail.messages.%,mail.grants.%}')
       order by position desc limit $3`,
      [mailboxId, place, limit],
    );
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return { items: rows, next: last && cursorOf(last.position) };
  }
}

async function checkOwner(manager: EntityManager, caller: Caller, mailboxId: string) {
  const { own } = await rightsOf(manager, caller, mailboxId);
  if (!own) throw new NotFound();
}

/** The owner of a mailbox, and whoever keeps mailboxes for its agency, give others rights to it. */
async function checkKeeper(manager: EntityManager, caller: Caller, mailboxId: string) {
  if (await mayManage(manager, caller, mailboxId)) return;
  await checkOwner(manager, caller, mailboxId);
}

const noRight = () =>
  new Invalid([
    {
      pointer: '/read',
      detail: {
        vi: 'phải cho ít nhất một quyền: read, sendAs, sendOnBehalf',
        en: 'give at least one right: read, sendAs, sendOnBehalf',
      },
    },
  ]);

const endsBefore = () =>
  new Invalid([
    {
      pointer: '/validTo',
      detail: { vi: 'phải từ ngày bắt đầu trở đi', en: 'must not be before the first day' },
    },
  ]);
