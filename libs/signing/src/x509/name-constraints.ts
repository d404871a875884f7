import { context, contextOf, type Der, tags } from '../asn1/der.js';
import { textOf } from '../asn1/values.js';
import { attributeTypes } from '../oids.js';
import type { Certificate } from './certificate.js';
import { type GeneralName, generalNameOf } from './general-names.js';
import { dnsLabels, hostOfUri, isIp, mailboxOf } from './host-names.js';

/** Subtrees of names (RFC 5280, 4.2.1.10). */
export interface NameConstraints {
  permitted: GeneralName[];
  excluded: GeneralName[];
}

const maxSubtrees = 20_000;

/** Comparisons that one path may cost. */
export const maxComparisons = 250_000;

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

/** The state variables permitted_subtrees and excluded_subtrees of a path (RFC 5280, 6.1.2). */
export class NameSubtrees {
  // Permitted subtrees of several certificates intersect: a name must be inside one of each list.
  private readonly permitted: GeneralName[][] = [];
  private readonly excluded: GeneralName[] = [];
  private comparisons = 0;

  add(constraints: NameConstraints) {
    if (constraints.permitted.length > 0) this.permitted.push(constraints.permitted);
    this.excluded.push(...constraints.excluded);
  }

  get unbounded(): boolean {
    return this.permitted.length === 0 && this.excluded.length === 0;
  }

  /** Why a certificate's names are not acceptable, in words; `undefined` when they are. */
  refusal(certificate: Certificate): string | undefined {
    if (this.unbounded) return undefined;
    const names = constrainedNames(certificate);
    const lists = this.permitted.reduce((sum, list) => sum + list.length, this.excluded.length);
    this.comparisons += names.length * lists;
    if (this.comparisons > maxComparisons) return 'more comparisons than a path may cost';
    for (const name of names) {
      const refusal = this.refusalOf(name);
      if (refusal) return refusal;
    }
    return undefined;
  }

  private refusalOf(name: Constrained): string | undefined {
    for (const base of this.excluded) {
      if (base.form !== name.form) continue;
      const relation = relate(name, base);
      if (relation !== 'outside') return `${shown(name)} is excluded`;
    }
    for (const list of this.permitted) {
      const bases = list.filter((base) => base.form === name.form);
      if (bases.length > 0 && !bases.some((base) => relate(name, base) === 'inside')) {
        return `${shown(name)} is not permitted`;
      }
    }
    return undefined;
  }
}

/** `partly`: a wildcard or a name we cannot judge may lie inside, so it is not outside either. */
type Relation = 'inside' | 'outside' | 'partly';

function relate(name: Constrained, base: GeneralName): Relation {
  if ('utf8' in name) return base.form === 'email' ? relateUtf8(name.utf8, base.text) : 'partly';
  if (name.form === 'directory' && base.form === 'directory') {
    return name.name.within(base.name) ? 'inside' : 'outside';
  }
  if (name.form === 'dns' && base.form === 'dns') return relateDns(name.text, base.text);
  if (name.form === 'email' && base.form === 'email') return relateEmail(name.text, base.text);
  if (name.form === 'uri' && base.form === 'uri') {
    const host = hostOfUri(name.text);
    return host === undefined || isIp(host) ? 'partly' : relateHost(host, base.text);
  }
  if (name.form === 'ip' && base.form === 'ip') return relateIp(name.address, base.address);
  // Forms whose subtrees no standard defines: neither permitted nor safe.
  return 'partly';
}

/** Any name made by adding labels on the left of the base. */
function relateDns(text: string, base: string): Relation {
  const wildcard = text.startsWith('*.');
  const labels = dnsLabels(wildcard ? text.slice(2) : text);
  if (!labels) return 'partly';
  const baseLabels = base === '' ? [] : dnsLabels(base)!;
  if (endsWith(labels, baseLabels)) return 'inside';
  const covers = wildcard && baseLabels.length === labels.length + 1;
  return covers && endsWith(baseLabels, labels) ? 'partly' : 'outside';
}

const endsWith = (labels: string[], tail: string[]) =>
  tail.length <= labels.length && tail.every((label, at) => label === labels.at(at - tail.length));

function relateEmail(text: string, base: string): Relation {
  const mailbox = mailboxOf(text);
  if (!mailbox) return 'partly';
  if (!base.includes('@')) return relateHost(mailbox.host, base);
  const wanted = mailboxOf(base)!;
  return mailbox.local === wanted.local && mailbox.host === wanted.host ? 'inside' : 'outside';
}

/** Only the host is compared; of the same host, a constraint to one mailbox leaves it open. */
function relateUtf8(text: string, base: string): Relation {
  const at = text.lastIndexOf('@');
  const host = text.slice(at + 1).toLowerCase();
  if (at < 1 || !dnsLabels(host)) return 'partly';
  if (!base.includes('@')) return relateHost(host, base);
  return host === mailboxOf(base)!.host ? 'partly' : 'outside';
}

/** The host itself; or, after a period, every host below but not the domain itself. */
function relateHost(host: string, base: string): Relation {
  const labels = dnsLabels(host);
  if (!labels) return 'partly';
  const below = base.startsWith('.');
  const baseLabels = dnsLabels(below ? base.slice(1) : base)!;
  const longer = labels.length - baseLabels.length;
  return (below ? longer > 0 : longer === 0) && endsWith(labels, baseLabels) ? 'inside' : 'outside';
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
