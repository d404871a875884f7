import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Day, Flag, Id, List, Text } from '../language/fields.js';
import { NotFound } from '../language/problem.js';
import { Nothing } from '../language/stored-file.js';

export class EnactIssuingPolicy {
  @Id({ optional: true, description: 'Only this agency; absent: all' }) organisationId?: string;
  @Flag({ description: 'Whether a numbered document is issued only with its last signature' })
  waitsForSignatures: boolean;
  @Day() validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** Whether issuing waits for signatures, from a day on; an agency's own row goes first. */
export class IssuingPolicy extends EnactIssuingPolicy {
  @Id() id: string;
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
}

export class EndIssuingPolicy {
  @Id() id: string;
  @Day({ description: 'Last day' }) validTo: string;
}

export class IssuingPolicies {
  @List(() => IssuingPolicy, { max: 1_000 }) items: IssuingPolicy[];
}

export const issuingPolicies = contract('documents.issuing-policies', {
  list: {
    summary: 'List the rows that say whether issuing waits for signatures',
    route: 'GET /issuing-policies',
    permission: 'documents.read',
    input: Nothing,
    output: IssuingPolicies,
  },
  enact: {
    summary: 'Have issuing wait for signatures, or not, from a day on',
    route: 'POST /issuing-policies',
    permission: 'documents.keep-policies',
    input: EnactIssuingPolicy,
    output: IssuingPolicy,
    errors: [NotFound],
    status: 201,
  },
  end: {
    summary: 'End such a row on its last day',
    route: 'POST /issuing-policies/:id/end',
    permission: 'documents.keep-policies',
    input: EndIssuingPolicy,
    output: IssuingPolicy,
    errors: [NotFound],
  },
});

export class IssuingPolicyFact {
  @Id() policyId: string;
}

export const issuingPolicyChanged = event(
  'documents.issuing-policies.changed.v1',
  'A row on whether issuing waits for signatures was enacted or ended',
  IssuingPolicyFact,
);
