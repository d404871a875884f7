import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Id, List, Text } from '../language/fields.js';
import { NotFound } from '../language/problem.js';
import { Nothing } from '../language/stored-file.js';
import { urgencies } from './incoming.js';

/** How long a document may take; the most fitting row wins (agency, then urgency, then type). */
export class DeadlinePolicy {
  @Id() id: string;
  @Id({ optional: true, description: 'Only this agency; absent: all' }) organisationId?: string;
  @Choice(urgencies, { optional: true }) urgency?: (typeof urgencies)[number];
  @Text({ max: 20, optional: true }) type?: string;
  @Count({ min: 1, max: 2_000, optional: true }) workingHours?: number;
  @Count({ min: 1, max: 400, optional: true }) workingDays?: number;
  @Day() validFrom: string;
  @Day({ optional: true }) validTo?: string;
  @Text({ max: 300 }) legalBasis: string;
}

export class EnactPolicy {
  @Id({ optional: true }) organisationId?: string;
  @Choice(urgencies, { optional: true }) urgency?: (typeof urgencies)[number];
  @Text({ max: 20, optional: true }) type?: string;
  @Count({ min: 1, max: 2_000, optional: true, description: 'Either hours …' })
  workingHours?: number;
  @Count({ min: 1, max: 400, optional: true, description: '… or days' }) workingDays?: number;
  @Day() validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

export class EndPolicy {
  @Id() id: string;
  @Day() validTo: string;
}

export class Policies {
  @List(() => DeadlinePolicy, { max: 1_000 }) items: DeadlinePolicy[];
}

export const policies = contract('documents.policies', {
  list: {
    summary: 'List the deadline policies, present and past',
    route: 'GET /deadline-policies',
    permission: 'documents.read',
    input: Nothing,
    output: Policies,
  },
  enact: {
    summary: 'Enact a deadline policy from a day on',
    route: 'POST /deadline-policies',
    permission: 'documents.keep-policies',
    input: EnactPolicy,
    output: DeadlinePolicy,
    errors: [NotFound],
    status: 201,
  },
  end: {
    summary: 'End a deadline policy on its last day',
    route: 'POST /deadline-policies/:id/end',
    permission: 'documents.keep-policies',
    input: EndPolicy,
    output: DeadlinePolicy,
    errors: [NotFound],
  },
});

export class PolicyFact {
  @Id() policyId: string;
}

export const policyChanged = event(
  'documents.policies.changed.v1',
  'A deadline policy was enacted or ended',
  PolicyFact,
);
