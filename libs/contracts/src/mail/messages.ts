import { contract } from '../language/contract.js';
import { Choice, Count, Flag, Id, List, Moment, Part, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { NotFound } from '../language/problem.js';
import { Done, StoredFile } from '../language/stored-file.js';
import { OfMailbox, ReadOnly } from './folders.js';
import { MailFinding } from './policy.js';

const maxAtOnce = 200;

/** Somebody a message names: the address counts, the name is what its writer put there. */
export class MailAddress {
  @Text({ min: 0, max: 500, optional: true }) name?: string;
  @Text({ min: 0, max: 500 }) email: string;
}

/** A message in a mailbox (thư) as lists show it. */
export class MessageSummary {
  @Id() id: string;
  @Id() threadId: string;
  @List(Id(), { max: 1_000 }) folderIds: string[];
  @List(() => MailAddress, { max: 200 }) from: MailAddress[];
  @List(() => MailAddress, { max: 200 }) to: MailAddress[];
  @Text({ min: 0, max: 2_000, optional: true }) subject?: string;
  @Text({ min: 0, max: 300 }) preview: string;
  @Moment() receivedAt: Date;
  @Moment({ optional: true, description: 'As its writer says' }) sentAt?: Date;
  @Count({ max: 2_000_000_000, description: 'Bytes' }) size: number;
  @Flag() hasAttachment: boolean;
  @Flag() seen: boolean;
  @Flag() flagged: boolean;
  @Flag() answered: boolean;
  @Flag() draft: boolean;
}

export class MessagePart {
  @Text({ max: 20 }) partId: string;
  @Text({ max: 255, optional: true }) name?: string;
  @Text({ max: 150, description: 'As its writer says' }) mediaType: string;
  @Count({ max: 2_000_000_000, description: 'Bytes' }) size: number;
  @Text({ max: 998, optional: true, description: 'By what `cid:` in the HTML refers to it' })
  contentId?: string;
}

export class Recipients {
  @List(() => MailAddress, { max: 200 }) cc: MailAddress[];
  @List(() => MailAddress, { max: 200 }) bcc: MailAddress[];
  @List(() => MailAddress, { max: 200 }) replyTo: MailAddress[];
  @List(() => MailAddress, { max: 200 }) sender: MailAddress[];
}

/** A message as it is read. */
export class MessageDetails extends MessageSummary {
  @Part(() => Recipients) others: Recipients;
  @Text({ min: 0, max: 400_000 }) text: string;
  @Text({
    min: 0,
    max: 600_000,
    optional: true,
    description: 'Harmless HTML: nothing in it runs, sends, or asks for anything from elsewhere',
  })
  html?: string;
  @List(() => MessagePart, { max: 200 }) attachments: MessagePart[];
  @Flag({ description: 'There is more of it than is shown: download it raw' }) cut: boolean;
  @List(() => MailFinding, {
    max: 50,
    description:
      'What the rules of official mail found in it when it came: it may not be what it seems',
  })
  findings: MailFinding[];
  @Flag({ description: 'It cannot be read: only the raw message is there' }) unreadable: boolean;
}

export class ListMessages extends PageInput {
  @Id() mailboxId: string;
  @Id({ optional: true, description: 'Only in this folder' }) folderId?: string;
  @Flag({ optional: true, description: 'Only what has not been read' }) unread?: boolean;
}

export const searchedPlaces = [
  ...(['subject', 'from', 'to', 'cc', 'bcc', 'attachment', 'body'] as const),
] as const;

export class SearchMessages extends PageInput {
  @Id() mailboxId: string;
  @Text({
    max: 300,
    description:
      'Words that all occur, the last perhaps not typed to its end; “between quotation marks” one ' +
      'after another',
  })
  q: string;
  @Flag({ optional: true, description: 'Words typed with marks only as they are typed' })
  exact?: boolean;
  @Choice(searchedPlaces, { optional: true }) within?: (typeof searchedPlaces)[number];
  @Id({ optional: true, description: 'Only in this folder' }) folderId?: string;
}

export class OneMessage extends OfMailbox {
  @Id() id: string;
}

export class OnePart extends OneMessage {
  @Text({ max: 20, pattern: /^[\d.]+$/ }) partId: string;
}

export class SomeMessages extends OfMailbox {
  @List(Id(), { min: 1, max: maxAtOnce }) ids: string[];
}

export class MarkMessages extends SomeMessages {
  @Flag({ optional: true }) seen?: boolean;
  @Flag({ optional: true }) flagged?: boolean;
  @Flag({ optional: true }) answered?: boolean;
}

export class MoveMessages extends SomeMessages {
  @Id({ description: 'The folder they are in afterwards, and no other' }) folderId: string;
}

export class MessagePage extends pageOf(MessageSummary) {}

export const messages = contract('mail.messages', {
  list: {
    summary: 'List the messages of a mailbox or a folder, newest first',
    route: 'GET /mailboxes/:mailboxId/messages',
    permission: 'signed-in',
    input: ListMessages,
    output: MessagePage,
    errors: [NotFound],
  },
  search: {
    summary: 'Search the messages of a mailbox, with or without marks, newest first',
    route: 'GET /mailboxes/:mailboxId/messages/search',
    permission: 'signed-in',
    input: SearchMessages,
    output: MessagePage,
    errors: [NotFound],
  },
  read: {
    summary: 'Show a message: text, harmless HTML, and what is attached',
    route: 'GET /mailboxes/:mailboxId/messages/:id',
    permission: 'signed-in',
    input: OneMessage,
    output: MessageDetails,
    errors: [NotFound],
    timeoutMs: 30_000,
  },
  raw: {
    summary: 'Download a message as it came, octet by octet, after the line that says how it came',
    route: 'GET /mailboxes/:mailboxId/messages/:id/raw',
    permission: 'signed-in',
    input: OneMessage,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
  },
  attachment: {
    summary: 'Download a part of a message',
    route: 'GET /mailboxes/:mailboxId/messages/:id/parts/:partId',
    permission: 'signed-in',
    input: OnePart,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
  },
  mark: {
    summary: 'Mark messages as read, flagged or answered, or take such a mark away',
    route: 'POST /mailboxes/:mailboxId/messages/mark',
    permission: 'signed-in',
    input: MarkMessages,
    output: Done,
    errors: [NotFound, ReadOnly],
  },
  move: {
    summary: 'Move messages into a folder; moving back undoes it, also out of the trash',
    route: 'POST /mailboxes/:mailboxId/messages/move',
    permission: 'signed-in',
    input: MoveMessages,
    output: Done,
    errors: [NotFound, ReadOnly],
  },
  remove: {
    summary: 'Delete messages: into the trash, and for good what lies there already',
    route: 'POST /mailboxes/:mailboxId/messages/delete',
    permission: 'signed-in',
    input: SomeMessages,
    output: Done,
    errors: [NotFound, ReadOnly],
  },
});
