import { isChain, type Role } from './chains.js';
import type {
  Diagnostic,
  Hash,
  SignatureRecord,
  SignedObject,
  SignedRecord,
  StampRecord,
  TimeStampRecord,
} from './diagnostic.js';
import { Evidence } from './evidence.js';
import { type Conclusion, failed, mayBeLifted, open, passed } from './indications.js';
import { Judge, type KnownChain } from './judge.js';
import type { ValidationPolicy } from './policy.js';
import { Proofs } from './proofs.js';
import { slide } from './time-sliding.js';

// The validation processes of EN 319 102-1: basic (clause 5.3), of time stamps (5.4), with time and
// long-term material (5.5), and with archival data (5.6), each going on where the one before could
// not conclude. They read a diagnostic and a policy, never the document.

/** What became of a time stamp in a signature. */
export interface StampOutcome {
  record: StampRecord;
  token?: TimeStampRecord;
  time?: Date;
  conclusion: Conclusion;
}

/** What became of a signature, step by step. */
export interface Outcome {
  record: SignatureRecord;
  conclusion: Conclusion;
  process: 'Basic' | 'LTVM' | 'LTA';
  chain?: KnownChain;
  /** The earliest moment at which the signature is proven to have existed; now unless proven. */
  bestTime: Date;
  /** The token that proves it. */
  provenBy?: Hash;
  stamps: StampOutcome[];
  steps: { basic: Conclusion; longTerm?: Conclusion; archival?: Conclusion };
}

/** Validates the signatures of a diagnostic under a policy, as of a moment. */
export function validate(
  diagnostic: Diagnostic,
  policy: ValidationPolicy,
  now: Date,
): { outcomes: Outcome[]; judge: Judge; proofs: Proofs } {
  const judge = new Judge(Evidence.of(diagnostic), policy, now);
  const proofs = new Proofs(now);
  const validation = new Validation(diagnostic, judge, proofs);
  return { outcomes: diagnostic.signatures.map((one) => validation.run(one)), judge, proofs };
}

class Validation {
  constructor(
    private readonly diagnostic: Diagnostic,
    private readonly judge: Judge,
    private readonly proofs: Proofs,
  ) {}

  run(record: SignatureRecord): Outcome {
    const { now } = this.judge;
    const chain = this.judge.chainOf(record, 'signer');
    const lasting = this.lasting(record, chain);
    const stamps = record.timeStamps.map((one) => this.stamp(one));
    const known = isChain(chain) ? chain : undefined;
    const start = { record, chain: known, bestTime: now, stamps };
    if (!known || lasting.indication !== 'PASSED') {
      return { ...start, conclusion: lasting, process: 'Basic', steps: { basic: lasting } };
    }
    const basic = this.signedLate(known, stamps) ?? this.at(record, known, now);
    const outcome: Outcome = { ...start, conclusion: basic, process: 'Basic', steps: { basic } };
    if (basic.indication === 'FAILED') return outcome;
    if (stamps.length > 0) this.longTerm(outcome, known);
    if (mayBeLifted(outcome.conclusion) && stamps.length > 0) this.archival(outcome, known);
    return outcome;
  }

  /** What no proof of existence can change: form, digests, value, signer, and what must be there. */
  private lasting(record: SignatureRecord, chain: KnownChain | Conclusion): Conclusion {
    const { policy } = this.judge;
    const broken = this.broken(record, record.objects);
    if (broken) return broken;
    if (!isChain(chain)) return chain;
    if (policy.requires.includes('signing-certificate') && record.binding === 'absent') {
      return open('SIG_CONSTRAINTS_FAILURE', { detail: 'signing-certificate' });
    }
    if (policy.requires.includes('claimed-time') && record.claimedTime === undefined) {
      return open('SIG_CONSTRAINTS_FAILURE', { detail: 'claimed-time' });
    }
    const known = policy.signaturePolicies;
    if (known && record.policy !== undefined && !known.includes(record.policy)) {
      return open('SIGNATURE_POLICY_NOT_AVAILABLE', { detail: record.policy });
    }
    return passed;
  }

  private broken(
    { problems, value, binding, signer }: SignedRecord,
    objects: readonly SignedObject[] = [],
  ): Conclusion | undefined {
    const withOutcome = (wanted: SignedObject['outcome']) =>
      objects.find(({ outcome }) => outcome === wanted);
    if (problems.length > 0) return failed('FORMAT_FAILURE', problems[0]);
    const changed = withOutcome('differs');
    if (changed) return failed('HASH_FAILURE', changed.name);
    if (value === 'broken') return failed('SIG_CRYPTO_FAILURE');
    const missing = withOutcome('absent');
    if (missing) return open('SIGNED_DATA_NOT_FOUND', { detail: missing.name });
    if (signer === undefined || value === 'unknown') return open('NO_SIGNING_CERTIFICATE_FOUND');
    if (binding !== 'differs') return undefined;
    return open('NO_SIGNING_CERTIFICATE_FOUND', { detail: 'another was signed along' });
  }

  /** What holds for a signature if it existed at a moment. */
  private at(record: SignedRecord, chain: KnownChain, moment: Date, role: Role = 'signer') {
    const certificates = this.judge.certificates(chain, role, moment);
    if (certificates.indication !== 'PASSED') return certificates;
    return this.judge.algorithms(record, moment) ?? passed;
  }

