import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Flag, Id, List, Moment, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, NotFound, problem } from '../language/problem.js';
import { FindDocument, IncomingDocument } from './incoming.js';

export class NotInThisState extends problem(409, 'documents/not-in-this-state', {
  vi: 'Văn bản không ở trạng thái cho phép việc này',
  en: 'The document is not in a state for this',
}) {}
export class NotYourTask extends problem(403, 'documents/not-your-task', {
  vi: 'Việc này không giao cho bạn',
  en: 'This task is not yours',
}) {}

/** Chủ trì, phối hợp, để biết. */
export const taskRoles = ['lead', 'cooperate', 'inform'] as const;
export type TaskRole = (typeof taskRoles)[number];
export const stepKinds = [
  'registered',
  'presented',
  'assigned',
  'opinion',
  'returned',
  'transferred',
  'completed',
  'answered',
] as const;

export class PresentIncoming {
  @Id() id: string;
  @Version() version: number;
  @Id({ description: 'The leader it is presented to' }) leaderId: string;
  @Text({ max: 2_000, optional: true, description: 'What the clerk proposes' }) note?: string;
}

export class Assignee {
  @Id({ optional: true, description: 'A unit …' }) unitId?: string;
  @Id({ optional: true, description: '… or a person' }) personId?: string;
  @Choice(taskRoles, { description: 'lead chủ trì, cooperate phối hợp, inform để biết' })
  role: TaskRole;
  @Day({ optional: true, description: 'Deadline of its own' }) dueOn?: string;
}

export class AssignIncoming {
  @Id() id: string;
  @Version() version: number;
  @List(() => Assignee, { min: 1, max: 50, description: 'Exactly one of them leads' })
  assignees: Assignee[];
  @Text({ max: 2_000, optional: true, description: 'Ý kiến chỉ đạo' }) opinion?: string;
}

export class GiveOpinion {
  @Id() id: string;
  @Text({ max: 4_000 }) text: string;
}

export class ActOnTask {
  @Id({ description: 'The task' }) id: string;
  @Text({ max: 2_000, optional: true }) note?: string;
}

export class ReturnTask {
  @Id({ description: 'The task' }) id: string;
  @Text({ max: 2_000, description: 'Why it goes back' }) reason: string;
}

export class TransferTask {
  @Id({ description: 'The task' }) id: string;
  @Id({ optional: true }) unitId?: string;
  @Id({ optional: true }) personId?: string;
  @Text({ max: 2_000, optional: true }) note?: string;
}

/** One step in the life of a document; none is ever changed or taken away. */
export class Step {
  @Count({ max: 1_000_000_000_000 }) id: number;
  @Choice(stepKinds) kind: (typeof stepKinds)[number];
  @Text({ max: 60, description: 'What it is called: Giao xử lý' }) name: string;
  @Moment() at: Date;
  @Id({ optional: true }) personId?: string;
  @Text({ max: 100, optional: true }) person?: string;
  @Id({ optional: true, description: 'The absent person it was done for' }) forPersonId?: string;
  @Text({ max: 100, optional: true }) forPerson?: string;
  @Id({ optional: true }) toUnitId?: string;
  @Id({ optional: true }) toPersonId?: string;
  @Text({ max: 300, optional: true, description: 'Name of the unit or person it went to' })
  to?: string;
  @Choice(taskRoles, { optional: true }) role?: TaskRole;
  @Text({ max: 4_000, optional: true }) note?: string;
}

export class Steps {
  @List(() => Step, { max: 1_000 }) items: Step[];
}

export const taskStates = ['open', 'done', 'returned', 'transferred'] as const;

export class Task {
  @Id() id: string;
  @Id() documentId: string;
  @Id() organisationId: string;
  @Choice(['present', ...taskRoles]) role: 'present' | TaskRole;
  @Choice(taskStates) state: (typeof taskStates)[number];
  @Id({ optional: true }) unitId?: string;
  @Id({ optional: true }) personId?: string;
  @Moment() createdAt: Date;
  @Moment({ optional: true }) dueAt?: Date;
  @Moment({ optional: true }) doneAt?: Date;
  @Flag() late: boolean;
  @Count({ max: 10_000_000 }) number: number;
  @Text({ max: 60, optional: true }) reference?: string;
  @Text({ max: 300 }) author: string;
  @Text({ max: 500 }) abstract: string;
  @Text({ max: 20 }) urgency: string;
}

