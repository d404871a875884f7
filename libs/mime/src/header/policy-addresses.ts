import { domainToASCII } from 'node:url';
import type { HeaderField } from '../message.js';
import { mostAddresses, readAddressList } from './addresses.js';
import { decodeWordsAnywhere } from './encoded-words.js';
import { unfold } from './unfold.js';

/** An address that a header names, as rules about addresses need it. */
export interface NamedAddress {
  /** As written: local part and domain. */
  address: string;
  localPart: string;
  /** Lower case, in A-labels, without a dot at the end; a domain literal as it is. */
  domain: string;
  /**
   * `mailbox`: an address by the grammar, to which mail goes. `hidden`: it only looks like one, in
   * a display name, a comment, a route, an encoded word, or where the grammar breaks down; some
   * client may take it for one.
   */
  place: 'mailbox' | 'hidden';
}

/** Every address that some fields name. */
export interface NamedAddresses {
  addresses: NamedAddress[];
  /** False where not all of a field could be accounted for: no rule may read that as "none". */
  complete: boolean;
}

/**
 * The addresses of every field of these names, however often each occurs: rules about who writes to
 * whom must see also what an evasion hides. Names without regard to case, for example `from`.
 */
export function addressesOf(header: HeaderField[], names: readonly string[]): NamedAddresses {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const found = new Found();
  let complete = true;
  for (const { name, raw, legacy } of header) {
    if (!wanted.has(name.toLowerCase())) continue;
    const value = unfold(legacy ?? raw);
    const list = readAddressList(value);
    complete &&= list.complete;
    for (const { addresses } of list.groups) {
      for (const { email } of addresses) found.add(email, 'mailbox');
    }
    const decoded = decodeWordsAnywhere(value);
    for (const text of new Set([value, decoded])) {
      for (const look of looksIn(text)) found.add(look, 'hidden');
    }
  }
  return { addresses: found.all(), complete: complete && !found.overflowed };
}

class Found {
  overflowed = false;
  private readonly byKey = new Map<string, NamedAddress>();

  add(address: string, place: NamedAddress['place']): void {
    const at = address.lastIndexOf('@');
    if (at < 0) return;
    const localPart = address.slice(0, at);
    const domain = canonicalDomain(address.slice(at + 1));
    const key = `${localPart}@${domain}`;
    if (this.byKey.has(key)) return;
    if (this.byKey.size >= 2 * mostAddresses) this.overflowed = true;
    else this.byKey.set(key, { address, localPart, domain, place });
  }

  all(): NamedAddress[] {
    return [...this.byKey.values()];
  }
}

/** A domain as it can be compared: IDNA mapped, lower case, without the dot of the root. */
export function canonicalDomain(written: string): string {
  const domain = written.normalize('NFKC').toLowerCase().replace(/\.+$/, '');
  if (domain.startsWith('[') || domain.length > 253) return domain;
  return domainToASCII(domain) || domain;
}

const between = /[\s()<>[\]:;,"\\]+/u;

/**
 * What looks like an address in any text: the letters on both sides of each "@", whichever of the
 * signs that look like one it is.
 */
function* looksIn(text: string): Generator<string> {
  if (!/[@\uff20\ufe6b]/.test(text)) return;
  for (const run of text.normalize('NFKC').split(between)) {
    const pieces = run.split('@');
    for (let index = 1; index < pieces.length; index++) {
      const [local, domain] = [pieces[index - 1]!, pieces[index]!];
      if (local !== '' && domain !== '') yield `${local}@${domain}`;
    }
  }
}
