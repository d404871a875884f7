/** Status of a validation (EN 319 102-1 clause 5.1.3). */
export type MainIndication = 'TOTAL_PASSED' | 'TOTAL_FAILED' | 'INDETERMINATE';

/** Why it is not passed (EN 319 102-1 table 5 and 6). */
export type SubIndication =
  | 'FORMAT_FAILURE'
  | 'HASH_FAILURE'
  | 'SIG_CRYPTO_FAILURE'
  | 'REVOKED'
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'SIG_CONSTRAINTS_FAILURE'
  | 'CHAIN_CONSTRAINTS_FAILURE'
  | 'CERTIFICATE_CHAIN_GENERAL_FAILURE'
  | 'CRYPTO_CONSTRAINTS_FAILURE'
  | 'POLICY_PROCESSING_ERROR'
  | 'SIGNATURE_POLICY_NOT_AVAILABLE'
  | 'TIMESTAMP_ORDER_FAILURE'
  | 'NO_SIGNING_CERTIFICATE_FOUND'
  | 'NO_CERTIFICATE_CHAIN_FOUND'
  | 'NO_CERTIFICATE_CHAIN_FOUND_NO_POE'
  | 'REVOKED_NO_POE'
  | 'REVOKED_CA_NO_POE'
  | 'OUT_OF_BOUNDS_NO_POE'
  | 'OUT_OF_BOUNDS_NOT_REVOKED'
  | 'REVOCATION_OUT_OF_BOUNDS_NO_POE'
  | 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE'
  | 'NO_POE'
  | 'TRY_LATER'
  | 'SIGNED_DATA_NOT_FOUND';

/** What one step of the validation concludes. */
export interface Conclusion {
  indication: 'PASSED' | 'FAILED' | 'INDETERMINATE';
  sub?: SubIndication;
  /** What it is about, in words. */
  detail?: string;
  /** SHA-256 of the certificate it is about. */
  certificate?: string;
  /** The moment that matters: of a revocation, of an expiry, of an algorithm's end. */
  at?: Date;
}

export const passed: Conclusion = { indication: 'PASSED' };

export const failed = (sub: SubIndication, detail?: string): Conclusion => ({
  indication: 'FAILED',
  sub,
  ...(detail && { detail }),
});

export const open = (sub: SubIndication, more: Omit<Conclusion, 'indication' | 'sub'> = {}) => ({
  indication: 'INDETERMINATE' as const,
  sub,
  ...more,
});

/** Sub-indications that a proof of existence may still lift (clauses 5.5.4 and 5.6.3.4). */
const liftable: ReadonlySet<SubIndication> = new Set<SubIndication>([
  'REVOKED_NO_POE',
  'REVOKED_CA_NO_POE',
  'OUT_OF_BOUNDS_NO_POE',
  'OUT_OF_BOUNDS_NOT_REVOKED',
  'REVOCATION_OUT_OF_BOUNDS_NO_POE',
  'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
  'NO_CERTIFICATE_CHAIN_FOUND_NO_POE',
  'TRY_LATER',
]);

export const mayBeLifted = ({ indication, sub }: Conclusion): boolean =>
  indication === 'INDETERMINATE' && sub !== undefined && liftable.has(sub);
