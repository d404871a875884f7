import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Id, List, Moment, Part, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, Conflict, NotFound, problem } from '../language/problem.js';
import { StoredFile, Tickets } from '../language/stored-file.js';
import { BookClosed } from './books.js';
import { NotInThisState } from './handling.js';
import { SecretDocument, urgencies, type Urgency, WrongBook } from './incoming.js';
import { NothingToSign, OutgoingDocument, SymbolTaken } from './outgoing.js';

export class FormFaults extends problem(422, 'documents/form-faults', {
  vi: 'Thể thức chưa đúng',
  en: 'The form is not right',
}) {}
export class MayNotSign extends problem(403, 'documents/may-not-sign', {
  vi: 'Không đúng thẩm quyền ký',
  en: 'Not entitled to sign this',
}) {}
export class OwnWork extends problem(403, 'documents/own-work', {
  vi: 'Người soạn không tự kiểm tra văn bản của mình',
  en: 'Who drafted it does not check it',
}) {}

export const draftStates = [
  'drafting',
  'content_checked',
  'format_checked',
  'approved',
  'issued',
] as const;
export const draftStepKinds = [
  'version',
  'comment',
  'content_checked',
  'format_checked',
  'approved',
  'returned',
  'issued',
] as const;
export const relationKinds = ['replaces', 'corrects', 'recalls'] as const;
export const signingCapacities = ['head', 'TM', 'Q', 'KT', 'TL', 'TUQ'] as const;

/** What a version of a draft says. */
export class DraftContent {
  @Text({ max: 20, description: 'Code of its type; CV for an official letter' }) type: string;
  @Text({ max: 500 }) abstract: string;
  @Choice(urgencies) urgency: Urgency = 'none';
  @List(Text({ max: 200 }), { max: 200, description: 'Nơi nhận' }) recipients: string[];
  @Id({ description: 'Who is to sign it' }) signerId: string;
  @Choice(signingCapacities) capacity: (typeof signingCapacities)[number] = 'head';
  @List(Id(), { max: 20, optional: true, description: 'Incoming documents that it answers' })
  answers?: string[];
  @Id({ optional: true, description: 'An issued document that it replaces, corrects or recalls' })
  relatedId?: string;
  @Choice(relationKinds, { optional: true }) relation?: (typeof relationKinds)[number];
}

export class CreateDraft extends DraftContent {
  @Id({ description: 'The drafting unit' }) unitId: string;
  @Tickets() files: string[];
}

export class AddVersion extends DraftContent {
  @Id() id: string;
  @Version() version: number;
  @Tickets() files: string[];
}

export class Draft {
  @Id() id: string;
  @Id() organisationId: string;
  @Id() unitId: string;
  @Id() draftedBy: string;
  @Choice(draftStates) state: (typeof draftStates)[number];
  @Count({ max: 10_000, description: 'Number of its newest version' }) lastVersion: number;
  @Part(() => DraftContent) content: DraftContent;
  @List(() => StoredFile, { max: 20 }) files: StoredFile[];
  @Moment() createdAt: Date;
  @Count({ max: 1_000_000_000 }) version: number;
}

export class DraftStep {
  @Count({ max: 1_000_000_000_000 }) id: number;
  @Choice(draftStepKinds) kind: (typeof draftStepKinds)[number];
  @Text({ max: 60, description: 'What it is called: Kiểm tra thể thức' }) name: string;
  @Count({ max: 10_000, description: 'The version it is about' }) number: number;
  @Moment() at: Date;
  @Id() personId: string;
  @Text({ max: 100, optional: true }) person?: string;
  @Id({ optional: true }) forPersonId?: string;
  @Text({ max: 4_000, optional: true }) text?: string;
}

export class DraftSteps {
  @List(() => DraftStep, { max: 1_000 }) items: DraftStep[];
}

export class FindDraft {
  @Id() id: string;
}

export class ListDrafts extends PageInput {
  @Choice(draftStates, { optional: true }) state?: (typeof draftStates)[number];
}

export class CompareDraft extends FindDraft {
  @Count({ min: 1, max: 10_000 }) from: number;
  @Count({ min: 1, max: 10_000 }) to: number;
}

export class DifferenceRun {
  @Choice(['same', 'added', 'removed']) kind: string;
  @Text({ min: 0, max: 250_000 }) text: string;
}

