import { refusedUse, usesOfSigned } from './algorithm-ends.js';
import type { Certificate } from '../x509/certificate.js';
import { type Chain, Chains, isChain, type Role } from './chains.js';
import type { Evidence } from './evidence.js';
import type { AlgorithmUse, Hash, SignedRecord } from './diagnostic.js';
import { type Conclusion, open, passed } from './indications.js';
import type { RevocationRule, ValidationPolicy } from './policy.js';
import { type StatusFact, statusFactsOf } from './revocation-facts.js';

/** A chain with all that is known about its certificates. */
export interface KnownChain extends Chain {
  statuses: Map<Hash, StatusFact[]>;
}

/** Chains of one document whose certificates are asked about: a few tenths of a second each at most. */
const maxChains = 24;

/**
 * Judges certificates and signatures for one moment (EN 319 102-1 clauses 5.2.5, 5.2.6 and 5.2.8).
 * The evidence is what is at hand now; the moment is the one a signature is proven to have existed.
 */
export class Judge {
  private readonly chains: Chains;
  private readonly statuses = new Map<Chain, Map<Hash, StatusFact[]>>();

  constructor(
    readonly evidence: Evidence,
    readonly policy: ValidationPolicy,
    readonly now: Date,
  ) {
    this.chains = new Chains(evidence, policy, now);
  }

  /** The chain of a signer, or why there is none. */
  chainOf({ signer }: SignedRecord, role: Role): KnownChain | Conclusion {
    const certificate = signer === undefined ? undefined : this.evidence.certificates.get(signer);
    if (!certificate) return open('NO_SIGNING_CERTIFICATE_FOUND');
    const chain = this.chains.find(certificate, role);
    if (!isChain(chain)) return chain;
    let statuses = this.statuses.get(chain);
    if (!statuses) {
      if (this.statuses.size >= maxChains) {
        return open('CERTIFICATE_CHAIN_GENERAL_FAILURE', { detail: 'too many signers' });
      }
      statuses = statusFactsOf(chain, this.evidence, this.now);
      this.statuses.set(chain, statuses);
    }
    return { ...chain, statuses };
  }

  /**
   * X.509 certificate validation (clause 5.2.6.4, steps 3 to 6): of the target for a moment, of the
   * authorities above for now, because nothing proves yet that their certificates are older.
   */
  certificates(chain: KnownChain, role: Role, moment: Date): Conclusion {
    const { path, target, trustedUntil } = chain;
    if (trustedUntil && moment >= trustedUntil) {
      return open('NO_CERTIFICATE_CHAIN_FOUND_NO_POE', { at: trustedUntil });
    }
    if (path.length === 0) return passed;
    return (
      this.revoked(chain, moment) ??
      this.outOfBounds(chain, moment) ??
      this.weak(chain, moment) ??
      this.unknown(chain, role, moment) ?? { ...passed, certificate: target.fingerprint }
    );
  }

  private revoked({ path, target, statuses }: KnownChain, moment: Date): Conclusion | undefined {
    // The signer's own revocation says more than that of an authority above.
    for (const certificate of path.toReversed()) {
      const own = certificate === target;
      const until = own ? moment : this.now;
      const found = statuses
        .get(certificate.fingerprint)!
        .filter(({ status, revokedAt }) => status === 'revoked' && revokedAt! <= until)
        .sort((a, b) => +a.revokedAt! - +b.revokedAt!)[0];
      if (!found) continue;
      const about = { certificate: certificate.fingerprint, at: found.revokedAt };
      if (found.reason === 'certificateHold')
        return open('TRY_LATER', { ...about, detail: 'hold' });
      const detail = found.reason && { detail: found.reason };
      return open(own ? 'REVOKED_NO_POE' : 'REVOKED_CA_NO_POE', { ...about, ...detail });
    }
    return undefined;
  }

