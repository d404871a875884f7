/** What revocation data say of one certificate: a fact each; nothing is ever taken for granted. */
export type CertificateStatus =
  | { status: 'good'; source: StatusSource; thisUpdate: Date; nextUpdate?: Date }
  | { status: 'revoked'; at: Date; reason?: string; invalidSince?: Date; source: StatusSource }
  /** `said` when a responder in order says that it does not know. */
  | { status: 'unknown'; why: string[]; said?: true };

export interface StatusSource {
  kind: 'crl' | 'ocsp';
  /** Name of who signed. */
  issuer: string;
  /** SHA-256 of the CRLs or of the response that said so. */
  fingerprints: string[];
}

/** CRLReason (RFC 5280, 5.3.1) by number. */
export const crlReasons: Record<number, string> = {
  0: 'unspecified',
  1: 'keyCompromise',
  2: 'cACompromise',
  3: 'affiliationChanged',
  4: 'superseded',
  5: 'cessationOfOperation',
  6: 'certificateHold',
  8: 'removeFromCRL',
  9: 'privilegeWithdrawn',
  10: 'aACompromise',
};
