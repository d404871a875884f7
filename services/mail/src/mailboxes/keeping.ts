import {
  AddressTaken,
  type Alias,
  type Caller,
  type EndAlias,
  Forbidden,
  type Forwarding,
  type ForwardMailbox,
  type GiveAlias,
  type HostDomain,
  HostedDomain,
  type HostedDomains,
  mailboxKeeping,
  type MailboxState,
  MailboxStillOpen,
  NotFound,
  NotHosted,
  type OfMailbox,
  type SetQuota,
  type SuspendMailbox,
} from '@eoffice/contracts';
import { Database, type Record } from '@eoffice/platform/database';
import { columnsOf } from '@eoffice/platform/keep';
import { localDay } from '@eoffice/platform/local-time';
import { Serves } from '@eoffice/platform/serves';
import type { EntityManager } from 'typeorm';
import { checkKnown, mayManage } from '../rights/manage.js';
import { addressKey, placeOf } from '../store/recipients.js';
import { isTaken } from './addresses.js';

const aliasColumns = `address, kind, reason, given_at as "givenAt", ended_at as "endedAt"`;

/** Keeps mailboxes for agencies: their domains, other addresses, quotas, suspension and forwarding. */
@Serves(mailboxKeeping)
export class MailboxKeeping {
  constructor(private readonly database: Database) {}

  async domains(): Promise<HostedDomains> {
    const items = await this.database.query<HostedDomain>(
      `select ${columnsOf(HostedDomain)} from hosted_domain order by domain, valid_from limit 500`,
    );
    return { items };
  }

  host({ domain, validFrom, validTo, legalBasis }: HostDomain, caller: Caller) {
    const everywhere = caller.positions.some(
      ({ permissions, reach }) => permissions.includes('mail.manage') && reach !== 'organisation',
    );
    if (!everywhere) throw new Forbidden();
    return this.database.transaction(caller, async (manager, _, record) => {
      const [hosted] = await manager.query<HostedDomain[]>(
        `insert into hosted_domain (domain, valid_from, valid_to, legal_basis) values ($1, $2, $3, $4)
         on conflict (domain, valid_from) do update set valid_to = excluded.valid_to,
           legal_basis = excluded.legal_basis
         returning ${columnsOf(HostedDomain)}`,
        [domain, validFrom, validTo ?? null, legalBasis],
      );
      record('mail.keeping.hosted', domain, hosted!);
      return hosted!;
    });
  }

  async find({ mailboxId }: OfMailbox, caller: Caller): Promise<MailboxState> {
    await checkKnown(this.database.manager, caller, mailboxId);
    const [state] = await this.database.query<Omit<MailboxState, 'aliases'>>(
      `select m.id as "mailboxId", m.octets::float8 as used, quota_of(m.id, $2)::float8 as quota,
         (select reason from mailbox_suspension s where s.mailbox_id = m.id and s.since <= now()
           and (s.until is null or s.until > now()) order by since limit 1) as suspended
       from mailbox m where m.id = $1`,
      [mailboxId, localDay()],
    );
    const aliases = await this.database.query<Alias>(
      `select ${aliasColumns} from alias where mailbox_id = $1 order by given_at, address limit 200`,
      [mailboxId],
    );
    return { ...state!, aliases };
  }

  giveAlias({ mailboxId, address, reason }: GiveAlias, caller: Caller): Promise<Alias> {
    return this.keep(caller, mailboxId, async (manager, record) => {
      if (!(await placeOf(manager, address)).hosted) throw new NotHosted();
      if (await isTaken(manager, address, mailboxId)) throw new AddressTaken();
      const [alias] = await manager.query<Alias[]>(
        `insert into alias (address, mailbox_id, kind, reason) values ($1, $2, 'alias', $3)
         on conflict (address) do update set ended_at = null, reason = excluded.reason
         returning ${aliasColumns}`,
        [addressKey(address), mailboxId, reason],
      );
      record('mail.keeping.alias-given', mailboxId, { address: alias!.address, reason });
      return alias!;
    });
  }

  endAlias({ mailboxId, address }: EndAlias, caller: Caller) {
    return this.keep(caller, mailboxId, async (manager, record) => {
      const [, ended] = await manager.query<[unknown, number]>(
        `update alias set ended_at = now()
         where address = $1 and mailbox_id = $2 and ended_at is null`,
        [addressKey(address), mailboxId],
      );
      if (ended === 0) throw new NotFound();
      record('mail.keeping.alias-ended', mailboxId, { address });
      return {};
    });
  }

  suspend({ mailboxId, reason, until }: SuspendMailbox, caller: Caller) {
    return this.keep(caller, mailboxId, async (manager, record) => {
      await manager.query(
        `insert into mailbox_suspension (mailbox_id, until, reason, suspended_by)
         values ($1, $2, $3, $4)`,
        [mailboxId, until ?? null, reason, caller.personId],
      );
      record('mail.keeping.suspended', mailboxId, { reason, until });
      return {};
    });
  }

  resume({ mailboxId }: OfMailbox, caller: Caller) {
    return this.keep(caller, mailboxId, async (manager, record) => {
      await manager.query(
        `update mailbox_suspension set until = now()
         where mailbox_id = $1 and (until is null or until > now())`,
        [mailboxId],
      );
      record('mail.keeping.resumed', mailboxId, {});
      return {};
    });
  }

  forward(input: ForwardMailbox, caller: Caller): Promise<Forwarding> {
    const { mailboxId, toMailboxId, legalBasis } = input;
    return this.keep(caller, mailboxId, async (manager, record) => {
      const [forwarding] = await manager.query<Forwarding[]>(
        `insert into forwarding (mailbox_id, to_mailbox_id, valid_from, valid_to, legal_basis)
         select m.id, t.id, $3::date, $3::date + forwarding_days_of(m.id, $3), $4
         from mailbox m, mailbox t
         where m.id = $1 and m.state = 'closed' and t.id = $2 and t.state = 'open'
         on conflict (mailbox_id) do update set to_mailbox_id = excluded.to_mailbox_id,
           legal_basis = excluded.legal_basis
         returning to_mailbox_id as "toMailboxId", valid_from as "validFrom", valid_to as "validTo"`,
        [mailboxId, toMailboxId, localDay(), legalBasis],
      );
      if (!forwarding) throw new MailboxStillOpen();
      record('mail.keeping.forwarded', mailboxId, { toMailboxId, legalBasis });
      return forwarding;
    });
  }

  setQuota({ mailboxId, quota }: SetQuota, caller: Caller) {
    return this.keep(caller, mailboxId, async (manager, record) => {
      await manager.query('update mailbox set quota_octets = $2 where id = $1', [
        mailboxId,
        quota ?? null,
      ]);
      record('mail.keeping.quota-set', mailboxId, { quota });
      return {};
    });
  }

  private keep<T extends object>(
    caller: Caller,
    mailboxId: string,
    work: (manager: EntityManager, record: Record) => Promise<T>,
  ): Promise<T> {
    return this.database.transaction(caller, async (manager, _, record) => {
      if (!(await mayManage(manager, caller, mailboxId))) throw new NotFound();
      return work(manager, record);
    });
  }
}
