import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import {
  Choice,
  Count,
  Day,
  Flag,
  Id,
  List,
  Measure,
  Moment,
  Part,
  Text,
  Version,
} from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, NotFound, problem } from '../language/problem.js';
import { Page } from '../language/stored-file.js';

export class VisitState extends problem(409, 'inspections/visit-state', {
  vi: 'Đoàn công tác không ở trạng thái cho phép việc này',
  en: 'The visit is not in a state for this',
}) {}

export const memberRoles = ['head', 'deputy', 'secretary', 'member'] as const;
export const visitStates = ['open', 'closed'] as const;
export const recommendationStates = ['open', 'reported', 'done'] as const;

export class Member {
  @Id() personId: string;
  @Choice(memberRoles) role: (typeof memberRoles)[number];
}

export class VisitedUnit {
  @Id() organisationId: string;
  @Day({ description: 'The day it is visited' }) on: string;
}

export class OpenVisit {
  @Id({ description: 'The agency that sends the delegation' }) organisationId: string;
  @Text({ max: 300 }) title: string;
  @Text({ max: 300, description: 'The decision it rests on' }) legalBasis: string;
  @Day() from: string;
  @Day() to: string;
  @List(() => Member, { min: 1, max: 50, description: 'Exactly one of them heads it' })
  members: Member[];
  @List(() => VisitedUnit, { min: 1, max: 100 }) units: VisitedUnit[];
}

export class Finding {
  @Id() id: string;
  @Id() organisationId: string;
  @Text({ max: 4_000 }) text: string;
  @Text({ max: 1_000, optional: true, description: 'What it rests on' }) evidence?: string;
  @Id() recordedBy: string;
  @Moment() at: Date;
}

export class FollowUp {
  @Moment() at: Date;
  @Id() personId: string;
  @Text({ max: 4_000 }) text: string;
  @Choice(recommendationStates) state: (typeof recommendationStates)[number];
}

export class Recommendation {
  @Id() id: string;
  @Id({ description: 'Who is to carry it out' }) organisationId: string;
  @Id({ optional: true }) findingId?: string;
  @Text({ max: 4_000 }) text: string;
  @Day() dueOn: string;
  @Choice(recommendationStates) state: (typeof recommendationStates)[number];
  @Flag() late: boolean;
  @List(() => FollowUp, { max: 500 }) followUps: FollowUp[];
}

/** A working visit (đoàn công tác) to units over some days. */
export class Visit {
  @Id() id: string;
  @Id() organisationId: string;
  @Text({ max: 300 }) title: string;
  @Text({ max: 300 }) legalBasis: string;
  @Day() from: string;
  @Day() to: string;
  @Choice(visitStates) state: (typeof visitStates)[number];
  @List(() => Member, { max: 50 }) members: Member[];
  @List(() => VisitedUnit, { max: 100 }) units: VisitedUnit[];
  @Count({ max: 1_000_000_000 }) version: number;
}

export class VisitDetails extends Visit {
  @List(() => Finding, { max: 2_000 }) findings: Finding[];
  @List(() => Recommendation, { max: 2_000 }) recommendations: Recommendation[];
}

export class FindVisit {
  @Id() id: string;
}

export class RecordFinding extends FindVisit {
  @Id() organisationId: string;
  @Text({ max: 4_000 }) text: string;
  @Text({ max: 1_000, optional: true }) evidence?: string;
}

export class Recommend extends FindVisit {
  @Id() organisationId: string;
  @Id({ optional: true }) findingId?: string;
  @Text({ max: 4_000 }) text: string;
  @Day() dueOn: string;
}

export class ReportFollowUp {
  @Id({ description: 'The recommendation' }) id: string;
  @Text({ max: 4_000, description: 'What was done' }) text: string;
  @Flag({ description: 'Whether that is all of it' }) done: boolean = false;
}

export class CloseVisit extends FindVisit {
  @Version() version: number;
}

