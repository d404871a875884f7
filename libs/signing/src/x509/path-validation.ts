import { type Failure, failure, type FailureCode } from '../failures.js';
import { anyPolicy } from '../oids.js';
import { AlgorithmError, schemeOf } from './algorithms.js';
import {
  type AlgorithmPolicy,
  currentAlgorithms,
  refusedAlgorithm,
  refusedKey,
} from './algorithm-policy.js';
import type { Certificate } from './certificate.js';
import {
  issuerFailures,
  ownFailures,
  servesPurpose,
  unknownCritical,
} from './certificate-checks.js';
import { anchorViolation } from './certificate-profile.js';
import { type Identity, speaksFor } from './host-names.js';
import type { PublicKey } from './keys.js';
import { NameSubtrees, type NameConstraints } from './name-constraints.js';
import { PolicyGraph, type PolicyInputs } from './policies.js';
import { signatureHolds } from './signature-cache.js';
import type { TrustAnchor } from './trust-anchor.js';

/** What the caller asks of a path besides RFC 5280's own rules. */
export interface PathRequirements extends PolicyInputs {
  /** The moment for which the path must be valid. */
  time: Date;
  algorithms?: AlgorithmPolicy;
  /** `strict` (the default) also asks what section 4 of RFC 5280 asks of issuers. */
  profile?: 'strict' | 'path';
  /** Object identifiers of extended key usages: the target must be good for one of them. */
  purposes?: readonly string[];
  /** Whether `anyExtendedKeyUsage` stands for the purposes asked (default: it does). */
  anyPurpose?: boolean;
  /** A mask of `keyUsages`: the target, if it has the extension, must have one of them. */
  keyUsage?: number;
  /** The target must speak for this host, address or mailbox. */
  identity?: Identity;
  /** The target must be no certification authority. */
  endEntity?: boolean;
  /** Whether an anchor's own certificate confines its paths (RFC 5937; the default). */
  anchorConstraints?: boolean;
  /** initial-permitted-subtrees and initial-excluded-subtrees. */
  subtrees?: NameConstraints;
  /** Certificates between anchor and target, at most (default 20). */
  maxIntermediates?: number;
}

/** What is true of a path; valid when `failures` is empty. */
export interface PathResult {
  failures: Failure[];
  /** The policies of the authorities under which it is valid, and those the user accepts. */
  authorityPolicies: string[];
  policies: string[];
}

/**
 * Validates one path (RFC 5280, 6.1). `path` begins with the certificate that the anchor issued and
 * ends with the target. Revocation, 6.1.3 (a)(3), is asked elsewhere: see `revocation.ts`.
 */
export function validatePath(
  path: readonly Certificate[],
  anchor: TrustAnchor,
  requirements: PathRequirements,
): PathResult {
  return new PathValidation(path, anchor, requirements).run();
}

class PathValidation {
  private readonly failures: Failure[] = [];
  private readonly subtrees = new NameSubtrees();
  private readonly policies: PolicyGraph;
  private readonly algorithms: AlgorithmPolicy;
  private workingKey: PublicKey;
  private maxPathLength: number;

  constructor(
    private readonly path: readonly Certificate[],
    private readonly anchor: TrustAnchor,
    private readonly asked: PathRequirements,
  ) {
    this.policies = new PolicyGraph(asked, path.length);
    this.algorithms = asked.algorithms ?? currentAlgorithms;
    this.workingKey = anchor.key;
    this.maxPathLength = path.length;
    if (asked.subtrees) this.subtrees.add(asked.subtrees);
  }

  run(): PathResult {
    const { path, asked, failures } = this;
    for (const one of path.slice(0, -1)) failures.push(...issuerFailures(one, asked));
    failures.push(...ownFailures(path.at(-1)!, asked));
    // Nothing can be said of a path whose certificates cannot be read.
    if (path.some(({ malformed }) => malformed)) return this.result();
    this.startFromAnchor();
    for (const [at, certificate] of path.entries()) {
      const last = at === path.length - 1;
      this.process(certificate, at === 0 ? this.anchor.name : path[at - 1]!.subject, last);
      if (last) this.finish(certificate);
      else this.prepare(certificate);
    }
    return this.result();
  }

  private result(): PathResult {
    const { failures } = this;
    if (failures.length > 0) return { failures, authorityPolicies: [], policies: [] };
    return {
      failures,
      authorityPolicies: this.policies.authorityPolicies(),
      policies: this.policies.accepted(),
    };
  }

