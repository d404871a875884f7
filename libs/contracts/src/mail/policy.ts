import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Day, Id, List, Text } from '../language/fields.js';
import { Conflict, NotFound } from '../language/problem.js';
import { Nothing } from '../language/stored-file.js';

export const mailRuleCodes = [
  'private-recipient',
  'private-sender',
  'private-forward',
  'false-name',
  'look-alike',
  'secrecy-mark',
  'attachment-type',
] as const;
export type MailRuleCode = (typeof mailRuleCodes)[number];
export const mailRuleActions = ['refuse', 'flag', 'allow'] as const;
export type MailRuleAction = (typeof mailRuleActions)[number];

export class EnactMailRule {
  @Choice(mailRuleCodes, {
    description:
      'private-…: addresses of public providers; false-name: a name that shows another address; look-alike: a domain made to be taken for a known one',
  })
  code: MailRuleCode;
  @Choice(mailRuleActions) action: MailRuleAction;
  @List(Text({ max: 100 }), {
    max: 200,
    description: 'What the rule looks for: secrecy marks, or endings of file names without the dot',
  })
  words: string[];
  @Day() validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** A dated rule of official mail; its id is the version that a refusal names. */
export class MailRule extends EnactMailRule {
  @Id() id: string;
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
}

export class EnactMailDomain {
  @Text({ max: 253, description: '`yahoo.com`, or `yahoo.*` for any public suffix' })
  domain: string;
  @Choice(['official', 'private']) verdict: 'official' | 'private';
  @Day() validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** A domain of the state, or of a public provider; those below it are the same. */
export class MailDomain extends EnactMailDomain {
  @Day({ optional: true }) validTo?: string;
}

export class MailPolicy {
  @List(() => MailRule, { max: 1_000 }) rules: MailRule[];
  @List(() => MailDomain, { max: 5_000 }) domains: MailDomain[];
}

export class EndMailRule {
  @Id() id: string;
  @Day({ description: 'Last day' }) validTo: string;
}

export class EndMailDomain {
  @Text({ max: 253 }) domain: string;
  @Day({ description: 'The day it is valid from' }) validFrom: string;
  @Day({ description: 'Last day' }) validTo: string;
}

/** What a rule found in a mail. */
export class MailFinding {
  @Id({ description: 'The version of the rule' }) ruleId: string;
  @Choice(mailRuleCodes) code: MailRuleCode;
  @Choice(mailRuleActions) action: MailRuleAction;
  @Text({ max: 100, description: 'The header field, MAIL FROM, RCPT TO, text or attachment' })
  where: string;
  @Text({ max: 300 }) what: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** A mail, or a standing order to forward, that is tried against the rules of today. */
export class TryMail {
  @Choice(['out', 'in', 'forward']) way: 'out' | 'in' | 'forward';
  @List(Text({ max: 400 }), { max: 20, description: 'With or without display names' })
  senders: string[];
  @List(Text({ max: 400 }), { max: 200 }) recipients: string[];
  @Text({ max: 1_000, optional: true }) subject?: string;
  @List(Text({ max: 255 }), { max: 100, optional: true }) fileNames?: string[];
}

export class MailFindings {
  @List(() => MailFinding, { max: 50 }) items: MailFinding[];
}

export const mailPolicy = contract('mail.policy', {
  show: {
    summary: 'Show the dated rules and domains that official mail is judged by',
    route: 'GET /mail/policy',
    permission: 'signed-in',
    input: Nothing,
    output: MailPolicy,
  },
  enact: {
    summary: 'Enter a rule that holds from a day on, in place of the one before it',
    route: 'POST /mail/rules',
    permission: 'mail.keep-policy',
    input: EnactMailRule,
    output: MailRule,
    errors: [Conflict],
    status: 201,
  },
  end: {
    summary: 'End a rule on a day',
    route: 'POST /mail/rules/:id/end',
    permission: 'mail.keep-policy',
    input: EndMailRule,
    output: MailRule,
    errors: [NotFound],
  },
  enactDomain: {
    summary: 'Enter a domain as official or private from a day on',
    route: 'POST /mail/domains',
    permission: 'mail.keep-policy',
    input: EnactMailDomain,
    output: MailDomain,
    errors: [Conflict],
    status: 201,
  },
  endDomain: {
    summary: 'End the row of a domain on a day',
    route: 'POST /mail/domains/end',
    permission: 'mail.keep-policy',
    input: EndMailDomain,
    output: MailDomain,
    errors: [NotFound],
  },
  try: {
    summary: 'Try a mail against the rules of today, without sending it',
    route: 'POST /mail/policy/trials',
    permission: 'signed-in',
    input: TryMail,
    output: MailFindings,
  },
});

export class MailPolicyFact {
  @Text({ max: 300, description: 'The id of the rule, or the domain' }) subject: string;
}

export const mailPolicyChanged = event(
  'mail.policy.changed.v1',
  'A rule of official mail, or a domain, was enacted or ended',
  MailPolicyFact,
);
