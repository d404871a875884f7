import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Id, List, Text } from '../language/fields.js';
import { Conflict, NotFound } from '../language/problem.js';
import { Nothing } from '../language/stored-file.js';

export const certificatePolicyCodes = [
  'alarm-days',
  'indicator-days',
  'renewal-min-days',
  'renewal-max-count',
  'provider-working-days',
  'signing-token-hours',
  'restamp-days',
  'stamp-wait-minutes',
  'seal-diameter-mm',
] as const;

export class EnactCertificatePolicy {
  @Choice(certificatePolicyCodes) code: (typeof certificatePolicyCodes)[number];
  @Count({ max: 3_650 }) value: number;
  @Day() validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** A number that alarms and limits of certificates rest on; alarms hold side by side. */
export class CertificatePolicy extends EnactCertificatePolicy {
  @Id() id: string;
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
}

export class EndCertificatePolicy {
  @Id() id: string;
  @Day({ description: 'Last day' }) validTo: string;
}

export class CertificatePolicies {
  @List(() => CertificatePolicy, { max: 1_000 }) items: CertificatePolicy[];
}

export const certificatePolicies = contract('signatures.policies', {
  list: {
    summary: 'List the dated numbers that alarms and limits of certificates rest on',
    route: 'GET /certificate-policies',
    permission: 'signed-in',
    input: Nothing,
    output: CertificatePolicies,
  },
  enact: {
    summary: 'Enter a number that holds from a day on',
    route: 'POST /certificate-policies',
    permission: 'signatures.keep-policies',
    input: EnactCertificatePolicy,
    output: CertificatePolicy,
    errors: [Conflict],
    status: 201,
  },
  end: {
    summary: 'End a number on a day',
    route: 'POST /certificate-policies/:id/end',
    permission: 'signatures.keep-policies',
    input: EndCertificatePolicy,
    output: CertificatePolicy,
    errors: [NotFound],
  },
});

export class CertificatePolicyFact {
  @Id() policyId: string;
}

export const certificatePolicyChanged = event(
  'signatures.policies.changed.v1',
  'A number that certificates rest on was enacted or ended',
  CertificatePolicyFact,
);
