import { contract } from '../language/contract.js';
import { Day, Id, List, Measure, Text } from '../language/fields.js';
import { NotFound } from '../language/problem.js';

export class IndicatorsInput {
  @Id({ optional: true, description: 'One agency; all within reach if not said' })
  agencyId?: string;
  @Day({ optional: true, description: 'As of this day; today if not said' }) on?: string;
}

/** A measure of coverage: so many of so many. */
export class Indicator {
  @Text({ max: 40, description: 'SIGN_COVER_ORG, SIGN_COVER_PERSON, SIGN_EXPIRING' })
  code: string;
  @Text({ max: 200 }) name: string;
  @Measure() value: number;
  @Measure() of: number;
}

export class Indicators {
  @Day() on: string;
  @List(() => Indicator, { max: 20 }) items: Indicator[];
}

export const signatureIndicators = contract('signatures.indicators', {
  measure: {
    summary: 'Measure how many agencies and signers hold a certificate, and how many end unrenewed',
    route: 'GET /signature-indicators',
    permission: 'signatures.read',
    input: IndicatorsInput,
    output: Indicators,
    errors: [NotFound],
    timeoutMs: 15_000,
  },
});
