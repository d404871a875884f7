import { context, contextOf, type Der, tags } from '../asn1/der.js';
import { textOf } from '../asn1/values.js';
import { attributeTypes } from '../oids.js';
import type { Certificate } from './certificate.js';
import { type GeneralName, generalNameOf } from './general-names.js';
import type { Name } from './names.js';
import { dnsLabels, hostOfUri, isIp, mailboxOf } from './host-names.js';

/** Subtrees of names (RFC 5280, 4.2.1.10). */
export interface NameConstraints {
  permitted: GeneralName[];
  excluded: GeneralName[];
}

const maxSubtrees = 20_000;

/** Comparisons that one path may cost, each of as many octets as `share`. */
const maxComparisons = 1_000_000;
const share = 64;

/** Reads the extension. Bases that no name could be compared with are refused here. */
export function nameConstraintsOf(der: Der): NameConstraints {
  const reader = der.must(tags.sequence).inside();
  const permitted = reader.optional(contextOf(0));
  const excluded = reader.optional(contextOf(1));
  reader.finish();
  if (!permitted && !excluded) der.fail('name constraints of none');
  return { permitted: subtreesOf(permitted), excluded: subtreesOf(excluded) };
}

function subtreesOf(list: Der | undefined): GeneralName[] {
  if (!list) return [];
  const subtrees = list.list(maxSubtrees).map((one) => {
    const reader = one.must(tags.sequence).inside();
    const base = generalNameOf(reader.next());
    const minimum = reader.optional(context(0))?.as(tags.integer).smallInteger() ?? 0;
    if (minimum !== 0 || reader.optional(context(1))) one.fail('a subtree with a distance');
    reader.finish();
    if (!wellFormed(base)) one.fail(`a subtree of a malformed name (${base.form})`);
    return base;
  });
  return subtrees.length > 0 ? subtrees : list.fail('a list of no subtrees');
}

function wellFormed(base: GeneralName): boolean {
  switch (base.form) {
    case 'dns':
      return base.text === '' || dnsLabels(base.text) !== undefined;
    case 'email':
      return base.text.includes('@') ? mailboxOf(base.text) !== undefined : domain(base.text);
    case 'uri':
      return domain(base.text) && !isIp(base.text);
    case 'ip':
      return [8, 32].includes(base.address.length) && contiguous(base.address);
    default:
      return true;
  }
}

/** A host, or all hosts below one when a period comes first. */
const domain = (text: string) =>
  dnsLabels(text.startsWith('.') ? text.slice(1) : text) !== undefined;

/** A mask in the style of CIDR: ones, then zeros (RFC 4632). */
function contiguous(address: Buffer): boolean {
  const mask = address.subarray(address.length / 2);
  const bits = [...mask].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits);
}

const smtpUtf8Mailbox = '1.3.6.1.5.5.7.8.9';

/** A mailbox in UTF-8: what constraints of mailboxes say of hosts holds for it too (RFC 9598, 6). */
interface Utf8Mailbox {
  form: 'email';
  utf8: string;
}

type Constrained = GeneralName | Utf8Mailbox;

/** Names of a certificate that constraints apply to: its subject and its alternative names. */
export function constrainedNames(certificate: Certificate): Constrained[] {
  const { subject, subjectAltName: alternatives = [] } = certificate;
  const names: Constrained[] = [...alternatives];
  for (const one of alternatives) {
    if (one.form !== 'other' || one.type !== smtpUtf8Mailbox) continue;
    names.push({ form: 'email', utf8: textOf(one.value) ?? '' });
  }
  if (!subject.empty) names.push({ form: 'directory', name: subject, der: subject.der });
  // Only where there are no alternative names (RFC 5280, 4.2.1.10).
  const old = certificate.subjectAltName ? [] : subject.textsOf(attributeTypes.emailAddress);
  for (const text of old) names.push({ form: 'email', text, der: subject.der });
  return names;
}

/** A name, or the base of a subtree, made ready to be compared many times. */
interface Ready {
  form: GeneralName['form'];
  /** What is compared: a host in lower case, or all of a directory name. Absent: nothing can be said. */
  text?: string;
  /** Of a mailbox; absent when hosts alone are compared. */
  local?: string;
  /** A wildcard whose host this is, or a base that stands for what is below it. */
  open?: boolean;
  address?: Buffer;
  /** Shares of work that one comparison costs. */
  cost: number;
}

/** The state variables permitted_subtrees and excluded_subtrees of a path (RFC 5280, 6.1.2). */
export class NameSubtrees {
  // Permitted subtrees of several certificates intersect: a name must be inside one of each list.
  private readonly permitted: Ready[][] = [];
  private readonly excluded: Ready[] = [];
  private comparisons = 0;

  add(constraints: NameConstraints) {
    if (constraints.permitted.length > 0) this.permitted.push(constraints.permitted.map(readyBase));
    this.excluded.push(...constraints.excluded.map(readyBase));
  }

  get unbounded(): boolean {
    return this.permitted.length === 0 && this.excluded.length === 0;
  }

  /** Why a certificate's names are not acceptable, in words; `undefined` when they are. */
  refusal(certificate: Certificate): string | undefined {
    if (this.unbounded) return undefined;
    const names = constrainedNames(certificate);
    const cost = (bases: Ready[]) => bases.reduce((sum, one) => sum + one.cost, 0);
    const once = this.permitted.reduce((sum, list) => sum + cost(list), cost(this.excluded));
    this.comparisons += names.length * once;
    if (this.comparisons > maxComparisons) return 'more comparisons than a path may cost';
    for (const name of names) {
      const refusal = this.refusalOf(readyName(name));
      if (refusal) return `${shown(name)} is ${refusal}`;
    }
    return undefined;
  }

