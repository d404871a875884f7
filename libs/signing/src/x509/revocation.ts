import { DerError } from '../asn1/der.js';
import { type Failure, failure } from '../failures.js';
import { currentAlgorithms, refusedAlgorithm } from './algorithm-policy.js';
import { AlgorithmError, schemeOf } from './algorithms.js';
import type { Certificate } from './certificate.js';
import type { CertificateList } from './crl.js';
import { statusByCrls } from './crl-status.js';
import { keyUsages } from './extensions.js';
import type { PublicKey } from './keys.js';
import type { OcspResponse, OcspSubject } from './ocsp.js';
import { statusByOcsp } from './ocsp-status.js';
import type { CandidatePath } from './path-building.js';
import type { PathRequirements } from './path-validation.js';
import type { CertificateStatus } from './status.js';
import { anchorOf, authoritiesOf, type TrustAnchor } from './trust-anchor.js';
import { type RevocationCheck, verifyPath } from './verify-path.js';
import type { Work } from './work.js';

export interface RevocationMaterial {
  crls?: readonly CertificateList[];
  ocsp?: readonly OcspResponse[];
  /** Certificates of CRL issuers and OCSP responders, and those between them and an anchor. */
  certificates?: readonly Certificate[];
}

export interface RevocationOptions {
  /**
   * The moment at which CRLs and responses must be current; the path's own moment unless given. With
   * material from later than the path's moment, a revocation after that moment does no harm.
   */
  at?: Date;
  /** Which certificates are asked about: all but the anchor (the default), or the target alone. */
  scope?: 'path' | 'target';
  /** Nonce of the one OCSP request that was sent. */
  nonce?: Buffer;
  ocspMaxAgeMs?: number;
  /**
   * Believes delegated responders whose own status is not known and whose issuer does not waive the
   * check; RFC 6960, 4.2.2.2.1, leaves it to policy.
   */
  unsafeUncheckedResponders?: boolean;
  /** Responders trusted by themselves (RFC 6960, 4.2.2.2, case 1). */
  trustedResponders?: readonly Certificate[];
}

/** What one question goes on with: the path, what it may cost, and whose status is being asked. */
interface Context {
  candidate: CandidatePath;
  work: Work;
  /** The anchor and the path's certificates, in order, each as the issuer of the next. */
  authorities: readonly TrustAnchor[];
  /** Fingerprints of certificates that are being asked about, so that nothing vouches for itself. */
  pending: Set<string>;
}

/** Answers whether the certificates of a path are revoked, from material at hand (RFC 5280, 6.3). */
export class Revocation implements RevocationCheck {
  private readonly crls: readonly CertificateList[];
  private readonly ocsp: readonly OcspResponse[];
  private readonly certificates: readonly Certificate[];
  private readonly at: Date;

  constructor(
    material: RevocationMaterial,
    readonly requirements: PathRequirements,
    readonly options: RevocationOptions = {},
  ) {
    this.crls = material.crls ?? [];
    this.ocsp = material.ocsp ?? [];
    this.certificates = material.certificates ?? [];
    this.at = options.at ?? requirements.time;
  }

  check(candidate: CandidatePath, work: Work) {
    return this.run(contextOf(candidate, work));
  }

  private run(context: Context) {
    const { path } = context.candidate;
    const statuses = path.map((certificate, at): CertificateStatus => {
      if (this.options.scope === 'target' && at < path.length - 1) {
        return { status: 'unknown', why: ['not asked'] };
      }
      return this.statusOf(certificate, context.authorities[at]!, context);
    });
    const asked = this.options.scope === 'target' ? path.length - 1 : 0;
    const failures = statuses
      .slice(asked)
      .flatMap((status, at) => this.failureOf(status, path[asked + at]!));
    return { statuses, failures };
  }

  private failureOf(found: CertificateStatus, certificate: Certificate): Failure[] {
    if (found.status === 'unknown') {
      return [failure('revocation-unknown', certificate, found.why.join('; '))];
    }
    if (found.status !== 'revoked' || this.harmless(found)) return [];
    const reason = found.reason ? ` (${found.reason})` : '';
    return [failure('revoked', certificate, `${found.at.toISOString()}${reason}`)];
  }

  private harmless({ at, invalidSince }: { at: Date; invalidSince?: Date }): boolean {
    const { time } = this.requirements;
    return this.at > time && at > time && !(invalidSince && invalidSince <= time);
  }

  /** The status of one certificate: whoever says revoked is believed, then whoever says good. */
  private statusOf(
    certificate: Certificate,
    issuer: TrustAnchor,
    context: Context,
  ): CertificateStatus {
    const { work, pending } = context;
    work.step();
    const mark = certificate.fingerprint;
    if (pending.has(mark)) return { status: 'unknown', why: ['its status rests on itself'] };
    pending.add(mark);
    try {
      const found = [
        ...this.byOcsp(certificate, issuer, context),
        this.byCrls(certificate, issuer, context),
      ];
      return (
        found.find(({ status }) => status === 'revoked') ??
        found.find(({ status }) => status === 'good') ?? {
          status: 'unknown',
          why: [...new Set(found.flatMap((one) => (one.status === 'unknown' ? one.why : [])))],
        }
      );
    } finally {
      pending.delete(mark);
    }
  }

  /** What each OCSP response says of a certificate that is known by number only. */
  statusesByOcsp(
    subject: OcspSubject,
    issuer: TrustAnchor,
    candidate: CandidatePath,
    work: Work,
  ): CertificateStatus[] {
    return this.byOcsp(subject, issuer, contextOf(candidate, work));
  }