export class InboxInput extends PageInput {
  @Choice(['waiting', 'due', 'late', 'done'], {
    optional: true,
    description: 'waiting: everything open; due: in the next two working days; late; done',
  })
  show?: 'waiting' | 'due' | 'late' | 'done';
}

export class InboxCounts {
  @Count({ max: 10_000_000 }) waiting: number;
  @Count({ max: 10_000_000 }) due: number;
  @Count({ max: 10_000_000 }) late: number;
  @Count({ max: 10_000_000 }) done: number;
}

export class Inbox extends pageOf(Task) {}

export const handling = contract('documents.handling', {
  present: {
    summary: 'Present an incoming document to a leader',
    route: 'POST /incoming-documents/:id/presentation',
    permission: 'documents.present',
    input: PresentIncoming,
    output: IncomingDocument,
    errors: [NotFound, NotInThisState, Changed],
  },
  assign: {
    summary: 'Assign a document: one leads, others cooperate or are informed',
    route: 'POST /incoming-documents/:id/assignment',
    permission: 'documents.assign',
    input: AssignIncoming,
    output: IncomingDocument,
    errors: [NotFound, NotInThisState, Changed],
  },
  opine: {
    summary: 'Give an opinion on a document you may read',
    route: 'POST /incoming-documents/:id/opinions',
    permission: 'documents.handle',
    input: GiveOpinion,
    output: Steps,
    errors: [NotFound],
    status: 201,
  },
  steps: {
    summary: 'Show every step of a document, oldest first',
    route: 'GET /incoming-documents/:id/steps',
    permission: 'documents.read',
    input: FindDocument,
    output: Steps,
    errors: [NotFound],
  },
  complete: {
    summary: 'Complete a task; the document is completed when the one who leads is done',
    route: 'POST /tasks/:id/completion',
    permission: 'documents.handle',
    input: ActOnTask,
    output: Task,
    errors: [NotFound, NotYourTask, NotInThisState],
  },
  returnTask: {
    summary: 'Return a task to who assigned it, with the reason',
    route: 'POST /tasks/:id/return',
    permission: 'documents.handle',
    input: ReturnTask,
    output: Task,
    errors: [NotFound, NotYourTask, NotInThisState],
  },
  transfer: {
    summary: 'Hand a task to another unit or person',
    route: 'POST /tasks/:id/transfer',
    permission: 'documents.handle',
    input: TransferTask,
    output: Task,
    errors: [NotFound, NotYourTask, NotInThisState],
  },
  inbox: {
    summary: 'Your tasks and those of the posts you hold or stand in for, most urgent first',
    route: 'GET /tasks',
    permission: 'documents.read',
    input: InboxInput,
    output: Inbox,
  },
  counts: {
    summary: 'How many tasks are waiting, due, late and done',
    route: 'GET /tasks/counts',
    permission: 'documents.read',
    input: InboxInput,
    output: InboxCounts,
  },
});

export class HandlingFact {
  @Id() documentId: string;
  @Id() organisationId: string;
}

export const incomingPresented = event(
  'documents.handling.presented.v1',
  'A document was presented to a leader',
  HandlingFact,
);
export const incomingAssigned = event(
  'documents.handling.assigned.v1',
  'A document was assigned',
  HandlingFact,
);
export const incomingReturned = event(
  'documents.handling.returned.v1',
  'A task was returned to who assigned it',
  HandlingFact,
);
export const incomingTransferred = event(
  'documents.handling.transferred.v1',
  'A task was handed to another',
  HandlingFact,
);
export const incomingCompleted = event(
  'documents.handling.completed.v1',
  'The handling of a document was completed',
  HandlingFact,
);