  private fail(code: FailureCode, certificate?: Certificate, detail?: string) {
    this.failures.push(failure(code, certificate, detail));
  }

  /** RFC 5937: the constraints in the anchor's certificate hold as if its issuer had set them. */
  private startFromAnchor() {
    const { certificate } = this.anchor;
    if (!certificate || this.asked.anchorConstraints === false) return;
    const refuse = (detail: string) => this.fail('anchor-unusable', certificate, detail);
    if (certificate.malformed) return refuse(certificate.malformed);
    if (outside(certificate, this.asked.time)) refuse('outside its validity');
    if (certificate.version === 3 && !certificate.certificateAuthority) refuse('no CA');
    const violation = this.asked.profile !== 'path' && anchorViolation(certificate);
    if (violation) refuse(violation);
    const unknown = unknownCritical(certificate);
    if (unknown) refuse(`unknown critical extension ${unknown}`);
    if (!servesPurpose(certificate, this.asked)) refuse('it names other purposes');
    this.constrain(certificate);
  }

  /** 6.1.3: what holds for every certificate. */
  private process(certificate: Certificate, issuer: { key: string }, last: boolean) {
    this.checkSignature(certificate);
    if (certificate.issuer.key !== issuer.key) this.fail('name-chaining', certificate);
    if (last || !certificate.selfIssued) {
      const refusal = this.subtrees.refusal(certificate);
      if (refusal) this.fail('name-constraints', certificate, refusal);
    }
    this.failPolicy(this.policies.process(certificate, last), certificate);
  }

  private checkSignature(certificate: Certificate) {
    const key = this.workingKey;
    try {
      const scheme = schemeOf(certificate.signatureAlgorithm);
      const refused = refusedAlgorithm(this.algorithms, scheme, key, this.asked.time);
      if (refused) this.fail('algorithm-refused', certificate, refused);
      else if (!signatureHolds(certificate, key)) this.fail('signature-invalid', certificate);
    } catch (error) {
      if (!(error instanceof AlgorithmError)) throw error;
      this.fail('algorithm-unknown', certificate, error.message);
    }
    this.workingKey = certificate.publicKey.inheriting(key.dsaParameters);
  }

  private failPolicy(code: FailureCode | undefined, certificate: Certificate) {
    // What is required at one certificate is lacking at all below it: said once.
    if (code && !this.failures.some((one) => one.code === code)) this.fail(code, certificate);
  }

  /** 6.1.4: what holds for every certificate that has another below it. */
  private prepare(certificate: Certificate) {
    this.failPolicy(this.policies.prepare(certificate), certificate);
    if (!certificate.selfIssued && this.maxPathLength-- <= 0) {
      this.fail('path-too-long', certificate);
    }
    this.constrain(certificate);
  }

  /** 6.1.4 (g), (i), (j) and (m): what a CA's certificate confines the rest of the path to. */
  private constrain(certificate: Certificate) {
    if (certificate.nameConstraints) this.subtrees.add(certificate.nameConstraints);
    this.policies.constrain(certificate);
    const { pathLength = Infinity } = certificate.basicConstraints ?? {};
    this.maxPathLength = Math.min(this.maxPathLength, pathLength);
  }

  /** 6.1.5, and what the caller asks of the target. */
  private finish(target: Certificate) {
    this.failPolicy(this.policies.finish(target), target);
    const { keyUsage, identity, endEntity, purposes, time } = this.asked;
    // No part of section 6, which asks it of issuers alone.
    if (this.asked.profile !== 'path' && mapsAny(target))
      this.fail('policy-mapping-of-any', target);
    const refused = refusedKey(this.algorithms, this.workingKey, time);
    if (refused) this.fail('algorithm-refused', target, refused);
    if (keyUsage && !target.mayUse(keyUsage)) this.fail('key-usage', target);
    if (identity && !speaksFor(target, identity)) {
      this.fail('name-mismatch', target, Object.values(identity)[0]);
    }
    if (endEntity && target.basicConstraints?.ca) this.fail('target-is-ca', target);
    if (purposes && this.asked.anyPurpose === false && !target.extendedKeyUsage) {
      this.fail('extended-key-usage', target, 'no purposes are named');
    }
  }
}

/** RFC 5280, 4.2.1.5: never to or from any policy. */
const mapsAny = (certificate: Certificate) =>
  (certificate.policyMappings ?? []).flat().includes(anyPolicy);

const outside = (certificate: Certificate, time: Date) =>
  time < certificate.notBefore || time > certificate.notAfter;
