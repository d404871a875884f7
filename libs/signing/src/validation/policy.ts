import type { AlgorithmPolicy } from '../x509/algorithm-policy.js';

// What is accepted, as data: authorities by list, algorithms by date, revocation by freshness. Law
// and a state body's own rules change; the code that applies them does not.

/** Authorities that are trusted for one thing, such as official-duty signatures. */
export interface TrustList {
  /** Its name in reports: `official-duty` (chuyên dùng công vụ), `public` (công cộng), … */
  name: string;
  anchors: TrustedAnchor[];
}

export interface TrustedAnchor {
  /** DER in base64. */
  certificate: string;
  /** From this moment on (ISO 8601) it is no longer trusted for what is new. */
  until?: string;
}

export interface RevocationRule {
  /** Whether a status must be known. */
  required: boolean;
  /** Age at which a status is stale; absent: when it says that a newer one is due. */
  maxAgeMs?: number;
}

export interface ValidationPolicy {
  name: string;
  /** Lists whose authorities may have issued the signers' certificates. */
  signers: TrustList[];
  /** Lists for time stamp authorities. */
  timeStamps: TrustList[];
  /** What is allowed, and until when; see `AlgorithmRule`. */
  algorithms: AlgorithmPolicy;
  revocation: { signer: RevocationRule; authorities: RevocationRule; timeStamps: RevocationRule };
  /** Extended key usages, one of which the signer's certificate must not exclude. */
  signerPurposes?: string[];
  /** A mask of `keyUsages`, one of which it must not exclude. */
  signerKeyUsage?: number;
  /** What must have been signed along. */
  requires: ('signing-certificate' | 'claimed-time')[];
  /** Signature policies known; a signature that names another is left open. Absent: any. */
  signaturePolicies?: string[];
}
