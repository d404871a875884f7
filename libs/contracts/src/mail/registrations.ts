import { contract } from '../language/contract.js';
import { Choice, Count, Hash, Id, List, Moment, Part, Text } from '../language/fields.js';
import { Conflict, NotFound } from '../language/problem.js';
import { StoredFile, UnsupportedType } from '../language/stored-file.js';
import { BookClosed } from '../documents/books.js';
import { Registered, Registration, SecretDocument, WrongBook } from '../documents/incoming.js';

export class RegisterMessage extends Registration {
  @Id() mailboxId: string;
  @Id({ description: 'The message' }) id: string;
  @List(Text({ max: 20, pattern: /^[\d.]+$/ }), {
    ...{ min: 1, max: 20, optional: true },
    description:
      'Its attachments that are the document, the document itself first; without, every attachment ' +
      'of an accepted type and the message as it came',
  })
  partIds?: string[];
}

export class MailEvidenceOf {
  @Id({ description: 'The incoming document' }) documentId: string;
}

/** The other side of the line by which a mail came. */
export class MailPeer {
  @Text({ max: 64, optional: true }) address?: string;
  @Text({ max: 255, optional: true, description: 'As it called itself' }) hello?: string;
  @Text({ max: 40, optional: true }) protocol?: string;
  @Text({ max: 200, optional: true, description: 'How the line was encrypted' }) tls?: string;
}

/** What was found out of who really sent a mail: words as RFC 8601 has them, `pass` or another. */
export class MailAuthentication {
  @Text({ max: 20 }) spf: string;
  @Text({ max: 20 }) dkim: string;
  @Text({ max: 20 }) dmarc: string;
  @Text({ max: 20 }) arc: string;
  @Text({ max: 10_000, description: 'The same as a field of a header (RFC 8601)' }) header: string;
  @Text({ max: 40, description: 'When it was found out' }) foundAt: string;
}

/** What is frozen of the mail that an incoming document came by; it outlives the mail itself. */
export class MailEvidence {
  @Id() documentId: string;
  @Id() mailboxId: string;
  @Hash({ description: 'Of the message as it came, octet by octet' }) sha256: string;
  @Count({ max: 2_000_000_000, description: 'Bytes of it' }) size: number;
  @List(Text({ max: 20 }), { max: 20, description: 'The attachments chosen; empty: the message' })
  partIds: string[];
  @List(() => StoredFile, { max: 20, description: 'The files the document got' })
  files: StoredFile[];
  @Text({ max: 1_000, optional: true }) messageId?: string;
  @Choice(['exchange', 'submission', 'import', 'report'], {
    optional: true,
    description: 'exchange: from another server; absent: how it came is not known',
  })
  way?: string;
  @Text({ min: 0, max: 1_000, optional: true, description: 'Of the envelope; empty for reports' })
  reversePath?: string;
  @List(Text({ max: 1_000 }), { max: 10_000, description: 'Of the envelope' }) recipients: string[];
  @Part(() => MailPeer) peer: MailPeer;
  @Text({ max: 5_000, optional: true, description: 'The trace line this server wrote' })
  received?: string;
  @Moment() receivedAt: Date;
  @Part(() => MailAuthentication, { optional: true, description: 'Once it was found out' })
  authentication?: MailAuthentication;
  @Moment() registeredAt: Date;
  @Id() registeredBy: string;
  @Id({ optional: true, description: 'The absent person they stood in for' })
  registeredFor?: string;
}

export const registrations = contract('mail.registrations', {
  register: {
    summary: 'Register a mail, or attachments of it, as an incoming document; once for each choice',
    route: 'POST /mailboxes/:mailboxId/messages/:id/registration',
    permission: 'documents.register',
    input: RegisterMessage,
    output: Registered,
    errors: [NotFound, Conflict, BookClosed, WrongBook, SecretDocument, UnsupportedType],
    status: 201,
    timeoutMs: 30_000,
  },
  evidence: {
    summary: 'Show what is kept of the mail that an incoming document came by',
    route: 'GET /incoming-documents/:documentId/mail',
    permission: 'documents.read',
    input: MailEvidenceOf,
    output: MailEvidence,
    errors: [NotFound],
  },
  message: {
    summary: 'Download the mail that an incoming document came by, octet by octet',
    route: 'GET /incoming-documents/:documentId/mail/raw',
    permission: 'documents.read',
    input: MailEvidenceOf,
    output: StoredFile,
    errors: [NotFound],
    replies: 'file',
  },
});
