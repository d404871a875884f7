import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Hash, Id, List, Moment, Part, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { NotFound, problem } from '../language/problem.js';
import { StoredFile, Tickets } from '../language/stored-file.js';
import { Said, type Verdict, verdicts } from '../signatures/validations.js';
import { BookClosed } from './books.js';
import { SignedFile } from './signed-file.js';

export class SecretDocument extends problem(422, 'documents/secret', {
  vi: 'Hệ thống không được nhận tài liệu chứa bí mật nhà nước',
  en: 'Documents holding state secrets must not enter this system',
}) {}
export class WrongBook extends problem(409, 'documents/wrong-book', {
  vi: 'Sổ không phù hợp với văn bản này',
  en: 'This book is not for this document',
}) {}

/** Độ khẩn: none, khẩn, thượng khẩn, hỏa tốc (Nghị định 30/2020, Phụ lục I). */
export const urgencies = ['none', 'urgent', 'very_urgent', 'express'] as const;
export type Urgency = (typeof urgencies)[number];
export const media = ['electronic', 'paper', 'both'] as const;
export const incomingStates = [
  'registered',
  'presented',
  'assigned',
  'completed',
  'returned',
] as const;
export type IncomingState = (typeof incomingStates)[number];

/** What is said of a document when it is registered, whichever way it came. */
export class Registration {
  @Id({ description: 'The incoming book that numbers it' }) bookId: string;
  @Text({ max: 300, description: 'The agency that issued it, as written on it' }) author: string;
  @Id({ optional: true, description: 'The same agency in the directory, if it is there' })
  authorId?: string;
  @Text({ max: 60, optional: true, description: 'Number and symbol: 15/QĐ-UBND' })
  reference?: string;
  @Day({ optional: true }) documentDate?: string;
  @Text({ max: 20, optional: true, description: 'Code of its type: QĐ, TB, CV …' }) type?: string;
  @Text({ max: 500, description: 'Trích yếu' }) abstract: string;
  @Choice(urgencies) urgency: Urgency = 'none';
  @Choice(media) medium: (typeof media)[number] = 'electronic';
  @Choice(['none', 'secret', 'top_secret', 'absolute_secret'], {
    description: 'Anything but `none` is refused (Luật Bảo vệ bí mật nhà nước)',
  })
  secrecy: 'none' | 'secret' | 'top_secret' | 'absolute_secret' = 'none';
  @Day({ optional: true, description: 'Deadline written on it; else the policy gives one' })
  dueOn?: string;
}

export class RegisterIncoming extends Registration {
  @Tickets({ optional: true, description: 'Tickets of its files, the document itself first' })
  files?: string[];
}

export class Duplicate {
  @Id() documentId: string;
  @Count({ max: 10_000_000 }) number: number;
  @Day() receivedOn: string;
}

export class IncomingDocument {
  @Id() id: string;
  @Id() organisationId: string;
  @Id() bookId: string;
  @Count({ max: 2200 }) year: number;
  @Count({ max: 10_000_000, description: 'Số đến' }) number: number;
  @Day() receivedOn: string;
  @Text({ max: 300 }) author: string;
  @Id({ optional: true }) authorId?: string;
  @Text({ max: 60, optional: true }) reference?: string;
  @Day({ optional: true }) documentDate?: string;
  @Text({ max: 20, optional: true }) type?: string;
  @Text({ max: 500 }) abstract: string;
  @Choice(urgencies) urgency: Urgency;
  @Choice(media) medium: (typeof media)[number];
  @Choice(incomingStates) state: IncomingState;
  @Moment({ optional: true }) dueAt?: Date;
  @Moment() registeredAt: Date;
  @Moment({ optional: true }) completedAt?: Date;
  @Count({ max: 1_000_000_000 }) version: number;
}

export class Registered extends IncomingDocument {
  @List(() => Duplicate, {
    max: 20,
    description: 'A warning: what was registered before with the same reference or file',
  })
  duplicates: Duplicate[];
}

/** Where a document came from, as the service that took it over says; absent for what a clerk entered. */
export class Origin {
  @Choice(['email']) channel: 'email';
  @Text({ max: 320, optional: true, description: 'The address it was written from' })
  sender?: string;
  @Text({ max: 1_000, optional: true, description: 'Message-ID, as its writer gave it' })
  messageId?: string;
  @Moment({ description: 'When it was taken over' }) receivedAt: Date;
}

/** What links one document to another: answers, replaces, corrects, recalls. */
export class DocumentLink {
  @Id() documentId: string;
  @Choice(['answers', 'replaces', 'corrects', 'recalls']) kind: string;
  @Choice(['from', 'to'], { description: '`from`: the other document does it to this one' })
  direction: 'from' | 'to';
  @Text({ max: 100, optional: true }) reference?: string;
  @Text({ max: 500 }) abstract: string;
}

/** What the signatures of a file came to, by itself; see the validation for the whole of it. */
export class FileVerdict {
  @Hash() sha256: string;
  @Choice(verdicts) verdict: Verdict;
  @Part(() => Said, { optional: true, description: 'Why it is not passed' }) reason?: Said;
  @List(Text({ max: 40 }), {
    max: 10,
    description: 'Trust lists its signers are on: official-duty, public, trial',
  })
  lists: string[];
  @Id() validationId: string;
  @Moment() concludedAt: Date;
}

