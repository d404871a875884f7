import { randomUUID } from 'node:crypto';
import {
  type Caller,
  Conflict,
  type EnactMailDomain,
  type EnactMailRule,
  type EndMailDomain,
  type EndMailRule,
  everywhere,
  Invalid,
  MailDomain,
  type MailFindings,
  type MailPolicy,
  mailPolicy,
  mailPolicyChanged,
  MailRule,
  NotFound,
  type TryMail,
} from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import { columnsOf, keep, present } from '@eoffice/platform/keep';
import { Serves } from '@eoffice/platform/serves';
import { domainOf, judge } from '../mailboxes/address.js';
import { judgeMail, type NamedAddress } from './judging.js';
import { rulesToday } from './rules.js';

const permission = 'mail.keep-policy';

/** Serves the dated rules that official mail is judged by, and tries mails against them. */
@Serves(mailPolicy)
export class Policy {
  constructor(private readonly database: Database) {}

  async show(): Promise<MailPolicy> {
    const rules = await this.database.query<MailRule>(
      `select ${columnsOf(MailRule)} from mail_rule order by code, valid_from desc limit 1000`,
    );
    const domains = await this.database.query<MailDomain>(
      `select ${columnsOf(MailDomain)} from mail_domain order by domain, valid_from desc limit 5000`,
    );
    return { rules: rules.map(present), domains: domains.map(present) };
  }

  enact(input: EnactMailRule, caller: Caller): Promise<MailRule> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, everywhere);
      const known = await manager.query<unknown[]>(
        'select 1 from mail_rule where code = $1 and valid_from = $2',
        [input.code, input.validFrom],
      );
      if (known.length > 0) throw new Conflict();
      const rule = { id: randomUUID(), ...input };
      await keep(manager, 'mail_rule', ['id'], MailRule, rule);
      emit(mailPolicyChanged, rule.id, { subject: rule.id });
      return rule;
    });
  }

  end({ id, validTo }: EndMailRule, caller: Caller): Promise<MailRule> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, everywhere);
      await manager.query('update mail_rule set valid_to = $2 where id = $1', [id, validTo]);
      const [rule] = await manager.query<MailRule[]>(
        `select ${columnsOf(MailRule)} from mail_rule where id = $1`,
        [id],
      );
      if (!rule) throw new NotFound();
      emit(mailPolicyChanged, id, { subject: id });
      return rule;
    });
  }

  enactDomain(input: EnactMailDomain, caller: Caller): Promise<MailDomain> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, everywhere);
      const domain = asKnown(input.domain);
      const known = await manager.query<unknown[]>(
        'select 1 from mail_domain where domain = $1 and valid_from = $2',
        [domain, input.validFrom],
      );
      if (known.length > 0) throw new Conflict();
      const row = { ...input, domain };
      await keep(manager, 'mail_domain', ['domain', 'validFrom'], MailDomain, row);
      emit(mailPolicyChanged, domain, { subject: domain });
      return row;
    });
  }

  endDomain({ domain, validFrom, validTo }: EndMailDomain, caller: Caller): Promise<MailDomain> {
    return this.database.transaction(caller, async (manager, emit) => {
      caller.acting(permission, everywhere);
      const key = [asKnown(domain), validFrom];
      await manager.query(
        'update mail_domain set valid_to = $3 where domain = $1 and valid_from = $2',
        [...key, validTo],
      );
      const [row] = await manager.query<MailDomain[]>(
        `select ${columnsOf(MailDomain)} from mail_domain where domain = $1 and valid_from = $2`,
        key,
      );
      if (!row) throw new NotFound();
      emit(mailPolicyChanged, row.domain, { subject: row.domain });
      return row;
    });
  }

  async try({ way, senders, recipients, ...rest }: TryMail): Promise<MailFindings> {
    const rules = await rulesToday(this.database.manager);
    const named = (where: string) => (given: string) => nameOf(given, where);
    const facts = {
      ...{ way, ...rest },
      senders: senders.map(named('From')),
      recipients: recipients.map(named('To')),
    };
    return { items: judgeMail(facts, rules) };
  }
}

/** A domain as it is looked for: IDNA and small letters; `yahoo.*` stays what it is. Throws Invalid. */
function asKnown(given: string): string {
  const [, brand] = /^([a-z0-9-]+)\.\*$/i.exec(given) ?? [];
  const domain = brand ? `${brand.toLowerCase()}.*` : domainOf(`x@${given}`);
  if (domain.includes('.')) return domain;
  throw new Invalid([
    { pointer: '/domain', detail: { vi: 'Không phải tên miền', en: 'Not a domain' } },
  ]);
}

function nameOf(given: string, where: string): NamedAddress {
  const { address } = judge(given, new Map());
  return { where, address, name: given.replace(/<[^<>]*>\s*$/, '').trim() };
}
