import type { Certificate } from '../x509/certificate.js';
import type { Diagnostic, Hash } from './diagnostic.js';
import { sha256 } from './evidence.js';
import type { Conclusion, MainIndication, SubIndication } from './indications.js';
import { mainMessages, type Message, messages } from './messages.js';
import type { ValidationPolicy } from './policy.js';
import { type Outcome, type StampOutcome, validate } from './validate.js';

/** A conclusion as it is told. */
export interface Told {
  indication: MainIndication | 'PASSED' | 'FAILED';
  subIndication?: SubIndication;
  message: Message;
  detail?: string;
  /** SHA-256 of the certificate it is about. */
  certificate?: Hash;
  /** The moment that matters (ISO 8601). */
  at?: string;
}

export interface SignatureReport extends Told {
  indication: MainIndication;
  id: string;
  form: string;
  level?: string;
  /** The process of EN 319 102-1 that concluded. */
  process: Outcome['process'];
  /** The earliest moment at which it is proven to have existed, and the token that proves it. */
  bestSignatureTime: string;
  provenBy?: Hash;
  claimedTime?: string;
  claimedRoles?: string[];
  signer?: CertificateReport & {
    /** The trust list its chain leads to: which kind of signature it is. */
    list?: string;
    /** From the anchor's issue to the signer. */
    chain?: Hash[];
    anchor?: Hash;
  };
  timeStamps: (Told & { token: Hash; kind: string; time?: string })[];
  steps: { basic: Told; longTerm?: Told; archival?: Told };
}

export interface CertificateReport {
  fingerprint: Hash;
  subject: string;
  issuer: string;
  /** Hexadecimal. */
  serial: string;
  notBefore: string;
  notAfter: string;
}

export interface ValidationReport {
  version: 1;
  policy: string;
  /** SHA-256 of the policy as JSON: which rules these were. */
  policyDigest: Hash;
  /** As of when it was validated. */
  time: string;
  document: Diagnostic['document'];
  signatures: SignatureReport[];
  /** What time stamps prove: SHA-256 of a thing → the earliest moment, and the token. */
  proofs: Record<Hash, { time: string; by: Hash }>;
}

/**
 * Validates a diagnostic under a policy as of a moment, and tells the outcome. The same three give
 * the same report at any time, which is how an old verdict is explained or asked anew.
 */
export function report(
  diagnostic: Diagnostic,
  policy: ValidationPolicy,
  now: Date,
): ValidationReport {
  const { outcomes, judge, proofs } = validate(diagnostic, policy, now);
  const { certificates } = judge.evidence;
  return {
    version: 1,
    policy: policy.name,
    policyDigest: sha256(Buffer.from(JSON.stringify(policy))),
    time: now.toISOString(),
    document: diagnostic.document,
    signatures: outcomes.map((one) => signatureReport(one, certificates)),
    proofs: Object.fromEntries(
      [...proofs.entries()].map(([what, { time, by }]) => [what, { time: time.toISOString(), by }]),
    ),
  };
}

function signatureReport(
  outcome: Outcome,
  certificates: ReadonlyMap<Hash, Certificate>,
): SignatureReport {
  const { record, conclusion, process, bestTime, provenBy, stamps, steps } = outcome;
  const { claimedTime, claimedRoles, level } = record;
  return {
    ...told(conclusion),
    indication: mainOf(conclusion),
    message: messageOf(conclusion, mainMessages[mainOf(conclusion)]),
    id: record.id,
    form: record.form,
    ...(level !== undefined && { level }),
    process,
    bestSignatureTime: bestTime.toISOString(),
    ...(provenBy && { provenBy }),
    ...(claimedTime && { claimedTime }),
    ...(claimedRoles && { claimedRoles }),
    ...signerOf(outcome, certificates),
    timeStamps: stamps.map(stampReport),
    steps: {
      basic: told(steps.basic),
      ...(steps.longTerm && { longTerm: told(steps.longTerm) }),
      ...(steps.archival && { archival: told(steps.archival) }),
    },
  };
}

function signerOf({ record, chain }: Outcome, certificates: ReadonlyMap<Hash, Certificate>) {
  const signer = record.signer === undefined ? undefined : certificates.get(record.signer);
  if (!signer) return {};
  const anchor = chain?.anchor.certificate?.fingerprint;
  const found = chain && {
    list: chain.list,
    chain: chain.path.map(({ fingerprint }) => fingerprint),
    ...(anchor && { anchor }),
  };
  return { signer: { ...certificateReport(signer), ...found } };
}

export function certificateReport(certificate: Certificate): CertificateReport {
  const { fingerprint, subject, issuer, serial, notBefore, notAfter } = certificate;
  return {
    fingerprint,
    subject: subject.toString(),
    issuer: issuer.toString(),
    serial: serial.toString('hex'),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  };
}

const stampReport = ({ record, time, conclusion }: StampOutcome) => ({
  ...told(conclusion),
  token: record.token,
  kind: record.kind,
  ...(time && { time: time.toISOString() }),
});

export function mainOf({ indication }: Conclusion): MainIndication {
  return indication === 'INDETERMINATE' ? indication : `TOTAL_${indication}`;
}

function messageOf({ sub }: Conclusion, otherwise: Message): Message {
  return sub ? messages[sub] : otherwise;
}

function told(conclusion: Conclusion): Told {
  const { indication, sub, detail, certificate, at } = conclusion;
  return {
    indication,
    ...(sub && { subIndication: sub }),
    message: messageOf(conclusion, mainMessages[mainOf(conclusion)]),
    ...(detail && { detail }),
    ...(certificate && { certificate }),
    ...(at && { at: at.toISOString() }),
  };
}
