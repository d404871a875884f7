import { contract } from '../language/contract.js';
import { Choice, Count, Day, Email, Id, List, Moment, Text } from '../language/fields.js';
import { Conflict, Forbidden, NotFound, problem } from '../language/problem.js';
import { Done, Nothing } from '../language/stored-file.js';
import { OfMailbox } from './folders.js';

export class AddressTaken extends problem(409, 'mail/address-taken', {
  vi: 'Địa chỉ này đã cấp cho hộp thư khác, không bao giờ cấp lại',
  en: 'This address was given to another mailbox, and is never given again',
}) {}
export class NotHosted extends problem(409, 'mail/not-hosted', {
  vi: 'Tên miền của địa chỉ này không đặt ở đây',
  en: 'The domain of this address is not hosted here',
}) {}
export class MailboxStillOpen extends problem(409, 'mail/mailbox-still-open', {
  vi: 'Chỉ chuyển tiếp thư của hộp thư đã đóng, đến hộp thư đang mở',
  en: 'Only mail for a closed mailbox is forwarded, and to an open one',
}) {}

const domainPattern = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;

/** A domain whose mailboxes are here. */
export class HostedDomain {
  @Text({ max: 253, description: 'Lower case, in A-labels' }) domain: string;
  @Day() validFrom: string;
  @Day({ optional: true }) validTo?: string;
  @Text({ max: 300 }) legalBasis: string;
}

export class HostedDomains {
  @List(() => HostedDomain, { max: 500 }) items: HostedDomain[];
}

export class HostDomain {
  @Text({ max: 253, pattern: domainPattern }) domain: string;
  @Day() validFrom: string;
  @Day({ optional: true, description: 'Last day' }) validTo?: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** Another address of a mailbox; `former` was its own once. */
export class Alias {
  @Text({ max: 254 }) address: string;
  @Choice(['alias', 'former']) kind: 'alias' | 'former';
  @Text({ max: 300 }) reason: string;
  @Moment() givenAt: Date;
  @Moment({ optional: true, description: 'Since then it takes no mail; it stays taken' })
  endedAt?: Date;
}

export class GiveAlias extends OfMailbox {
  @Email() address: string;
  @Text({ max: 300 }) reason: string;
}

export class EndAlias extends OfMailbox {
  @Email() address: string;
}

export class SuspendMailbox extends OfMailbox {
  @Text({ max: 300 }) reason: string;
  @Moment({ optional: true, description: 'Until it is lifted without' }) until?: string;
}

export class ForwardMailbox extends OfMailbox {
  @Id({ description: 'An open mailbox, such as that of the unit which took over' })
  toMailboxId: string;
  @Text({ max: 300 }) legalBasis: string;
}

export class Forwarding {
  @Id() toMailboxId: string;
  @Day() validFrom: string;
  @Day({ description: 'Last day of the grace that the policy of its agency gives' })
  validTo: string;
}

export class SetQuota extends OfMailbox {
  @Count({ min: 1, max: 1e15, optional: true, description: 'Bytes; by the policy without' })
  quota?: number;
}

/** How a mailbox is kept. */
export class MailboxState {
  @Id() mailboxId: string;
  @Count({ max: 1e15, description: 'Bytes of what lies in it' }) used: number;
  @Count({ max: 1e15, description: 'Bytes' }) quota: number;
  @List(() => Alias, { max: 200 }) aliases: Alias[];
  @Text({ max: 300, optional: true, description: 'Why it is suspended now' }) suspended?: string;
}

export const mailboxKeeping = contract('mail.keeping', {
  domains: {
    summary: 'List the domains whose mailboxes are here',
    route: 'GET /mail/hosted-domains',
    permission: 'mail.manage',
    input: Nothing,
    output: HostedDomains,
  },
  host: {
    summary: 'Host the mailboxes of a domain here from a day, or say until when',
    route: 'POST /mail/hosted-domains',
    permission: 'mail.manage',
    input: HostDomain,
    output: HostedDomain,
    errors: [Forbidden],
    status: 201,
  },
  find: {
    summary: 'Show how full a mailbox is, its other addresses, and whether it is suspended',
    route: 'GET /mailboxes/:mailboxId/state',
    permission: 'signed-in',
    input: OfMailbox,
    output: MailboxState,
    errors: [NotFound],
  },
  giveAlias: {
    summary: 'Give a mailbox another address; none is ever given to two',
    route: 'POST /mailboxes/:mailboxId/aliases',
    permission: 'mail.manage',
    input: GiveAlias,
    output: Alias,
    errors: [NotFound, AddressTaken, NotHosted, Conflict],
    status: 201,
  },
  endAlias: {
    summary: 'Let another address of a mailbox take no more mail',
    route: 'POST /mailboxes/:mailboxId/aliases/end',
    permission: 'mail.manage',
    input: EndAlias,
    output: Done,
    errors: [NotFound],
  },
  suspend: {
    summary: 'Suspend a mailbox: nobody reads it, sends from it or writes to it',
    route: 'POST /mailboxes/:mailboxId/suspend',
    permission: 'mail.manage',
    input: SuspendMailbox,
    output: Done,
    errors: [NotFound],
  },
  resume: {
    summary: 'Lift every suspension of a mailbox',
    route: 'POST /mailboxes/:mailboxId/resume',
    permission: 'mail.manage',
    input: OfMailbox,
    output: Done,
    errors: [NotFound],
  },
  forward: {
    summary: 'Forward what comes for a closed mailbox, for as long as the policy gives grace',
    route: 'POST /mailboxes/:mailboxId/forward',
    permission: 'mail.manage',
    input: ForwardMailbox,
    output: Forwarding,
    errors: [NotFound, MailboxStillOpen],
  },
  setQuota: {
    summary: 'Give a mailbox a quota of its own, or that of the policy again',
    route: 'POST /mailboxes/:mailboxId/quota',
    permission: 'mail.manage',
    input: SetQuota,
    output: Done,
    errors: [NotFound],
  },
});
