import { type Failure, failure } from '../failures.js';
import type { Certificate } from './certificate.js';
import type { OcspResponse } from './ocsp.js';
import type { PathRequirements } from './path-validation.js';
import { Revocation, type RevocationMaterial, type RevocationOptions } from './revocation.js';
import type { CertificateStatus } from './status.js';
import { anchorOf, type TrustAnchor } from './trust-anchor.js';
import { verifyPath } from './verify-path.js';
import { Work, WorkLimit } from './work.js';

export interface OcspResponseQuestion {
  /** Who issued the certificates that the response is about. */
  issuer: Certificate;
  /** What the issuer's path must end in; the issuer itself may be among them. */
  anchors: readonly TrustAnchor[];
  certificates: readonly Certificate[];
  requirements: PathRequirements;
  material?: RevocationMaterial;
  options?: RevocationOptions;
}

/** What a response says of each certificate; sound when `failures` is empty. */
export interface OcspVerdict {
  failures: Failure[];
  statuses: { serial: string; found: CertificateStatus }[];
}

/**
 * Verifies an OCSP response by itself, without the certificates it is about (RFC 6960, 3.2): that it is
 * about this issuer's, signed by who may, and current. Never throws for input.
 */
export function verifyOcsp(response: OcspResponse, question: OcspResponseQuestion): OcspVerdict {
  const { issuer, anchors, certificates, requirements, material, options } = question;
  const work = new Work();
  const trusted = anchors.find(({ certificate }) => certificate?.equals(issuer));
  const above = trusted
    ? { valid: true, failures: [], path: [], anchor: trusted }
    : verifyPath(issuer, { certificates, anchors, requirements }, work);
  if (!above.valid) return { failures: above.failures, statuses: [] };
  // The last of a path is whom it is about: nobody here, so the issuer stands for them.
  const candidate = { path: [...above.path!, issuer], anchor: above.anchor! };
  const known = { certificates, ...material, ocsp: [response] };
  const revocation = new Revocation(known, requirements, options);
  try {
    const statuses = response.responses.map(({ serial }) => {
      // How long they are valid is not known; the archive is then no question.
      const subject = { serial, issuer: issuer.subject, notAfter: new Date(8.64e15) };
      const [found] = revocation.statusesByOcsp(subject, anchorOf(issuer), candidate, work);
      return { serial: serial.toString('hex'), found: found! };
    });
    const failures = statuses.flatMap(({ found }) =>
      found.status === 'unknown' && !found.said
        ? [failure('revocation-unknown', issuer, found.why.join('; '))]
        : [],
    );
    return statuses.length > 0
      ? { failures, statuses }
      : { failures: [failure('revocation-unknown', issuer, 'about nothing')], statuses };
  } catch (error) {
    if (!(error instanceof WorkLimit)) throw error;
    return { failures: [failure('work-limit', issuer)], statuses: [] };
  }
}
