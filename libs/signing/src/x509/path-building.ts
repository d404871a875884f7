import { type Failure, failure } from '../failures.js';
import { AlgorithmError } from './algorithms.js';
import type { Certificate } from './certificate.js';
import { issuerFailures } from './certificate-checks.js';
import type { PathRequirements } from './path-validation.js';
import { signatureHolds, signatureKnown } from './signature-cache.js';
import type { TrustAnchor } from './trust-anchor.js';
import { Work } from './work.js';

/** A path whose names and signatures chain; whether it is valid, section 6.1 decides. */
export interface CandidatePath {
  /** From the certificate that the anchor issued to the target. */
  path: Certificate[];
  anchor: TrustAnchor;
}

const maxRemembered = 50;

/**
 * Finds every path from a target to an anchor, the likeliest first (RFC 4158). It goes up from the
 * target, depth first, through names that lead to an anchor at all; an entity (name and key) comes once
 * in a path, so cycles end. Certificates that cannot issue anything are left out and remembered.
 */
export class PathBuilder {
  /** Why certificates that might have been part of a path were left out. */
  readonly leftOut: Failure[] = [];
  private readonly bySubject = new Map<string, Certificate[]>();
  private readonly anchorsByName = new Map<string, TrustAnchor[]>();
  private readonly distance = new Map<string, number>();
  private readonly usable = new Map<Certificate, boolean>();
  private readonly maxIntermediates: number;

  constructor(
    certificates: Iterable<Certificate>,
    anchors: readonly TrustAnchor[],
    private readonly asked: PathRequirements,
    private readonly work: Work,
  ) {
    this.maxIntermediates = asked.maxIntermediates ?? 20;
    for (const anchor of anchors) file(this.anchorsByName, anchor.name.key, anchor);
    const known = new Set<string>();
    for (const one of certificates) {
      if (!readableNames(one) || known.has(one.fingerprint)) continue;
      known.add(one.fingerprint);
      file(this.bySubject, one.subject.key, one);
    }
    this.measure();
  }

  /** How many certificates lie between a name and the nearest anchor; names only. */
  private measure() {
    const issuedBy = new Map<string, Set<string>>();
    for (const [subject, certificates] of this.bySubject) {
      for (const { issuer } of certificates) {
        const subjects = issuedBy.get(issuer.key);
        if (subjects) subjects.add(subject);
        else issuedBy.set(issuer.key, new Set([subject]));
      }
    }
    let edge = [...this.anchorsByName.keys()];
    for (let distance = 0; edge.length > 0; distance++) {
      const fresh = edge.filter((name) => !this.distance.has(name));
      for (const name of fresh) this.distance.set(name, distance);
      edge = fresh.flatMap((name) => [...(issuedBy.get(name) ?? [])]);
    }
  }

  /** Throws `WorkLimit`. */
  *paths(target: Certificate): Generator<CandidatePath> {
    if (!readableNames(target)) return;
    yield* this.extend([target], new Set([target.entity]));
  }

  private *extend(upward: Certificate[], entities: Set<string>): Generator<CandidatePath> {
    this.work.step();
    const lowest = upward.at(-1)!;
    for (const anchor of this.anchorsByName.get(lowest.issuer.key) ?? []) {
      if (!this.links(lowest, anchor)) continue;
      this.work.path();
      yield { path: [...upward].reverse(), anchor };
    }
    if (upward.length > this.maxIntermediates) return;
    for (const issuer of this.issuersOf(lowest)) {
      if (entities.has(issuer.entity) || !this.canIssue(issuer)) continue;
      if (!this.links(lowest, { key: issuer.publicKey, certificate: issuer })) continue;
      entities.add(issuer.entity);
      yield* this.extend([...upward, issuer], entities);
      entities.delete(issuer.entity);
    }
  }

  /** Possible issuers: those whose key identifier fits first, then those nearest to an anchor. */
  private issuersOf(certificate: Certificate): Certificate[] {
    const found = this.bySubject.get(certificate.issuer.key) ?? [];
    if (found.length < 2) return found.filter((one) => this.leadsUp(one));
    const rank = (one: Certificate) =>
      (keyFits(certificate, one) ? 0 : 1000) + (this.distance.get(one.issuer.key) ?? 0);
    return found
      .filter((one) => this.leadsUp(one))
      .map((one) => ({ one, rank: rank(one) }))
      .sort((a, b) => a.rank - b.rank || +b.one.notAfter - +a.one.notAfter)
      .map(({ one }) => one);
  }

  private leadsUp(certificate: Certificate): boolean {
    this.work.step();
    return this.distance.has(certificate.issuer.key);
  }

  private canIssue(certificate: Certificate): boolean {
    const known = this.usable.get(certificate);
    if (known !== undefined) return known;
    const failures = issuerFailures(certificate, this.asked);
    this.remember(failures);
    this.usable.set(certificate, failures.length === 0);
    return failures.length === 0;
  }

  private links(
    certificate: Certificate,
    issuer: Pick<TrustAnchor, 'key' | 'certificate'>,
  ): boolean {
    // A DSA key without parameters can be judged only when the path above it is known.
    if (issuer.key.incomplete) return true;
    if (!signatureKnown(certificate, issuer.key)) this.work.signature(issuer.key);
    try {
      const holds = signatureHolds(certificate, issuer.key);
      if (!holds) this.remember([failure('signature-invalid', certificate)]);
      return holds;
    } catch (error) {
      if (!(error instanceof AlgorithmError)) throw error;
      this.remember([failure('algorithm-unknown', certificate, error.message)]);
      return false;
    }
  }

  private remember(failures: Failure[]) {
    for (const one of failures) {
      const known = this.leftOut.some(
        ({ code, fingerprint }) => code === one.code && fingerprint === one.fingerprint,
      );
      if (!known && this.leftOut.length < maxRemembered) this.leftOut.push(one);
    }
  }
}

function file<T>(map: Map<string, T[]>, key: string, value: T) {
  const others = map.get(key);
  if (others) others.push(value);
  else map.set(key, [value]);
}

function readableNames(certificate: Certificate): boolean {
  try {
    return certificate.issuer.key !== undefined && certificate.subject.key !== undefined;
  } catch {
    return false;
  }
}

/** Whether the identifiers of keys fit, or at least do not speak against it. */
function keyFits(certificate: Certificate, issuer: Certificate): boolean {
  try {
    const wanted = certificate.authorityKeyIdentifier?.keyIdentifier;
    const own = issuer.subjectKeyIdentifier;
    return !wanted || !own || wanted.equals(own);
  } catch {
    return false;
  }
}
