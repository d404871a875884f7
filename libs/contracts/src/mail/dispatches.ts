import { contract } from '../language/contract.js';
import { Choice, Email, Flag, Id, List, Moment, Text } from '../language/fields.js';
import { Forbidden, NotFound, problem } from '../language/problem.js';
import { StoredFile } from '../language/stored-file.js';
import { outboundStates } from './deliveries.js';

export class NotIssued extends problem(409, 'mail/not-issued', {
  vi: 'Chỉ gửi được văn bản đã phát hành và chưa bị thu hồi',
  en: 'Only an issued document that was not recalled can be sent',
}) {}
export class NoMailAllowed extends problem(422, 'mail/not-allowed', {
  vi: 'Quy định về thư công vụ không cho gửi thư này',
  en: 'The rules of official mail do not let this go out',
}) {}

export class SendDocument {
  @Id({ description: 'An issued document' }) documentId: string;
  @Id({ description: 'The official mailbox it is sent from' }) mailboxId: string;
  @List(Email(), { min: 1, max: 100 }) to: string[];
  @Text({ max: 2_000, optional: true, description: 'Said beside what the document says' })
  note?: string;
  @Flag({
    optional: true,
    description: 'Send it though it went from this mailbox to the same addresses before',
  })
  again?: boolean;
}

/** What became of a sent document for one recipient; more is in `mail.deliveries`. */
export class DispatchOutcome {
  @Text({ max: 320 }) recipient: string;
  @Choice(['pending', 'delivered', 'refused', ...outboundStates], {
    description: 'delivered: into a mailbox here; sent: another server has taken it over',
  })
  state: string;
  @Text({ max: 1_100, optional: true, description: 'Why it was refused, or what was answered' })
  reply?: string;
}

/** A document that went out by official mail. */
export class Dispatch {
  @Id() id: string;
  @Id() documentId: string;
  @Id() mailboxId: string;
  @Id({ description: 'By which `mail.deliveries` tells what became of it' }) acceptanceId: string;
  @List(Text({ max: 320 }), { max: 100 }) recipients: string[];
  @Text({ max: 300, description: 'Message-ID' }) messageId: string;
  @Text({ max: 700 }) subject: string;
  @List(() => StoredFile, { max: 20 }) files: StoredFile[];
  @Moment() sentAt: Date;
  @Id() sentBy: string;
}

export class DispatchDetails extends Dispatch {
  @List(() => DispatchOutcome, { max: 100 }) outcomes: DispatchOutcome[];
}

export class DispatchesOf {
  @Id() documentId: string;
}

export class Dispatches {
  @List(() => DispatchDetails, { max: 200, description: 'Newest first' })
  items: DispatchDetails[];
}

export const dispatches = contract('mail.dispatches', {
  send: {
    summary: 'Send an issued document by official mail, with its files as they were signed',
    route: 'POST /outgoing-documents/:documentId/mails',
    permission: 'documents.issue',
    input: SendDocument,
    output: Dispatch,
    errors: [NotFound, Forbidden, NotIssued, NoMailAllowed],
    status: 201,
    timeoutMs: 30_000,
  },
  list: {
    summary: 'List by which mails an issued document went out, and what became of each',
    route: 'GET /outgoing-documents/:documentId/mails',
    permission: 'documents.read',
    input: DispatchesOf,
    output: Dispatches,
    errors: [NotFound],
  },
});
