import type { Failure } from '../failures.js';
import type { CadesVerdict } from '../cms/verify-cades.js';
import type { SignerVerdict } from '../cms/verify-cms.js';
import type { Certificate } from '../x509/certificate.js';
import type { PathVerdict } from '../x509/verify-path.js';

/**
 * `invalid` when a rule was broken; `indeterminate` when nothing speaks against it but something that
 * is needed is missing: revocation data, a certificate, an anchor.
 */
export type Verdict = 'valid' | 'invalid' | 'indeterminate';

const missing = new Set(['revocation-unknown', 'no-path', 'signer-unknown', 'content-missing']);

export function verdictOf(failures: readonly Failure[]): Verdict {
  if (failures.length === 0) return 'valid';
  return failures.every(({ code }) => missing.has(code)) ? 'indeterminate' : 'invalid';
}

export const certificateOutput = (certificate: Certificate) => ({
  subject: certificate.subject.toString(),
  issuer: certificate.issuer.toString(),
  serial: certificate.serial.toString('hex'),
  fingerprint: certificate.fingerprint,
});

export function pathOutput(verdict: PathVerdict) {
  const { path, anchor, failures, policies, authorityPolicies, others, statuses } = verdict;
  return {
    verdict: verdictOf(failures),
    reasons: failures,
    ...(path && { path: path.map(certificateOutput), anchor: anchor!.name.toString() }),
    otherPathsTried: others,
    policies,
    authorityPolicies,
    ...(statuses.length > 0 && { statuses }),
  };
}

export function signerOutput({
  failures,
  certificate,
  intact,
  path,
  signer,
  countersignatures,
}: SignerVerdict): object {
  return {
    verdict: verdictOf(failures),
    intact,
    reasons: failures,
    ...(certificate && { certificate: certificateOutput(certificate) }),
    ...(path && { path: pathOutput(path) }),
    claimedTime: claimedTime(signer),
    timeStamps: signer.timeStamps.length,
    ...(countersignatures.length > 0 && {
      countersignatures: countersignatures.map(signerOutput),
    }),
  };
}

/** The same for a signature with time stamps. */
export const cadesOutput = (verdict: CadesVerdict): object => ({
  ...signerOutput(verdict),
  moment: verdict.moment,
  proved: verdict.proved,
  timeStamps: verdict.timeStamps.map(({ failures, info }) => ({
    verdict: verdictOf(failures),
    reasons: failures,
    time: info?.time,
  })),
});

function claimedTime(signer: SignerVerdict['signer']): Date | undefined {
  try {
    return signer.claimedTime;
  } catch {
    return undefined;
  }
}