  /** Validation of a time stamp as it stands (clause 5.4). */
  private stamp(record: StampRecord): StampOutcome {
    const token = this.diagnostic.timeStamps[record.token];
    if (!token?.time) return { record, token, conclusion: failed('FORMAT_FAILURE') };
    const time = new Date(token.time);
    return { record, token, time, conclusion: this.stampConclusion(record, token) };
  }

  private stampConclusion(record: StampRecord, token: TimeStampRecord): Conclusion {
    const broken = this.broken(token);
    if (broken) return broken;
    if (record.imprint === 'differs') return failed('HASH_FAILURE');
    if (record.imprint === 'unknown') return open('SIGNED_DATA_NOT_FOUND');
    const chain = this.judge.chainOf(token, 'time-stamp');
    return isChain(chain) ? this.at(token, chain, this.judge.now, 'time-stamp') : chain;
  }

  /** A stamp of the content proves that the signature came later (clause 5.3.4, steps 4 and 5). */
  private signedLate({ target, statuses }: KnownChain, stamps: StampOutcome[]) {
    const after = stamps
      .filter(({ record, conclusion }) => record.kind === 'content' && isPassed(conclusion))
      .reduce((latest, { time }) => Math.max(latest, +time!), -Infinity);
    const revoked = statuses
      .get(target.fingerprint)
      ?.find(({ revokedAt }) => revokedAt && +revokedAt <= after);
    if (revoked) {
      return { ...failed('REVOKED'), certificate: target.fingerprint, at: revoked.revokedAt };
    }
    if (+target.notAfter >= after) return undefined;
    return { ...failed('EXPIRED'), certificate: target.fingerprint, at: target.notAfter };
  }

  /** Clause 5.5: judged for the moment that stamps of the signature prove. */
  private longTerm(outcome: Outcome, chain: KnownChain): void {
    const { record, stamps } = outcome;
    for (const { record: stamp, time, conclusion } of stamps) {
      if (stamp.kind === 'signature' && isPassed(conclusion)) {
        this.proofs.add(record.identifier, time!, stamp.token);
      }
    }
    const order = disorder(stamps);
    this.conclude(outcome, chain, 'LTVM', order);
    outcome.steps.longTerm = outcome.conclusion;
  }

  private conclude(
    outcome: Outcome,
    chain: KnownChain,
    process: Outcome['process'],
    earlier?: Conclusion,
  ): void {
    const { identifier } = outcome.record;
    outcome.bestTime = this.proofs.of(identifier);
    outcome.provenBy = this.proofs.by(identifier);
    outcome.process = process;
    outcome.conclusion =
      earlier ??
      this.notYet(chain, outcome.bestTime) ??
      this.at(outcome.record, chain, outcome.bestTime);
  }

  private notYet({ target }: KnownChain, best: Date): Conclusion | undefined {
    if (best >= target.notBefore) return undefined;
    return {
      ...failed('NOT_YET_VALID'),
      certificate: target.fingerprint,
      at: target.notBefore,
    };
  }

  /** Clause 5.6.3: from the newest stamp to the oldest, each proving what the next rests on. */
  private archival(outcome: Outcome, chain: KnownChain): void {
    const { record, stamps, conclusion } = outcome;
    const ordered = stamps
      .filter(({ record: { kind }, time }) => kind !== 'content' && time !== undefined)
      .sort((a, b) => +b.time! - +a.time!);
    for (const stamp of ordered) {
      if (mayBeLifted(stamp.conclusion)) {
        const found = this.judge.chainOf(stamp.token!, 'time-stamp');
        if (isChain(found)) {
          const { token } = stamp.record;
          stamp.conclusion = this.past(stamp.token!, token, found, 'time-stamp', stamp.conclusion);
        }
      }
      if (!isPassed(stamp.conclusion)) continue;
      const { token, protects } = stamp.record;
      for (const what of [record.identifier, ...protects]) {
        this.proofs.add(what, stamp.time!, token);
      }
    }
    const past =
      disorder(stamps) ?? this.past(record, record.identifier, chain, 'signer', conclusion);
    outcome.bestTime = this.proofs.of(record.identifier);
    outcome.provenBy = this.proofs.by(record.identifier);
    outcome.conclusion = past;
    outcome.steps.archival = past;
    outcome.process = 'LTA';
  }

  /** Past signature validation (clause 5.6.2.4). */
  private past(
    record: SignedRecord,
    what: Hash,
    chain: KnownChain,
    role: Role,
    current: Conclusion,
  ): Conclusion {
    const control = slide(this.judge, chain, role, this.proofs);
    const best = this.proofs.of(what);
    if (!(control instanceof Date) || best > control) return current;
    return this.notYet(chain, best) ?? this.judge.algorithms(record, best) ?? passed;
  }
}

const isPassed = ({ indication }: Conclusion) => indication === 'PASSED';

/** Stamps of the content come before those of the signature, and these before archival ones. */
function disorder(stamps: readonly StampOutcome[]): Conclusion | undefined {
  const times = (kind: StampRecord['kind']) =>
    stamps
      .filter(({ record, conclusion }) => record.kind === kind && isPassed(conclusion))
      .map(({ time }) => +time!);
  const [content, signature, archive] = [times('content'), times('signature'), times('archive')];
  const wrong =
    Math.max(...content) > Math.min(...signature, ...archive) ||
    Math.max(...signature) > Math.min(...archive);
  return wrong ? open('TIMESTAMP_ORDER_FAILURE') : undefined;
}