/** A measured figure, or that a service gave none: never 0 for unknown. */
export class ReportFigure {
  @Id() organisationId: string;
  @Text({ max: 200 }) unit: string;
  @Text({ max: 40, description: 'The service that measured it' }) source: string;
  @Text({ max: 80, optional: true }) code?: string;
  @Text({ max: 200 }) name: string;
  @Flag({ description: 'False: the service gave no figure' }) measured: boolean;
  @Measure({ optional: true }) value?: number;
  @Measure({ optional: true }) of?: number;
  @Text({ max: 40, optional: true, description: 'What is counted' }) counted?: string;
}

export class VisitReport {
  @Part(() => VisitDetails) visit: VisitDetails;
  @Moment() measuredAt: Date;
  @List(() => ReportFigure, { max: 5_000 }) figures: ReportFigure[];
}

export class VisitPage extends pageOf(Visit) {}

export const visits = contract('inspections.visits', {
  open: {
    summary: 'Open a working visit with its members and the units it goes to',
    route: 'POST /visits',
    permission: 'inspections.manage',
    input: OpenVisit,
    output: Visit,
    errors: [NotFound],
    status: 201,
  },
  list: {
    summary: 'List working visits, newest first',
    route: 'GET /visits',
    permission: 'inspections.read',
    input: PageInput,
    output: VisitPage,
  },
  find: {
    summary: 'Show a visit with its findings and recommendations',
    route: 'GET /visits/:id',
    permission: 'inspections.read',
    input: FindVisit,
    output: VisitDetails,
    errors: [NotFound],
  },
  record: {
    summary: 'Record a finding at a visited unit',
    route: 'POST /visits/:id/findings',
    permission: 'inspections.manage',
    input: RecordFinding,
    output: Finding,
    errors: [NotFound, VisitState],
    status: 201,
  },
  recommend: {
    summary: 'Make a recommendation with a deadline',
    route: 'POST /visits/:id/recommendations',
    permission: 'inspections.manage',
    input: Recommend,
    output: Recommendation,
    errors: [NotFound, VisitState],
    status: 201,
  },
  followUp: {
    summary: 'Report what was done about a recommendation',
    route: 'POST /recommendations/:id/follow-ups',
    permission: 'inspections.follow-up',
    input: ReportFollowUp,
    output: Recommendation,
    errors: [NotFound, VisitState],
    status: 201,
  },
  close: {
    summary: 'Close a visit: its findings are complete; follow-up goes on',
    route: 'POST /visits/:id/close',
    permission: 'inspections.manage',
    input: CloseVisit,
    output: Visit,
    errors: [NotFound, VisitState, Changed],
  },
  report: {
    summary: 'Report on a visit, with figures measured now by the other services',
    route: 'GET /visits/:id/report',
    permission: 'inspections.read',
    input: FindVisit,
    output: VisitReport,
    errors: [NotFound],
    timeoutMs: 15_000,
  },
  reportPage: {
    summary: 'The same report as a page to read and print',
    route: 'GET /visit-reports/:id',
    permission: 'inspections.read',
    input: FindVisit,
    output: Page,
    errors: [NotFound],
    replies: 'page',
    timeoutMs: 15_000,
  },
});

export class VisitFact {
  @Id() visitId: string;
  @Id() organisationId: string;
}

export class RecommendationFact {
  @Id() recommendationId: string;
  @Id() visitId: string;
  @Id() organisationId: string;
  @Day() dueOn: string;
}

export const visitOpened = event(
  'inspections.visits.opened.v1',
  'A working visit was opened',
  VisitFact,
);
export const visitClosed = event(
  'inspections.visits.closed.v1',
  'A working visit was closed',
  VisitFact,
);
export const recommendationMade = event(
  'inspections.recommendations.made.v1',
  'A recommendation was made to an agency',
  RecommendationFact,
);
export const recommendationDone = event(
  'inspections.recommendations.done.v1',
  'A recommendation was carried out',
  RecommendationFact,
);
