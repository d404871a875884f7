import { type Failure, failure } from '../failures.js';
import type { Certificate } from './certificate.js';
import { type CandidatePath, PathBuilder } from './path-building.js';
import { type PathRequirements, validatePath } from './path-validation.js';
import type { CertificateStatus } from './status.js';
import type { TrustAnchor } from './trust-anchor.js';
import { Work, WorkLimit } from './work.js';

/** Says whether a valid path's certificates are revoked: see `revocation.ts`. */
export interface RevocationCheck {
  check(
    candidate: CandidatePath,
    work: Work,
  ): { failures: Failure[]; statuses: CertificateStatus[] };
}

export interface PathQuestion {
  /** Certificates that may lie between target and anchor, in any order. */
  certificates: Iterable<Certificate>;
  anchors: readonly TrustAnchor[];
  requirements: PathRequirements;
  /** Absent: revocation is not asked. */
  revocation?: RevocationCheck;
}

/**
 * The answer about a target. Valid when there is a path all of whose rules hold; otherwise `failures`
 * are those of the path that came nearest, and `others` says how many more were tried.
 */
export interface PathVerdict {
  valid: boolean;
  /** From the certificate that the anchor issued to the target; absent when no path chains. */
  path?: Certificate[];
  anchor?: TrustAnchor;
  failures: Failure[];
  others: number;
  authorityPolicies: string[];
  policies: string[];
  /** One for each certificate of `path`, when revocation was asked. */
  statuses: CertificateStatus[];
}

type Attempt = Omit<PathVerdict, 'others'>;

/** Builds the paths of a target and validates them until one is valid. Never throws for input. */
export function verifyPath(
  target: Certificate,
  question: PathQuestion,
  work = new Work(),
): PathVerdict {
  const { anchors, certificates, requirements } = question;
  if (target.malformed) {
    return without([failure('malformed-extension', target, target.malformed)]);
  }
  if (anchors.some(({ certificate }) => certificate?.equals(target))) {
    return without([failure('target-is-anchor', target)]);
  }
  const builder = new PathBuilder(certificates, anchors, requirements, work);
  let nearest: Attempt | undefined;
  let tried = 0;
  try {
    for (const candidate of builder.paths(target)) {
      const attempt = judge(candidate, question, work);
      if (attempt.valid) return { ...attempt, others: tried };
      tried++;
      if (!nearest || attempt.failures.length < nearest.failures.length) nearest = attempt;
    }
  } catch (error) {
    if (!(error instanceof WorkLimit)) throw error;
    const failures = [failure('work-limit', target, error.message), ...(nearest?.failures ?? [])];
    return without(failures, tried);
  }
  if (nearest) return { ...nearest, others: tried - 1 };
  return without([failure('no-path', target), ...builder.leftOut]);
}

function judge(candidate: CandidatePath, question: PathQuestion, work: Work): Attempt {
  const result = validatePath(candidate.path, candidate.anchor, question.requirements);
  const attempt = { ...candidate, ...result, statuses: [] };
  if (result.failures.length > 0) return { ...attempt, valid: false };
  if (!question.revocation) return { ...attempt, valid: true };
  const { failures, statuses } = question.revocation.check(candidate, work);
  return { ...attempt, failures, statuses, valid: failures.length === 0 };
}

const without = (failures: Failure[], others = 0): PathVerdict => ({
  valid: false,
  failures,
  others,
  authorityPolicies: [],
  policies: [],
  statuses: [],
});
