/**
 * Why a verdict is not "valid". Every code stands for one rule of a standard, so that a verdict can be
 * checked against the text it rests on.
 */
export const rules = {
  'malformed-certificate': 'RFC 5280, 4.1',
  'malformed-extension': 'RFC 5280, 4.2',
  'malformed-key': 'RFC 5280, 4.1.2.7',
  'unknown-critical-extension': 'RFC 5280, 6.1.3 to 6.1.5',
  'profile-violation': 'RFC 5280, 4',
  'signature-invalid': 'RFC 5280, 6.1.3 (a)(1)',
  'algorithm-refused': 'RFC 5280, 1 and the algorithm policy given',
  'algorithm-unknown': 'RFC 5280, 4.1.1.2',
  'not-yet-valid': 'RFC 5280, 6.1.3 (a)(2)',
  expired: 'RFC 5280, 6.1.3 (a)(2)',
  revoked: 'RFC 5280, 6.1.3 (a)(3)',
  'revocation-unknown': 'RFC 5280, 6.3.3',
  'name-chaining': 'RFC 5280, 6.1.3 (a)(4)',
  'name-constraints': 'RFC 5280, 6.1.3 (b) and (c)',
  'policy-required': 'RFC 5280, 6.1.3 (f) and 6.1.5 (g)',
  'policy-mapping-of-any': 'RFC 5280, 6.1.4 (a)',
  'policy-work-limit': 'RFC 9618, 1',
  'not-a-ca': 'RFC 5280, 6.1.4 (k)',
  'path-too-long': 'RFC 5280, 6.1.4 (l) and (m)',
  'no-cert-sign': 'RFC 5280, 6.1.4 (n)',
  'anchor-unusable': 'RFC 5280, 6.1.1 (d); RFC 5937, 3',
  'key-usage': 'RFC 5280, 4.2.1.3',
  'extended-key-usage': 'RFC 5280, 4.2.1.12',
  'name-mismatch': 'RFC 9525, 6',
  'target-is-anchor': 'RFC 5280, 6.1',
  'target-is-ca': 'the caller asks for an end entity',
  'no-path': 'RFC 5280, 6.1',
  'work-limit': 'RFC 4158, 2.4.2',
  'malformed-ocsp': 'RFC 6960, 4.2.1',
  'malformed-cms': 'RFC 5652, 5.1',
  'signer-unknown': 'RFC 5652, 5.3',
  'no-signer': 'RFC 5652, 5.1',
  'content-missing': 'RFC 5652, 5.2',
  'content-ambiguous': 'RFC 5652, 5.2',
  'content-type-mismatch': 'RFC 5652, 11.1',
  'digest-mismatch': 'RFC 5652, 5.6 and 11.2',
  'signed-attributes': 'RFC 5652, 5.3 and 11',
  'digest-inconsistent': 'RFC 5652, 5.1 and 5.3; RFC 4056, 3',
  'cms-signature-invalid': 'RFC 5652, 5.6',
  'algorithm-protection': 'RFC 6211, 2',
  'signing-certificate': 'RFC 5035, 3; RFC 2634, 5.4',
  'time-stamp-malformed': 'RFC 3161, 2.4.2',
  'time-stamp-imprint': 'RFC 3161, 2.4.2',
  'time-stamp-nonce': 'RFC 3161, 2.4.2',
  'time-stamp-purpose': 'RFC 3161, 2.3',
  'time-stamp-policy': 'RFC 3161, 2.4.2',
} as const;

export type FailureCode = keyof typeof rules;

/** One rule that was broken, where, and in what way. */
export interface Failure {
  code: FailureCode;
  rule: string;
  /** Subject of the certificate it concerns. */
  subject?: string;
  /** SHA-256 of that certificate. */
  fingerprint?: string;
  detail?: string;
}

interface Concerned {
  subject: { toString(): string };
  fingerprint: string;
}

export function failure(code: FailureCode, about?: Concerned, detail?: string): Failure {
  return {
    code,
    rule: rules[code],
    ...(about && { subject: nameOf(about), fingerprint: about.fingerprint }),
    ...(detail && { detail }),
  };
}

function nameOf({ subject }: Concerned): string {
  try {
    return subject.toString().slice(0, 500);
  } catch {
    return 'a malformed name';
  }
}
