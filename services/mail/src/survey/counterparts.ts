import { domainOf, type Domains, verdictOf } from '../mailboxes/address.js';
import type { Counterpart } from './ledger.js';

const worstFirst = ['private', 'other', 'official'] as const;

/** What a mail counts as by those it came from or goes to: one private address makes it private. */
export function counterpartOf(addresses: string[], domains: Domains): Counterpart {
  const verdicts = new Set(addresses.map((address) => verdictOf(domainOf(address), domains)));
  return worstFirst.find((verdict) => verdicts.has(verdict)) ?? 'other';
}