export class Comparison {
  @List(() => DifferenceRun, { max: 100_000 }) abstract: DifferenceRun[];
  @List(() => DifferenceRun, { max: 100_000 }) text: DifferenceRun[];
}

export class CommentDraft extends FindDraft {
  @Text({ max: 4_000 }) text: string;
}

export class DecideDraft extends FindDraft {
  @Version() version: number;
}

export class SendBackDraft extends DecideDraft {
  @Text({ max: 4_000 }) reason: string;
}

export class IssueDraft extends DecideDraft {
  @Id({ description: 'The outgoing book that numbers it' }) bookId: string;
}

export class DraftPage extends pageOf(Draft) {}

const decision = { input: DecideDraft, output: Draft, errors: [NotFound, NotInThisState, Changed] };

export const drafts = contract('documents.drafts', {
  create: {
    summary: 'Begin a draft with its first version',
    route: 'POST /drafts',
    permission: 'documents.draft',
    input: CreateDraft,
    output: Draft,
    errors: [NotFound, SecretDocument],
    status: 201,
    timeoutMs: 30_000,
  },
  addVersion: {
    summary: 'Add a version; what was checked and approved before must be decided again',
    route: 'POST /drafts/:id/versions',
    permission: 'documents.draft',
    input: AddVersion,
    output: Draft,
    errors: [NotFound, NotInThisState, Changed, SecretDocument],
    status: 201,
    timeoutMs: 30_000,
  },
  list: {
    summary: 'List the drafts you may read, newest first',
    route: 'GET /drafts',
    permission: 'documents.read',
    input: ListDrafts,
    output: DraftPage,
  },
  find: {
    summary: 'Show a draft with its newest version',
    route: 'GET /drafts/:id',
    permission: 'documents.read',
    input: FindDraft,
    output: Draft,
    errors: [NotFound],
  },
  steps: {
    summary: 'Show every step of a draft: versions, comments, checks, decisions',
    route: 'GET /drafts/:id/steps',
    permission: 'documents.read',
    input: FindDraft,
    output: DraftSteps,
    errors: [NotFound],
  },
  compare: {
    summary: 'Compare two versions word by word',
    route: 'GET /drafts/:id/comparison',
    permission: 'documents.read',
    input: CompareDraft,
    output: Comparison,
    errors: [NotFound],
  },
  comment: {
    summary: 'Comment on a draft',
    route: 'POST /drafts/:id/comments',
    permission: 'documents.read',
    input: CommentDraft,
    output: DraftSteps,
    errors: [NotFound],
    status: 201,
  },
  checkContent: {
    ...decision,
    summary: 'Answer for the content, as head of the drafting unit',
    route: 'POST /drafts/:id/content-check',
    permission: 'documents.check-content',
    errors: [...decision.errors, OwnWork],
  },
  checkFormat: {
    ...decision,
    summary: 'Answer for the form; faults are named and refused',
    route: 'POST /drafts/:id/format-check',
    permission: 'documents.check-format',
    errors: [...decision.errors, FormFaults],
  },
  approve: {
    ...decision,
    summary: 'Approve and sign, as the one entitled to by post or by written authority',
    route: 'POST /drafts/:id/approval',
    permission: 'documents.handle',
    errors: [...decision.errors, MayNotSign],
  },
  sendBack: {
    ...decision,
    summary: 'Send a draft back with the reason',
    route: 'POST /drafts/:id/return',
    permission: 'documents.read',
    input: SendBackDraft,
  },
  issue: {
    summary:
      'Give an approved draft its number and date, register and issue it, once signed if so ruled',
    route: 'POST /drafts/:id/issue',
    permission: 'documents.issue',
    input: IssueDraft,
    output: OutgoingDocument,
    errors: [
      NotFound,
      NotInThisState,
      Changed,
      BookClosed,
      WrongBook,
      SymbolTaken,
      Conflict,
      NothingToSign,
    ],
    status: 201,
  },
});

export class DraftFact {
  @Id() draftId: string;
  @Id() organisationId: string;
}

export const draftCreated = event('documents.drafts.created.v1', 'A draft was begun', DraftFact);
export const draftApproved = event(
  'documents.drafts.approved.v1',
  'A draft was approved',
  DraftFact,
);
