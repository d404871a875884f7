import { type Failure, type FailureCode } from '../failures.js';
import { keyPurposes } from '../oids.js';
import { Certificate } from '../x509/certificate.js';
import type { PathRequirements } from '../x509/path-validation.js';
import { anchorOf, type TrustAnchor } from '../x509/trust-anchor.js';
import { type PathVerdict, verifyPath } from '../x509/verify-path.js';
import { everyAlgorithm } from './algorithm-ends.js';
import type { Evidence } from './evidence.js';
import { type Conclusion, open, type SubIndication } from './indications.js';
import type { TrustList, ValidationPolicy } from './policy.js';

// Prospective chains (EN 319 102-1 clause 5.2.6.4, steps 1 and 2): what leads from a certificate to
// a trust list, judged by everything that does not change with time. Validity, revocation and
// algorithms are asked afterwards, for one moment or another.

export type Role = 'signer' | 'time-stamp';

export interface Chain {
  /** From the certificate that the anchor issued to the target; empty when it is the anchor. */
  path: Certificate[];
  target: Certificate;
  anchor: TrustAnchor;
  /** Name of the trust list. */
  list: string;
  /** From then on the anchor is trusted only for what is proven to be older. */
  trustedUntil?: Date;
}

interface Entry {
  anchor: TrustAnchor;
  fingerprint: string;
  list: string;
  until?: Date;
}

const byCode: Partial<Record<FailureCode, SubIndication>> = {
  'no-path': 'NO_CERTIFICATE_CHAIN_FOUND',
  'not-a-ca': 'CHAIN_CONSTRAINTS_FAILURE',
  'no-cert-sign': 'CHAIN_CONSTRAINTS_FAILURE',
  'path-too-long': 'CHAIN_CONSTRAINTS_FAILURE',
  'name-constraints': 'CHAIN_CONSTRAINTS_FAILURE',
  'policy-required': 'CHAIN_CONSTRAINTS_FAILURE',
  'policy-mapping-of-any': 'CHAIN_CONSTRAINTS_FAILURE',
  'key-usage': 'CHAIN_CONSTRAINTS_FAILURE',
  'extended-key-usage': 'CHAIN_CONSTRAINTS_FAILURE',
  'profile-violation': 'CHAIN_CONSTRAINTS_FAILURE',
  'unknown-critical-extension': 'CHAIN_CONSTRAINTS_FAILURE',
  expired: 'OUT_OF_BOUNDS_NO_POE',
  'not-yet-valid': 'OUT_OF_BOUNDS_NO_POE',
};

/** Finds chains to the trust lists of a policy; each certificate is asked about once. */
export class Chains {
  private readonly entries: Record<Role, Entry[]>;
  private readonly known = new Map<string, Chain | Conclusion>();

  constructor(
    private readonly evidence: Evidence,
    private readonly policy: ValidationPolicy,
    private readonly now: Date,
  ) {
    this.entries = {
      signer: entriesOf(policy.signers),
      'time-stamp': entriesOf(policy.timeStamps),
    };
  }

  find(target: Certificate, role: Role): Chain | Conclusion {
    const key = `${role} ${target.fingerprint}`;
    const known = this.known.get(key) ?? this.search(target, role);
    this.known.set(key, known);
    return known;
  }

  private search(target: Certificate, role: Role): Chain | Conclusion {
    const itself = this.entries[role].find(({ fingerprint }) => fingerprint === target.fingerprint);
    if (itself) return chainOf([], target, itself);
    let span: Span = { from: target.notBefore, to: target.notAfter };
    let verdict = this.verify(target, role, span);
    if (!verdict.valid && verdict.path && onlyTime(verdict.failures)) {
      span = commonSpan(verdict.path);
      verdict = this.verify(target, role, span);
    }
    const { path, anchor, failures } = verdict;
    if (!verdict.valid || !path || !anchor) return conclusionOf(failures[0]);
    const entry = this.entries[role].find((one) => one.anchor === anchor)!;
    return chainOf(path, target, entry);
  }

  private verify(target: Certificate, role: Role, span: Span): PathVerdict {
    return verifyPath(target, {
      certificates: this.evidence.certificates.values(),
      anchors: this.entries[role].map(({ anchor }) => anchor),
      requirements: this.requirements(role, within(this.now, span)),
    });
  }

  private requirements(role: Role, time: Date): PathRequirements {
    const common = { time, algorithms: everyAlgorithm, anchorConstraints: false } as const;
    if (role === 'time-stamp') {
      return { ...common, purposes: [keyPurposes.timeStamping], anyPurpose: false };
    }
    const { signerPurposes: purposes, signerKeyUsage: keyUsage } = this.policy;
    return { ...common, ...(purposes && { purposes }), ...(keyUsage && { keyUsage }) };
  }
}

export const isChain = (found: Chain | Conclusion): found is Chain => 'path' in found;

interface Span {
  from: Date;
  to: Date;
}

/** The moment nearest to another at which a span holds. */
function within(moment: Date, { from, to }: Span): Date {
  if (moment < from) return from;
  return moment > to ? to : moment;
}

function commonSpan(path: readonly Certificate[]): Span {
  return {
    from: new Date(Math.max(...path.map(({ notBefore }) => +notBefore))),
    to: new Date(Math.min(...path.map(({ notAfter }) => +notAfter))),
  };
}

const onlyTime = (failures: readonly Failure[]) =>
  failures.every(({ code }) => code === 'expired' || code === 'not-yet-valid');

function chainOf(path: Certificate[], target: Certificate, { anchor, list, until }: Entry): Chain {
  return { path, target, anchor, list, ...(until && { trustedUntil: until }) };
}

function conclusionOf(first: Failure | undefined): Conclusion {
  const sub = first && (byCode[first.code] ?? 'CERTIFICATE_CHAIN_GENERAL_FAILURE');
  return open(sub ?? 'NO_CERTIFICATE_CHAIN_FOUND', {
    ...(first && { detail: first.detail ? `${first.code}: ${first.detail}` : first.code }),
    ...(first?.fingerprint && { certificate: first.fingerprint }),
  });
}

function entriesOf(lists: readonly TrustList[]): Entry[] {
  return lists.flatMap(({ name, anchors }) =>
    anchors.map(({ certificate, until }) => {
      const read = Certificate.read(Buffer.from(certificate, 'base64'));
      return {
        anchor: anchorOf(read),
        fingerprint: read.fingerprint,
        list: name,
        ...(until && { until: new Date(until) }),
      };
    }),
  );
}
