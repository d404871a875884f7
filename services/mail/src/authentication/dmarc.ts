import { domainToASCII } from 'node:url';
import { getDomain } from 'tldts';
import { isAbsent, type Resolve } from './resolve.js';

// DMARC (RFC 9989, RFC 7489) decided here: which identifiers count, and whether they are aligned.

export type DmarcResult = 'pass' | 'fail' | 'none' | 'temperror' | 'permerror';

export interface Policy {
  /** Where the record stands. */
  domain: string;
  policy: 'none' | 'quarantine' | 'reject';
  strictDkim: boolean;
  strictSpf: boolean;
}

/** What was proven of a message: domains, as SPF and DKIM saw them. */
export interface Proven {
  spf: string[];
  dkim: string[];
}

export interface Dmarc {
  result: DmarcResult;
  /** The author's domain that decided. */
  from?: string;
  policy?: Policy['policy'];
  reason?: string;
}

/** The domain an owner registered: below a public suffix, private ones included. */
export const organisationOf = (domain: string): string =>
  getDomain(domain, { allowPrivateDomains: true }) ?? domain;

/** Worst first: a message of many authors is as good as the worst of them. */
const order: DmarcResult[] = ['fail', 'permerror', 'temperror', 'none', 'pass'];
const mostAuthors = 10;

/**
 * Judges a message by the domains of its authors. Every one must be proven: who writes a second
 * author beside their own does not lend the first their name.
 */
export async function dmarcOf(authors: string[], proven: Proven, resolve: Resolve): Promise<Dmarc> {
  const domains = [...new Set(authors.map(domainOf))];
  if (domains.length === 0 || domains.length > mostAuthors || domains.includes(''))
    return { result: 'permerror', reason: 'no author, or none that can be read' };
  const each = await Promise.all(domains.map((domain) => judge(domain, proven, resolve)));
  return each.sort((a, b) => order.indexOf(a.result) - order.indexOf(b.result))[0]!;
}

async function judge(from: string, { spf, dkim }: Proven, resolve: Resolve): Promise<Dmarc> {
  let record: Policy | undefined;
  try {
    record = await policyOf(from, resolve);
  } catch (error) {
    return { result: 'temperror', from, reason: (error as Error).message };
  }
  if (!record) return { result: 'none', from };
  const { policy, strictDkim, strictSpf } = record;
  const aligned =
    dkim.some((domain) => isAligned(from, domain, strictDkim)) ||
    spf.some((domain) => isAligned(from, domain, strictSpf));
  return { result: aligned ? 'pass' : 'fail', from, policy };
}

/** Strict: the same domain. Relaxed: of the same organisation. */
export function isAligned(from: string, proven: string, strict: boolean): boolean {
  const domain = domainOf(`@${proven}`);
  if (from === domain) return true;
  return !strict && organisationOf(from) === organisationOf(domain);
}

/** The policy of a domain: its own record, or else that of its organisation. */
async function policyOf(domain: string, resolve: Resolve): Promise<Policy | undefined> {
  const organisation = organisationOf(domain);
  for (const place of new Set([domain, organisation])) {
    const record = await recordAt(place, resolve);
    if (!record) continue;
    const own = place === domain;
    const said = (!own && record.get('sp')) || record.get('p');
    const policy = said === 'quarantine' || said === 'reject' ? said : 'none';
    return {
      ...{ domain: place, policy },
      strictDkim: record.get('adkim') === 's',
      strictSpf: record.get('aspf') === 's',
    };
  }
  return undefined;
}

async function recordAt(domain: string, resolve: Resolve) {
  let texts: string[];
  try {
    texts = (await resolve(`_dmarc.${domain}`, 'TXT')).map((parts) => parts.join(''));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  const records = texts.filter((text) => /^v\s*=\s*DMARC1\s*(;|$)/.test(text));
  // Of two nobody knows which counts.
  if (records.length !== 1) return undefined;
  const tags = records[0]!.split(';').map((tag) => tag.split('=', 2).map((part) => part.trim()));
  return new Map(tags.map(([name = '', value = '']) => [name.toLowerCase(), value.toLowerCase()]));
}

/** As DNS knows it; '' for what is none. */
function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1).replace(/\.$/, '');
  return domainToASCII(domain).toLowerCase();
}