  private outOfBounds(chain: KnownChain, moment: Date): Conclusion | undefined {
    const { path, target, statuses } = chain;
    for (const certificate of path.toReversed()) {
      const { notBefore, notAfter, fingerprint } = certificate;
      const at = certificate === target ? moment : this.now;
      if (at >= notBefore && at <= notAfter) continue;
      const expired = at > notAfter;
      const about = { certificate: fingerprint, at: expired ? notAfter : notBefore };
      const good = statuses.get(fingerprint)!.some(({ status }) => status === 'good');
      const spared = certificate === target && expired && good;
      return open(spared ? 'OUT_OF_BOUNDS_NOT_REVOKED' : 'OUT_OF_BOUNDS_NO_POE', about);
    }
    return undefined;
  }

  private weak(chain: KnownChain, moment: Date): Conclusion | undefined {
    for (const [certificate, uses] of algorithmsIn(chain)) {
      const at = certificate === chain.target ? moment : this.now;
      const refused = refusedUse(this.policy.algorithms, uses, at);
      if (refused) return { ...refused, certificate: certificate.fingerprint };
    }
    return undefined;
  }

  private unknown(chain: KnownChain, role: Role, moment: Date): Conclusion | undefined {
    for (const certificate of chain.path) {
      const rule = this.ruleFor(certificate, chain, role);
      if (!rule.required || certificate.ocspNoCheck) continue;
      const about = { certificate: certificate.fingerprint };
      const facts = chain.statuses.get(certificate.fingerprint)!;
      const at = certificate === chain.target ? moment : this.now;
      // Whoever says that it was revoked later says that it was good until then.
      const good = facts.filter(({ revokedAt }) => revokedAt === undefined || revokedAt > at);
      const fresh = good.filter((fact) => isFresh(fact, rule, at));
      if (fresh.length === 0) {
        return open('TRY_LATER', {
          ...about,
          detail: good.length > 0 ? 'stale' : 'no revocation data',
        });
      }
      const faults = fresh.map((fact) => this.unreliable(fact, this.now));
      if (!faults.includes(undefined)) return { ...faults[0]!, ...about };
    }
    return undefined;
  }

  /** Why revocation data that existed at a moment cannot be relied on. */
  unreliable({ algorithms, signerEnds }: StatusFact, moment: Date): Conclusion | undefined {
    if (signerEnds && signerEnds < moment) {
      return open('REVOCATION_OUT_OF_BOUNDS_NO_POE', { at: signerEnds });
    }
    return refusedUse(this.policy.algorithms, algorithms, moment);
  }

  ruleFor(certificate: Certificate, chain: Chain, role: Role): RevocationRule {
    const { signer, authorities, timeStamps } = this.policy.revocation;
    if (certificate !== chain.target) return authorities;
    return role === 'signer' ? signer : timeStamps;
  }

  /** Signature acceptance for a moment (clause 5.2.8): algorithms. */
  algorithms({ algorithms }: SignedRecord, moment: Date): Conclusion | undefined {
    return refusedUse(this.policy.algorithms, algorithms, moment);
  }
}

/** Each certificate of a chain with the algorithms of the signature on it. */
export function algorithmsIn({ path, anchor }: Chain): [Certificate, AlgorithmUse[]][] {
  return path.map((certificate, i) => {
    const key = path[i - 1]?.publicKey ?? anchor.key;
    return [certificate, usesOfSigned(certificate.signatureAlgorithm, key)];
  });
}

/**
 * Revocation freshness (clause 5.2.5): made after the moment, or before it by no more than the
 * policy allows; without a number, as long as it says that nothing newer is due.
 */
export function isFresh(fact: StatusFact, { maxAgeMs }: RevocationRule, moment: Date): boolean {
  if (fact.issued >= moment) return true;
  if (maxAgeMs !== undefined) return +moment - +fact.issued <= maxAgeMs;
  return fact.nextUpdate !== undefined && fact.nextUpdate >= moment;
}