  private refusalOf(name: Ready): string | undefined {
    for (const base of this.excluded) {
      if (base.form === name.form && relate(name, base) !== 'outside') return 'excluded';
    }
    for (const list of this.permitted) {
      const bases = list.filter((base) => base.form === name.form);
      if (bases.length > 0 && !bases.some((base) => relate(name, base) === 'inside')) {
        return 'not permitted';
      }
    }
    return undefined;
  }
}

const hostOf = (text: string): string | undefined => dnsLabels(text)?.join('.');

/** Every relative name ends in what none contains, so that one name begins with another or does not. */
const wholeKey = ({ rdnKeys }: Name): string => rdnKeys.map((key) => `${key}\u0000`).join('');

function readyName(name: Constrained): Ready {
  const cost = 1;
  if ('utf8' in name) {
    const at = name.utf8.lastIndexOf('@');
    return { form: 'email', text: at > 0 ? hostOf(name.utf8.slice(at + 1)) : undefined, cost };
  }
  const { form } = name;
  switch (form) {
    case 'directory':
      return { form, text: wholeKey(name.name), cost };
    case 'ip':
      return { form, address: name.address, cost };
    case 'email': {
      const mailbox = mailboxOf(name.text);
      return { form, text: mailbox?.host, local: mailbox?.local, cost };
    }
    case 'uri': {
      const host = hostOfUri(name.text);
      return { form, text: host && !isIp(host) ? hostOf(host) : undefined, cost };
    }
    case 'dns': {
      const open = name.text.startsWith('*.');
      return { form, text: hostOf(open ? name.text.slice(2) : name.text), open, cost };
    }
    default:
      return { form, cost };
  }
}

/** The bases are well formed: the extension has been read. */
function readyBase(base: GeneralName): Ready {
  const { form } = base;
  const cost = 1;
  switch (form) {
    case 'directory': {
      const text = wholeKey(base.name);
      return { form, text, cost: 1 + Math.floor(text.length / share) };
    }
    case 'ip':
      return { form, address: base.address, cost };
    case 'email':
    case 'uri':
    case 'dns': {
      const mailbox =
        form === 'email' && base.text.includes('@') ? mailboxOf(base.text) : undefined;
      if (mailbox) return { form, text: mailbox.host, local: mailbox.local, cost };
      const open = base.text.startsWith('.');
      return { form, text: base.text.slice(open ? 1 : 0).toLowerCase(), open, cost };
    }
    default:
      return { form, cost };
  }
}

/** `partly`: a wildcard or a name we cannot judge may lie inside, so it is not outside either. */
type Relation = 'inside' | 'outside' | 'partly';

function relate(name: Ready, base: Ready): Relation {
  if (name.address && base.address) return relateIp(name.address, base.address);
  // Forms whose subtrees no standard defines, and names that are malformed: neither permitted nor safe.
  if (name.text === undefined || base.text === undefined) return 'partly';
  if (name.form === 'directory') return name.text.startsWith(base.text) ? 'inside' : 'outside';
  if (name.form === 'dns') return relateDns(name.text, base.text, name.open);
  if (base.local === undefined) return relateHost(name.text, base);
  if (name.text !== base.text) return 'outside';
  // Of a mailbox in UTF-8 only the host is compared.
  return name.local === undefined ? 'partly' : name.local === base.local ? 'inside' : 'outside';
}

const below = (host: string, base: string) =>
  host.length > base.length && host.endsWith(base) && host.at(-base.length - 1) === '.';

/** Any name made by adding labels on the left of the base. */
function relateDns(host: string, base: string, wildcard = false): Relation {
  if (base === '' || host === base || below(host, base)) return 'inside';
  const covers = wildcard && below(base, host) && !base.slice(0, -host.length - 1).includes('.');
  return covers ? 'partly' : 'outside';
}

/** The host itself; or, after a period, every host below but not the domain itself. */
function relateHost(host: string, { text: base, open }: Ready): Relation {
  return (open ? below(host, base!) : host === base) ? 'inside' : 'outside';
}

const mapped = Buffer.from('00000000000000000000ffff', 'hex');

function relateIp(address: Buffer, base: Buffer): Relation {
  if (address.length !== 4 && address.length !== 16) return 'partly';
  const size = base.length / 2;
  // An address of version 4 written as one of version 6 (RFC 4291, 2.5.5.2) may be let in by neither.
  if (size === 4 && address.subarray(0, 12).equals(mapped)) {
    return relateIp(address.subarray(12), base) === 'inside' ? 'partly' : 'outside';
  }
  if (size !== address.length) return 'outside';
  const inside = address.every((octet, at) => {
    const mask = base[size + at]!;
    return (octet & mask) === (base[at]! & mask);
  });
  return inside ? 'inside' : 'outside';
}

const shown = (name: Constrained) => {
  if ('utf8' in name) return `the mailbox ${name.utf8.slice(0, 320)}`;
  if (name.form === 'directory') return `the name ${name.name}`;
  return 'text' in name ? `the ${name.form} name ${name.text}` : `a name of form ${name.form}`;
};
