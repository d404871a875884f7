import { domainToASCII } from 'node:url';
import { type EmailAddress, type EmailAddressGroup, readAddressList } from '../header/addresses.js';
import { ComposeError } from './compose-error.js';
import { encodedWords } from './encode-words.js';
import { headerText, isPlain } from './text.js';

/** Names of fields that hold addresses are no longer, with the colon: `Resent-Reply-To:`. */
const longestName = 16;
const atoms = /^[\w!#$%&'*+/=?^`{|}~-]+(?: [\w!#$%&'*+/=?^`{|}~-]+)*$/;

function phrasePieces(name: string): string[] {
  const short = name.split(' ').every((word) => word.length <= 60);
  if (!isPlain(name) || name.includes('=?') || !short || /^\s|\s$|\t|\s\s/.test(name)) {
    return encodedWords(name, longestName);
  }
  if (atoms.test(name)) return name.split(' ');
  return [`"${name.replace(/["\\]/g, '\\$&')}"`];
}

/** An addr-spec that is read again as exactly the one address it is, or nothing. */
function checkedSpec(email: unknown, property: string): string {
  const given = headerText(email, property);
  const at = given.lastIndexOf('@');
  const local = given.slice(0, at);
  // A domain in letters of its own goes out in A-labels, so that the header stays ASCII if it can.
  const domain = at >= 0 && isPlain(local) ? domainToASCII(given.slice(at + 1)) : '';
  const spec = domain === '' ? given : `${local}@${domain}`;
  const { groups } = readAddressList(`<${spec}>`);
  const read = groups.length === 1 && groups[0]!.addresses.length === 1;
  if (spec === '' || !read || groups[0]!.addresses[0]!.email !== spec) {
    throw new ComposeError(property, `is not an address: ${JSON.stringify(given.slice(0, 100))}`);
  }
  return spec;
}

function addressPieces(address: unknown, property: string): string[] {
  if (typeof address !== 'object' || address === null) {
    throw new ComposeError(property, 'must be an EmailAddress');
  }
  const { name, email } = address as Partial<EmailAddress>;
  const spec = checkedSpec(email, property);
  const named = name === null || name === undefined ? '' : headerText(name, property);
  if (named === '') return [spec.includes('@') ? spec : `<${spec}>`];
  return [...phrasePieces(named), `<${spec}>`];
}

/** The addresses as pieces of a field, each with the white space before it. */
export function addressListPieces(value: unknown, property: string): string[] {
  if (!Array.isArray(value)) throw new ComposeError(property, 'must be a list of EmailAddress');
  const pieces: string[] = [];
  for (const [index, address] of value.entries()) {
    const written = addressPieces(address, property);
    if (index < value.length - 1) written.push(`${written.pop()!},`);
    pieces.push(...written.map((piece) => ` ${piece}`));
  }
  return pieces;
}

/** The groups and the addresses outside of groups as pieces of a field. */
export function groupPieces(value: unknown, property: string): string[] {
  if (!Array.isArray(value)) throw new ComposeError(property, 'must be a list of groups');
  const pieces: string[] = [];
  for (const [index, group] of (value as Partial<EmailAddressGroup>[]).entries()) {
    const written = addressListPieces(group?.addresses, property);
    if (group.name !== null && group.name !== undefined) {
      const name = phrasePieces(headerText(group.name, property) || ' ');
      written.unshift(...name.map((piece) => ` ${piece}`));
      written[name.length - 1] += ':';
      written[written.length - 1] += ';';
    }
    if (written.length === 0) continue;
    if (index < value.length - 1) written[written.length - 1] += ',';
    pieces.push(...written);
  }
  return pieces;
}
