import { type Failure, failure } from '../failures.js';
import { extensions, keyPurposes } from '../oids.js';
import { currentAlgorithms, refusedKey } from './algorithm-policy.js';
import type { Certificate } from './certificate.js';
import { issuerViolation, profileViolation } from './certificate-profile.js';
import { keyUsages } from './extensions.js';
import type { PathRequirements } from './path-validation.js';

const processed = new Set<string>([
  extensions.basicConstraints,
  extensions.keyUsage,
  extensions.extendedKeyUsage,
  extensions.subjectAltName,
  extensions.issuerAltName,
  extensions.certificatePolicies,
  extensions.policyMappings,
  extensions.policyConstraints,
  extensions.inhibitAnyPolicy,
  extensions.nameConstraints,
  extensions.crlDistributionPoints,
  extensions.authorityKeyIdentifier,
  extensions.subjectKeyIdentifier,
  extensions.ocspNoCheck,
]);

/** The first critical extension that path validation does not process. */
export const unknownCritical = (certificate: Certificate): string | undefined =>
  [...certificate.extensions.values()].find((one) => one.critical && !processed.has(one.oid))?.oid;

/** What is wrong with a certificate wherever in a path it stands. */
export function ownFailures(certificate: Certificate, asked: PathRequirements): Failure[] {
  if (certificate.malformed) {
    return [failure('malformed-extension', certificate, certificate.malformed)];
  }
  const found: Failure[] = [];
  const { time } = asked;
  if (time < certificate.notBefore) {
    found.push(failure('not-yet-valid', certificate, certificate.notBefore.toISOString()));
  }
  if (time > certificate.notAfter) {
    found.push(failure('expired', certificate, certificate.notAfter.toISOString()));
  }
  const unknown = unknownCritical(certificate);
  if (unknown) found.push(failure('unknown-critical-extension', certificate, unknown));
  const violation = asked.profile !== 'path' && profileViolation(certificate);
  if (violation) found.push(failure('profile-violation', certificate, violation));
  if (!servesPurpose(certificate, asked)) {
    const has = certificate.extendedKeyUsage!.join(' ');
    found.push(failure('extended-key-usage', certificate, has));
  }
  return found;
}

/** The same, and what is wrong with it as the issuer of another: RFC 5280, 6.1.4 (k) and (n). */
export function issuerFailures(certificate: Certificate, asked: PathRequirements): Failure[] {
  const found = ownFailures(certificate, asked);
  if (certificate.malformed) return found;
  if (!certificate.basicConstraints?.ca) found.push(failure('not-a-ca', certificate));
  if (!certificate.mayUse(keyUsages.keyCertSign)) found.push(failure('no-cert-sign', certificate));
  const violation = asked.profile !== 'path' && issuerViolation(certificate);
  if (violation) found.push(failure('profile-violation', certificate, violation));
  const key = certificate.publicKey;
  // Without its parameters the size of a DSA key is not known yet.
  const refused =
    !key.incomplete && refusedKey(asked.algorithms ?? currentAlgorithms, key, asked.time);
  if (refused) found.push(failure('algorithm-refused', certificate, refused));
  return found;
}

/** A CA that names purposes passes on no others. */
export function servesPurpose(certificate: Certificate, asked: PathRequirements): boolean {
  const { purposes, anyPurpose = true } = asked;
  const has = certificate.extendedKeyUsage;
  if (!purposes || !has || (anyPurpose && has.includes(keyPurposes.any))) return true;
  return purposes.some((purpose) => has.includes(purpose));
}
