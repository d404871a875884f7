import type { MailRule } from '@eoffice/contracts';
import { localDay } from '@eoffice/platform/local-time';
import type { EntityManager } from 'typeorm';
import type { Domains } from '../mailboxes/address.js';
import { domainsToday } from '../mailboxes/domains.js';

export type Rule = Pick<MailRule, 'id' | 'code' | 'action' | 'words' | 'legalBasis'>;

/** What official mail is judged by on a day. */
export interface Rules {
  rules: ReadonlyMap<string, Rule>;
  domains: Domains;
}

/** The rules and domains in force today: of each rule the newest row. */
export async function rulesToday(manager: EntityManager): Promise<Rules> {
  const rows = await manager.query<Rule[]>(
    `select distinct on (code) id, code, action, words, legal_basis as "legalBasis" from mail_rule
     where valid_from <= $1 and (valid_to is null or valid_to >= $1)
     order by code, valid_from desc`,
    [localDay()],
  );
  const rules = new Map(rows.map((rule) => [rule.code as string, rule]));
  return { rules, domains: await domainsToday(manager) };
}
