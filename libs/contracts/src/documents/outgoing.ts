import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Id, List, Moment, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, NotFound, problem } from '../language/problem.js';
import { StoredFile } from '../language/stored-file.js';
import { NotInThisState } from './handling.js';
import { DocumentLink, FindDocument, FindFile } from './incoming.js';
import { SignedFile } from './signed-file.js';

export class NothingToSign extends problem(422, 'documents/nothing-to-sign', {
  vi: 'Cơ quan ban hành văn bản đã ký số; tệp đầu tiên phải là PDF để ký',
  en: 'The agency issues signed documents only: the first file must be a PDF',
}) {}
export class SymbolTaken extends problem(409, 'documents/symbol-taken', {
  vi: 'Cơ quan đã có văn bản mang số, ký hiệu này trong năm',
  en: 'The agency already has a document with this number and symbol in the year',
}) {}

/** `numbered` has its number and waits for signatures, where a policy says so. */
export const outgoingStates = ['numbered', 'issued', 'cancelled', 'recalled'] as const;

/** A document that was issued; its number stays in the book whatever becomes of it. */
export class OutgoingDocument {
  @Id() id: string;
  @Id() organisationId: string;
  @Id() bookId: string;
  @Count({ max: 2200 }) year: number;
  @Count({ max: 10_000_000 }) number: number;
  @Text({ max: 100, description: 'Number and symbol as printed: 09/QĐ-UBND' }) symbol: string;
  @Day() issuedOn: string;
  @Text({ max: 100, description: 'Place and date line as printed' }) dateLine: string;
  @Text({ max: 20 }) type: string;
  @Text({ max: 500 }) abstract: string;
  @Text({ max: 20 }) urgency: string;
  @List(Text({ max: 200 }), { max: 200 }) recipients: string[];
  @Id() signerId: string;
  @Text({ max: 100 }) signerName: string;
  @Text({ max: 10 }) capacity: string;
  @Id() unitId: string;
  @Choice(outgoingStates) state: (typeof outgoingStates)[number];
  @Text({ max: 2_000, optional: true }) stateReason?: string;
  @Moment() issuedAt: Date;
  @Count({ max: 1_000_000_000 }) version: number;
}

export class OutgoingDetails extends OutgoingDocument {
  @List(() => StoredFile, { max: 20 }) files: StoredFile[];
  @List(() => SignedFile, { max: 100, description: 'In the order of signing' })
  signed: SignedFile[];
  @List(() => DocumentLink, { max: 100 }) links: DocumentLink[];
}

export class ListOutgoing extends PageInput {
  @Id({ optional: true }) organisationId?: string;
  @Choice(outgoingStates, { optional: true }) state?: (typeof outgoingStates)[number];
}

export class EndOutgoing extends FindDocument {
  @Version() version: number;
  @Text({ max: 2_000 }) reason: string;
}

export class OutgoingPage extends pageOf(OutgoingDocument) {}

export const outgoing = contract('documents.outgoing', {
  list: {
    summary: 'List the issued documents you may read, newest first; cancelled numbers stay visible',
    route: 'GET /outgoing-documents',
    permission: 'documents.read',
    input: ListOutgoing,
    output: OutgoingPage,
  },
  find: {
    summary: 'Show an issued document with its files and links',
    route: 'GET /outgoing-documents/:id',
    permission: 'documents.read',
    input: FindDocument,
    output: OutgoingDetails,
    errors: [NotFound],
  },
  file: {
    summary: 'Download a file of an issued document, as it was approved or as it was signed',
    route: 'GET /outgoing-documents/:id/files/:sha256',
    permission: 'documents.read',
    input: FindFile,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
  },
  cancel: {
    summary: 'Cancel a number given by mistake; it stays in the book and is never used again',
    route: 'POST /outgoing-documents/:id/cancellation',
    permission: 'documents.issue',
    input: EndOutgoing,
    output: OutgoingDocument,
    errors: [NotFound, NotInThisState, Changed],
  },
  recall: {
    summary: 'Recall an issued document; the copy here is kept, frozen',
    route: 'POST /outgoing-documents/:id/recall',
    permission: 'documents.issue',
    input: EndOutgoing,
    output: OutgoingDocument,
    errors: [NotFound, NotInThisState, Changed],
  },
});

export class OutgoingFact {
  @Id() documentId: string;
  @Id() organisationId: string;
  @Text({ max: 100 }) symbol: string;
}

export const outgoingIssued = event(
  'documents.outgoing.issued.v1',
  'A document was numbered, registered and issued',
  OutgoingFact,
);
export const outgoingCancelled = event(
  'documents.outgoing.cancelled.v1',
  'A number given by mistake was cancelled',
  OutgoingFact,
);
export const outgoingRecalled = event(
  'documents.outgoing.recalled.v1',
  'An issued document was recalled',
  OutgoingFact,
);