  private byOcsp(
    certificate: OcspSubject,
    issuer: TrustAnchor,
    context: Context,
  ): CertificateStatus[] {
    const { nonce, ocspMaxAgeMs: maxAgeMs, trustedResponders: trusted } = this.options;
    return this.ocsp.map((response) => {
      context.work.step();
      return statusByOcsp(response, {
        certificate,
        issuer,
        time: this.at,
        nonce,
        maxAgeMs,
        trusted,
        certificates: this.certificates,
        spend: (key) => context.work.signature(key),
        refusal: (one) => this.responderRefusal(one, issuer, context),
        refusedAlgorithm: ({ signatureAlgorithm }, { key }) =>
          this.refusedAlgorithm(signatureAlgorithm, key),
      });
    });
  }

  /** A delegate is valid now, and its issuer either waives the check or says that it is good. */
  private responderRefusal(
    one: Certificate,
    issuer: TrustAnchor,
    context: Context,
  ): string | undefined {
    const { candidate, work } = context;
    const { failures } = verifyPath(
      one,
      {
        certificates: candidate.path.slice(0, -1),
        anchors: [candidate.anchor],
        requirements: this.plain(),
      },
      work,
    );
    if (failures.length > 0) return `not valid: ${failures[0]!.code}`;
    if (one.ocspNoCheck) return undefined;
    const { status } = this.statusOf(one, issuer, context);
    if (status === 'unknown' && this.options.unsafeUncheckedResponders) return undefined;
    return status === 'good' ? undefined : `not known to be good (${status})`;
  }

  private byCrls(
    certificate: Certificate,
    issuer: TrustAnchor,
    context: Context,
  ): CertificateStatus {
    return statusByCrls({
      certificate,
      crls: this.crls,
      time: this.at,
      strict: this.requirements.profile !== 'path',
      signer: (crl) => this.signerOf(crl, issuer, context),
    });
  }

  /** 6.3.3 (f) and (g): a CRL signer of the path, or one with a valid path to the same anchor. */
  private signerOf(
    crl: CertificateList,
    issuer: TrustAnchor,
    context: Context,
  ): { key: object } | { why: string } {
    const { authorities, work } = context;
    for (const one of [issuer, ...authorities.slice(0, -1)]) {
      if (this.signed(crl, one, work)) return { key: one.key };
    }
    let why = 'a CRL signed by nobody known';
    for (const certificate of this.certificates) {
      if (certificate.malformed) continue;
      const one = anchorOf(certificate);
      if (!this.signed(crl, one, work)) continue;
      const refusal = this.signerRefusal(certificate, context);
      if (!refusal) return { key: one.key };
      why = `a CRL whose signer is not valid: ${refusal}`;
    }
    return { why };
  }

  private signed(crl: CertificateList, signer: TrustAnchor, work: Work): boolean {
    if (!signer.name.equals(crl.issuer)) return false;
    const wanted = crl.authorityKeyIdentifier?.keyIdentifier;
    const own = signer.certificate?.subjectKeyIdentifier;
    if (wanted && own && !wanted.equals(own)) return false;
    if (signer.certificate && !signer.certificate.mayUse(keyUsages.crlSign)) return false;
    if (!crl.judgedBy(signer.key)) work.signature(signer.key, crl.bytes.length);
    else work.step();
    try {
      if (this.refusedAlgorithm(crl.signatureAlgorithm, signer.key)) return false;
      return crl.signedBy(signer.key);
    } catch (error) {
      if (error instanceof AlgorithmError || error instanceof DerError) return false;
      throw error;
    }
  }

  private signerRefusal(signer: Certificate, context: Context): string | undefined {
    const { candidate, work, pending } = context;
    // A certificate for CRLs says so (RFC 5280, 4.2.1.3); a name alone must not be enough.
    if (this.requirements.profile !== 'path' && signer.keyUsage === undefined) return 'key-usage';
    if (pending.has(signer.fingerprint)) {
      return speaksForItself(signer) ? undefined : 'its status rests on itself';
    }
    const inner = new Revocation(
      { crls: this.crls, ocsp: this.ocsp, certificates: this.certificates },
      this.plain(),
      { ...this.options, scope: 'path', nonce: undefined },
    );
    const { failures } = verifyPath(
      signer,
      {
        certificates: [...this.certificates, ...candidate.path],
        anchors: [candidate.anchor],
        requirements: this.plain(),
        revocation: { check: (one) => inner.run(contextOf(one, work, pending)) },
      },
      work,
    );
    return failures.length > 0 ? failures[0]!.code : undefined;
  }

  /** What is asked of those who vouch: no policies, no purposes of the target. */
  private plain(): PathRequirements {
    const { algorithms, profile, anchorConstraints } = this.requirements;
    return { time: this.at, algorithms, profile, anchorConstraints };
  }

  private refusedAlgorithm(identifier: Parameters<typeof schemeOf>[0], key: PublicKey) {
    const policy = this.requirements.algorithms ?? currentAlgorithms;
    return refusedAlgorithm(policy, schemeOf(identifier), key, this.at);
  }
}

/**
 * Whether the issuer of a CRL signer's certificate has said, in it, that the signer's own CRLs cover it.
 * Then there is no other source: like a responder without check, it is trusted until it says otherwise.
 */
const speaksForItself = (signer: Certificate): boolean =>
  (signer.crlDistributionPoints ?? []).some(({ crlIssuer = [] }) =>
    crlIssuer.some((name) => name.form === 'directory' && name.name.equals(signer.subject)),
  );

const contextOf = (candidate: CandidatePath, work: Work, pending = new Set<string>()): Context => ({
  candidate,
  work,
  authorities: authoritiesOf(candidate.anchor, candidate.path),
  pending,
});
