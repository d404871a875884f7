import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Email, Flag, Id, List, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';

export const mailboxKinds = ['person', 'post'] as const;

/** An official mailbox (hộp thư công vụ) of a person or a post. */
export class Mailbox {
  @Id() id: string;
  @Text({ max: 254 }) address: string;
  @Choice(mailboxKinds) kind: (typeof mailboxKinds)[number];
  @Id({ description: 'The person or post' }) ownerId: string;
  @Id({ optional: true }) agencyId?: string;
  @Text({ max: 200 }) name: string;
  @Choice(['open', 'closed', 'refused']) state: 'open' | 'closed' | 'refused';
  @Text({ max: 300, optional: true, description: 'Why it was refused' }) reason?: string;
}

export class ListMailboxes extends PageInput {
  @Id({ optional: true }) agencyId?: string;
  @Choice(['open', 'closed', 'refused'], { optional: true }) state?: Mailbox['state'];
}

export class CheckAddresses {
  @List(Text({ max: 400 }), {
    min: 1,
    max: 200,
    description: 'Addresses, with or without display names',
  })
  addresses: string[];
}

export class AddressVerdict {
  @Text({ max: 400 }) given: string;
  @Text({ min: 0, max: 254 }) address: string;
  @Choice(['official', 'private', 'other', 'malformed'], {
    description: 'private: a public provider such as Gmail, refused for official use',
  })
  verdict: 'official' | 'private' | 'other' | 'malformed';
  @Flag() acceptable: boolean;
}

export class AddressVerdicts {
  @List(() => AddressVerdict, { max: 200 }) items: AddressVerdict[];
}

export class MailboxPage extends pageOf(Mailbox) {}

export const mailboxes = contract('mail.mailboxes', {
  list: {
    summary: 'List official mailboxes',
    route: 'GET /mailboxes',
    permission: 'mail.read',
    input: ListMailboxes,
    output: MailboxPage,
  },
  check: {
    summary: 'Tell official addresses from those of private providers, which are refused',
    route: 'POST /mail/address-checks',
    permission: 'signed-in',
    input: CheckAddresses,
    output: AddressVerdicts,
  },
});

export class MailboxFact {
  @Id() mailboxId: string;
  @Email() address: string;
  @Id({ optional: true }) agencyId?: string;
}

export const mailboxOpened = event(
  'mail.mailboxes.opened.v1',
  'An official mailbox was opened',
  MailboxFact,
);
export const mailboxClosed = event(
  'mail.mailboxes.closed.v1',
  'An official mailbox was closed',
  MailboxFact,
);
export const mailboxRefused = event(
  'mail.mailboxes.refused.v1',
  'An address was refused for official use',
  MailboxFact,
);
