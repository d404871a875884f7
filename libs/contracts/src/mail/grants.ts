import { contract } from '../language/contract.js';
import { Day, Facts, Flag, Id, List, Moment, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { NotFound, problem } from '../language/problem.js';
import { Done, Nothing } from '../language/stored-file.js';
import { OfMailbox } from './folders.js';

export class GrantEnded extends problem(409, 'mail/grant-ended', {
  vi: 'Ủy quyền này đã chấm dứt',
  en: 'This grant has ended already',
}) {}

/** A mailbox a person has a right to, and which. */
export class MailboxRights {
  @Id() mailboxId: string;
  @Text({ max: 254 }) address: string;
  @Text({ max: 200 }) name: string;
  @Flag({ description: 'Your own, or that of a post you hold' }) own: boolean;
  @Flag() read: boolean;
  @Flag({ description: 'Move, mark and delete' }) change: boolean;
  @Flag() sendAs: boolean;
  @Flag() sendOnBehalf: boolean;
}

export class MailboxesOfMine {
  @List(() => MailboxRights, { max: 1_000 }) items: MailboxRights[];
}

/** What somebody else may do with a mailbox, from when to when (ủy quyền sử dụng hộp thư). */
export class Grant {
  @Id() id: string;
  @Id() personId: string;
  @Flag() read: boolean;
  @Flag() sendAs: boolean;
  @Flag() sendOnBehalf: boolean;
  @Day() validFrom: string;
  @Day({ optional: true, description: 'Last day' }) validTo?: string;
  @Text({ max: 300 }) reason: string;
  @Id({ description: 'The person who gave it' }) givenBy: string;
  @Moment() givenAt: Date;
  @Moment({ optional: true }) endedAt?: Date;
}

export class Grants {
  @List(() => Grant, { max: 500 }) items: Grant[];
}

export class GiveGrant extends OfMailbox {
  @Id() personId: string;
  @Flag({ optional: true }) read?: boolean;
  @Flag({ optional: true }) sendAs?: boolean;
  @Flag({ optional: true }) sendOnBehalf?: boolean;
  @Day() validFrom: string;
  @Day({ optional: true, description: 'Last day; open-ended without' }) validTo?: string;
  @Text({ max: 300 }) reason: string;
}

export class OneGrant extends OfMailbox {
  @Id() id: string;
}

/** Something that somebody else than the owner did in a mailbox. */
export class Access {
  @Moment() at: Date;
  @Id() personId: string;
  @Text({ max: 100, description: 'mail.messages.read, mail.folders.list, …' }) action: string;
  @Facts() data: object;
}

export class ListAccesses extends PageInput {
  @Id() mailboxId: string;
}

export class AccessPage extends pageOf(Access) {}

export const grants = contract('mail.grants', {
  mine: {
    summary: 'List the mailboxes you have a right to, and which rights',
    route: 'GET /mailboxes/mine',
    permission: 'signed-in',
    input: Nothing,
    output: MailboxesOfMine,
  },
  list: {
    summary: 'List what others may do with a mailbox, and could; its owner sees all of it',
    route: 'GET /mailboxes/:mailboxId/grants',
    permission: 'signed-in',
    input: OfMailbox,
    output: Grants,
    errors: [NotFound],
  },
  give: {
    summary: 'Let somebody read a mailbox, send as it, or send on its behalf',
    route: 'POST /mailboxes/:mailboxId/grants',
    permission: 'signed-in',
    input: GiveGrant,
    output: Grant,
    errors: [NotFound],
    status: 201,
  },
  end: {
    summary: 'End a grant now',
    route: 'POST /mailboxes/:mailboxId/grants/:id/end',
    permission: 'signed-in',
    input: OneGrant,
    output: Done,
    errors: [NotFound, GrantEnded],
  },
  accesses: {
    summary: 'List what others than its owner have done in a mailbox, newest first',
    route: 'GET /mailboxes/:mailboxId/accesses',
    permission: 'signed-in',
    input: ListAccesses,
    output: AccessPage,
    errors: [NotFound],
  },
});
