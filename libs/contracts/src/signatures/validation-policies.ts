import { contract } from '../language/contract.js';
import { event } from '../language/event.js';
import { Choice, Count, Day, Flag, Id, List, Text } from '../language/fields.js';
import { Conflict, NotFound } from '../language/problem.js';
import { Nothing } from '../language/stored-file.js';
import { type TrustListName, trustLists } from './trust.js';

/** An algorithm that is accepted: a digest, or a kind of key from a size on, up to a day. */
export class AcceptedAlgorithm {
  @Text({ max: 20, pattern: /^[a-z0-9-]+$/, description: 'sha256, rsa, ec, ed25519, …' })
  name: string;
  @Count({ max: 65_536, optional: true, description: 'Least size of the key' }) bits?: number;
  @Day({ optional: true, description: 'Last day on which it counts; absent: no end is known' })
  until?: string;
}

const Age = () =>
  Count({
    max: 100_000,
    optional: true,
    description: 'Hours after which a status is stale; absent: when a newer one is due',
  });

/** What a validation accepts (EN 319 102-1, 5.1.4), as data that change by dated rows. */
export class ValidationRules {
  @List(Choice(trustLists), { min: 1, max: 10, description: 'Lists that signers may be on' })
  signerLists: TrustListName[];
  @List(Choice(trustLists), { min: 1, max: 10, description: 'Lists that stamps may be on' })
  timeStampLists: TrustListName[];
  @List(() => AcceptedAlgorithm, { min: 1, max: 100 }) algorithms: AcceptedAlgorithm[];
  @Flag({ description: 'Whether the status of the signer must be known' }) signerStatus: boolean;
  @Age() signerMaxAgeHours?: number;
  @Flag({ description: 'Whether that of every authority above must be' }) authorityStatus: boolean;
  @Age() authorityMaxAgeHours?: number;
  @Flag({ description: 'Whether that of who stamped the time must be' }) stamperStatus: boolean;
  @Age() stamperMaxAgeHours?: number;
  @List(Choice(['signing-certificate', 'claimed-time']), {
    max: 2,
    description: 'What must have been signed along',
  })
  requires: ('signing-certificate' | 'claimed-time')[];
  @List(Text({ max: 60, pattern: /^\d+(\.\d+)+$/ }), {
    max: 20,
    description: 'Extended key usages, one of which the certificate must not exclude; none: any',
  })
  signerPurposes: string[];
}

export class EnactValidationPolicy extends ValidationRules {
  @Text({ max: 40, pattern: /^[a-z0-9-]+$/, description: 'general, strict, …' }) name: string;
  @Day() validFrom: string;
  @Text({ max: 300 }) legalBasis: string;
}

/** Rules under a name; of rows that hold on a day the newest counts. */
export class ValidationPolicyRow extends EnactValidationPolicy {
  @Id() id: string;
  @Day({ optional: true, description: 'Last day; absent while it lasts' }) validTo?: string;
}

export class EndValidationPolicy {
  @Id() id: string;
  @Day({ description: 'Last day' }) validTo: string;
}

export class ValidationPolicyList {
  @List(() => ValidationPolicyRow, { max: 200 }) items: ValidationPolicyRow[];
}

export const validationPolicies = contract('signatures.validation-policies', {
  list: {
    summary: 'List the dated rules by which signatures are validated',
    route: 'GET /validation-policies',
    permission: 'signed-in',
    input: Nothing,
    output: ValidationPolicyList,
  },
  enact: {
    summary: 'Enter rules of validation that hold from a day on',
    route: 'POST /validation-policies',
    permission: 'signatures.keep-policies',
    input: EnactValidationPolicy,
    output: ValidationPolicyRow,
    errors: [Conflict],
    status: 201,
  },
  end: {
    summary: 'End rules of validation on a day',
    route: 'POST /validation-policies/:id/end',
    permission: 'signatures.keep-policies',
    input: EndValidationPolicy,
    output: ValidationPolicyRow,
    errors: [NotFound],
  },
});

export class ValidationPolicyFact {
  @Id() policyId: string;
}

export const validationPolicyChanged = event(
  'signatures.validation-policies.changed.v1',
  'Rules of validation were enacted or ended',
  ValidationPolicyFact,
);
