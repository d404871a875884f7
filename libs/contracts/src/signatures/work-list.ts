import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Id, Moment, Text, Version } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { Changed, NotFound } from '../language/problem.js';
import { OutOfOrder } from './certificates.js';

export const workItemStates = ['open', 'done', 'dismissed', 'withdrawn'] as const;

/** A certificate whose subject no longer fits, and what somebody should do about it. */
export class WorkItem {
  @Id() id: string;
  @Id() certificateId: string;
  @Id() agencyId: string;
  @Text({ max: 1_000, description: 'Subject of the certificate' }) subject: string;
  @Text({ max: 40, description: 'left-agency, changed-post, agency-renamed, …' }) ground: string;
  @Text({ max: 200, description: 'The ground in words' }) title: string;
  @Choice(['revoke', 'replace']) action: 'revoke' | 'replace';
  @Text({ max: 600, optional: true, description: 'What the directory or register says' })
  detail?: string;
  @Text({ max: 700, description: 'The legal hook, and the decision behind the change' })
  legalBasis: string;
  @Day({ description: 'From when it no longer fits; may lie ahead' }) effectiveOn: string;
  @Moment() raisedAt: Date;
  @Choice(workItemStates) state: (typeof workItemStates)[number];
  @Text({ max: 300, optional: true }) note?: string;
  @Count({ max: 1_000_000_000 }) version: number;
}

export class ListWorkItems extends PageInput {
  @Id({ optional: true }) agencyId?: string;
  @Choice(workItemStates, { optional: true, description: 'Open ones if not said' })
  state?: (typeof workItemStates)[number];
}

export class SettleWorkItem {
  @Id() id: string;
  @Version() version: number;
  @Choice(['done', 'dismissed']) outcome: 'done' | 'dismissed';
  @Text({ max: 300, description: 'What was done, or why nothing is needed' }) note: string;
}

export class WorkItemPage extends pageOf(WorkItem) {}

export const workList = contract('signatures.work-list', {
  list: {
    summary: 'List certificates to revoke or replace, those first that no longer fit the longest',
    route: 'GET /certificate-work-list',
    permission: 'signatures.read',
    input: ListWorkItems,
    output: WorkItemPage,
  },
  settle: {
    summary: 'Settle an item of the work list: done, or nothing is needed',
    route: 'POST /certificate-work-list/:id/settlement',
    permission: 'signatures.manage',
    input: SettleWorkItem,
    output: WorkItem,
    errors: [NotFound, Changed, OutOfOrder],
  },
});

export class WorkItemFact {
  @Id() itemId: string;
  @Id() certificateId: string;
  @Id() agencyId: string;
  @Text({ max: 40 }) ground: string;
}

export const workItemRaised = event(
  'signatures.work-list.raised.v1',
  'A certificate no longer fits its subject and should be revoked or replaced',
  WorkItemFact,
);
export const workItemSettled = event(
  'signatures.work-list.settled.v1',
  'An item of the work list was settled',
  WorkItemFact,
);
