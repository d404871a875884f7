import { domainToASCII } from 'node:url';
import type { AddressVerdict } from '@eoffice/contracts';
import { nfc } from '@eoffice/platform/text';
import { isEmail } from 'class-validator';
import { parse } from 'tldts';

/** Domains by what they are: the registrable one, a suffix such as `gov.vn`, or `yahoo.*` for any suffix. */
export type Domains = ReadonlyMap<string, 'official' | 'private'>;

/**
 * Judges an address by its own domain, never by the name shown before it nor by a look-alike:
 * `"van thu@lamdong.gov.vn" <x@gmail.com>` is private, `gmail.com.vn.example.org` is neither.
 */
export function judge(given: string, domains: Domains): AddressVerdict {
  const address = addressIn(nfc(given).trim()).replace(/\.$/, '');
  if (!isEmail(address)) return { given, address: '', verdict: 'malformed', acceptable: false };
  const verdict = verdictOf(domainOf(address), domains);
  return { given, address, verdict, acceptable: verdict === 'official' };
}

/** What stands between the last angle brackets, or the whole text. */
function addressIn(text: string): string {
  return /<([^<>]*)>\s*$/.exec(text)?.[1]?.trim() ?? text;
}

/** The domain of an addr-spec as DNS knows it: IDNA, small letters, no dot at the end; '' if it is none. */
export function domainOf(address: string): string {
  return domainToASCII(address.slice(address.lastIndexOf('@') + 1)).replace(/\.$/, '');
}

/** The longest known ending of a domain decides, by whole labels; then the provider's name before any suffix. */
export function verdictOf(domain: string, domains: Domains): 'official' | 'private' | 'other' {
  const labels = domain.split('.');
  for (let start = 0; start < labels.length - 1; start++) {
    const found = domains.get(labels.slice(start).join('.'));
    if (found) return found;
  }
  const { domainWithoutSuffix } = parse(domain);
  return domains.get(`${domainWithoutSuffix}.*`) ?? 'other';
}
