import type { MailFinding } from '@eoffice/contracts';
import { nfc } from '@eoffice/platform/text';
import { domainOf, verdictOf } from '../mailboxes/address.js';
import { lookAlikeOf } from './look-alike.js';
import type { Rule, Rules } from './rules.js';

/** An address as a header or the envelope names it: what is shown before it decides nothing. */
export interface NamedAddress {
  /** `MAIL FROM`, `RCPT TO`, or the name of the header field. */
  where: string;
  /** The addr-spec, parsed. */
  address: string;
  name?: string;
}

/** What is judged of a mail, or of a rule that forwards mail. */
export interface MailFacts {
  /** `out` is what our people send; `in` comes from elsewhere; `forward` is a standing order. */
  way: 'out' | 'in' | 'forward';
  senders: NamedAddress[];
  recipients: NamedAddress[];
  subject?: string;
  /** The beginning of the text. */
  text?: string;
  fileNames?: string[];
  /** Whether somebody has written to this mailbox before: who writes in may be answered. */
  hasWritten?: (address: string) => boolean;
}

/** At most so many findings are told of one mail. */
const maxFindings = 50;

/** All that the rules of the day find in a mail; `refuse` in any of them refuses it. */
export function judgeMail(facts: MailFacts, rules: Rules): MailFinding[] {
  const found = [
    ...privateAddresses(facts, rules),
    ...disguises(facts, rules),
    ...secrecyMarks(facts, rules),
    ...attachments(facts, rules),
  ];
  return found.slice(0, maxFindings);
}

/** Whether a mail with these findings must not go on. */
export const isRefused = (findings: MailFinding[]) =>
  findings.some(({ action }) => action === 'refuse');

function finding(rule: Rule | undefined, where: string, what: string): MailFinding[] {
  if (!rule || rule.action === 'allow') return [];
  const { id, code, action, legalBasis } = rule;
  return [{ ruleId: id, code, action, where, what: what.slice(0, 300), legalBasis }];
}

/** Officials are bound, citizens are not: what comes in from a private provider is welcome. */
function privateAddresses(facts: MailFacts, { rules, domains }: Rules): MailFinding[] {
  if (facts.way === 'in') return [];
  const isPrivate = ({ address }: NamedAddress) =>
    verdictOf(domainOf(address), domains) === 'private';
  const [to, from] =
    facts.way === 'forward'
      ? [rules.get('private-forward'), undefined]
      : [rules.get('private-recipient'), rules.get('private-sender')];
  return [
    ...facts.senders
      .filter(isPrivate)
      .flatMap(({ where, address }) => finding(from, where, address)),
    ...facts.recipients
      .filter((each) => isPrivate(each))
      .filter(({ address }) => facts.way === 'forward' || !facts.hasWritten?.(address))
      .flatMap(({ where, address }) => finding(to, where, address)),
  ];
}

/** Names that show another address than theirs, and domains made to be taken for a known one. */
function disguises({ senders, recipients }: MailFacts, { rules, domains }: Rules): MailFinding[] {
  const falseName = senders.flatMap(({ where, address, name = '' }) => {
    const shown = /[^\s<>"'(),;:]+@([^\s<>"'(),;:]+\.[^\s<>"'(),;:]+)/.exec(nfc(name))?.[1];
    if (!shown || domainOf(`x@${shown}`) === domainOf(address)) return [];
    return finding(rules.get('false-name'), where, `${name} <${address}>`);
  });
  const looked = new Map<string, string | undefined>();
  const alike = [...senders, ...recipients].flatMap(({ where, address }) => {
    const domain = domainOf(address);
    if (!looked.has(domain)) looked.set(domain, lookAlikeOf(domain, domains.keys()));
    const meant = domain && looked.get(domain);
    return meant ? finding(rules.get('look-alike'), where, `${address} ≈ ${meant}`) : [];
  });
  return [...falseName, ...alike];
}

/** Spaces and case do not matter for a mark, accents do: `mật` (secret) is not `mát` (cool). */
const mark = (text: string) => nfc(text).toLowerCase().replace(/\s+/g, ' ');

function secrecyMarks({ subject = '', text = '' }: MailFacts, { rules }: Rules): MailFinding[] {
  const rule = rules.get('secrecy-mark');
  const places: [string, string][] = [
    ['Subject', mark(subject)],
    ['text', mark(text)],
  ];
  return places.flatMap(([where, content]) => {
    const word = rule?.words.find((each) => content.includes(mark(each)));
    return word ? finding(rule, where, word) : [];
  });
}

/** By every ending of a name: `bao-cao.pdf.exe`, and a name with spaces or dots after it. */
function attachments({ fileNames = [] }: MailFacts, { rules }: Rules): MailFinding[] {
  const rule = rules.get('attachment-type');
  return fileNames.flatMap((name) => {
    const endings = nfc(name)
      .toLowerCase()
      .replace(/[\s.]+$/, '')
      .split('.')
      .slice(1);
    const last = endings.at(-1)?.trim();
    return rule?.words.some((word) => word === last) ? finding(rule, 'attachment', name) : [];
  });
}