/** A signed file as it is kept for the long term; its download is `signatures.preservations.file`. */
export class FilePreservation {
  @Id() preservationId: string;
  @Hash({ description: 'The signed file: one of the document, or one with the stamp “đến”' })
  sourceSha256: string;
  @Hash({ optional: true, description: 'Its newest form, with all evidence in it' })
  sha256?: string;
  @Moment({ optional: true, description: 'When it is stamped again; absent when it cannot be' })
  renewAt?: Date;
  @Text({ max: 1_000, optional: true, description: 'Why it can no longer be kept' })
  problem?: string;
}

export class IncomingDetails extends IncomingDocument {
  @List(() => StoredFile, { max: 20 }) files: StoredFile[];
  @List(() => FileVerdict, { max: 20, description: 'Of PDF files, once they are validated' })
  signatures: FileVerdict[];
  @List(() => SignedFile, { max: 20, description: 'Files with the stamp “đến”' })
  stamped: SignedFile[];
  @List(() => FilePreservation, { max: 20, description: 'Signed files kept for the long term' })
  preserved: FilePreservation[];
  @List(() => DocumentLink, { max: 100 }) links: DocumentLink[];
  @Part(() => Origin, {
    optional: true,
    description: 'Its evidence: `mail.registrations.evidence`',
  })
  origin?: Origin;
  @Text({ max: 300, optional: true, description: 'Why its files are locked away' })
  quarantine?: string;
}

export class ListIncoming extends PageInput {
  @Id({ optional: true }) organisationId?: string;
  @Choice(incomingStates, { optional: true }) state?: IncomingState;
  @Day({ optional: true }) from?: string;
  @Day({ optional: true }) to?: string;
}

export class FindDocument {
  @Id() id: string;
}

export class FindFile extends FindDocument {
  @Hash() sha256: string;
}

export class RegisterMany {
  @Id() bookId: string;
  @Text({
    max: 2_000,
    description:
      'Ticket of an XLSX or CSV file of up to 500 rows below a heading. Columns: Cơ quan ban hành, ' +
      'Trích yếu; if wanted Số, ký hiệu · Ngày văn bản · Loại văn bản · Độ khẩn (Khẩn, Thượng khẩn, ' +
      'Hỏa tốc) · Hạn xử lý. In English: author, abstract, reference, document date, type, urgency, ' +
      'due on. Dates are 31/12/2026 or 2026-12-31',
  })
  ticket: string;
}

export class RowResult {
  @Count({ max: 1_000 }) row: number;
  @Id({ optional: true }) documentId?: string;
  @Count({ max: 10_000_000, optional: true }) number?: number;
  @Text({ max: 1_000, optional: true, description: 'Why the row was not registered' })
  problem?: string;
  @Count({ max: 100, description: 'How many documents like it were there before' })
  duplicates: number;
}

export class ManyRegistered {
  @Count({ max: 1_000 }) registered: number;
  @Count({ max: 1_000 }) refused: number;
  @List(() => RowResult, { max: 500 }) rows: RowResult[];
}

export class IncomingPage extends pageOf(IncomingDocument) {}

export const incoming = contract('documents.incoming', {
  register: {
    summary: 'Register an incoming document and give it the next number of its book',
    route: 'POST /incoming-documents',
    permission: 'documents.register',
    input: RegisterIncoming,
    output: Registered,
    errors: [NotFound, BookClosed, WrongBook, SecretDocument],
    status: 201,
  },
  registerMany: {
    summary: 'Register up to 500 documents from a table: a result for every row',
    route: 'POST /incoming-documents/bulk',
    permission: 'documents.register',
    input: RegisterMany,
    output: ManyRegistered,
    errors: [NotFound, BookClosed, WrongBook],
    timeoutMs: 60_000,
  },
  list: {
    summary: 'List the incoming documents you may read, newest first',
    route: 'GET /incoming-documents',
    permission: 'documents.read',
    input: ListIncoming,
    output: IncomingPage,
  },
  find: {
    summary: 'Show an incoming document with its files and links',
    route: 'GET /incoming-documents/:id',
    permission: 'documents.read',
    input: FindDocument,
    output: IncomingDetails,
    errors: [NotFound],
  },
  file: {
    summary: 'Download a file of an incoming document',
    route: 'GET /incoming-documents/:id/files/:sha256',
    permission: 'documents.read',
    input: FindFile,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
  },
});

/** A file that may bear signatures: enough to find its content. */
export class SignableFile {
  @Hash() sha256: string;
  @Count({ max: 10_000_000_000 }) size: number;
}

export class IncomingFact {
  @Id() documentId: string;
  @Id() organisationId: string;
  @Count({ max: 10_000_000 }) number: number;
  @Count({ max: 2200 }) year: number;
}

export class SignableIncoming extends IncomingFact {
  @List(() => SignableFile, { max: 20, description: 'Its PDF files' }) files: SignableFile[];
}

export class QuarantineFact {
  @Id() documentId: string;
  @Id() organisationId: string;
  @Text({ max: 300 }) reason: string;
}

export const incomingRegistered = event(
  'documents.incoming.registered.v1',
  'An incoming document was registered',
  IncomingFact,
);
/** Apart from the registration: most documents have no such files, and nobody is woken for those. */
export const incomingSignable = event(
  'documents.incoming.signable.v1',
  'An incoming document has PDF files, whose signatures are validated',
  SignableIncoming,
);
export const incomingQuarantined = event(
  'documents.incoming.quarantined.v1',
  'A file of a document was locked away: it bears a mark of secrecy, or cannot be read safely',
  QuarantineFact,
);
