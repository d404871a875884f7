import { DerError } from '../asn1/der.js';
import { type Failure, failure } from '../failures.js';
import { extensions, keyPurposes } from '../oids.js';
import { digestAllowed, currentAlgorithms } from '../x509/algorithm-policy.js';
import { AlgorithmError, digestBytes, type DigestName } from '../x509/algorithms.js';
import type { Certificate } from '../x509/certificate.js';
import { type GeneralName, sameGeneralName } from '../x509/general-names.js';
import type { PathRequirements } from '../x509/path-validation.js';
import { contentTypes } from './oids.js';
import { SignedData } from './signed-data.js';
import { readTimeStampInfo, type TimeStampInfo } from './time-stamp.js';
import { type CmsQuestion, type SignerVerdict, verifySignedData } from './verify-cms.js';

export interface TimeStampQuestion extends Omit<CmsQuestion, 'content' | 'bound' | 'requirements'> {
  /** What was stamped: the octets, or what computes their digest. */
  stamped: Uint8Array | ((digest: DigestName) => Buffer);
  /** Octets of the nonce that was sent. */
  nonce?: Uint8Array;
  /** The policy that was asked for. */
  policy?: string;
  /**
   * What is asked of the authority's path. Without a time, the time stamped: then the answer is no
   * proof unless the caller has other proof that the stamp existed while its certificate was good.
   */
  requirements?: Partial<PathRequirements>;
}

/** What a time stamp proves, if `failures` is empty: that the octets existed at `info.time`. */
export interface TimeStampVerdict {
  failures: Failure[];
  info?: TimeStampInfo;
  signer?: SignerVerdict;
}

/** Verifies a time stamp token (RFC 3161, 2.2 and 2.4.2). Never throws for input. */
export function verifyTimeStamp(token: Uint8Array, question: TimeStampQuestion): TimeStampVerdict {
  try {
    return verify(SignedData.read(token), question);
  } catch (error) {
    if (!(error instanceof DerError) && !(error instanceof AlgorithmError)) throw error;
    return { failures: [failure('time-stamp-malformed', undefined, error.message)] };
  }
}

function verify(signed: SignedData, question: TimeStampQuestion): TimeStampVerdict {
  const malformed = (detail: string) => ({
    failures: [failure('time-stamp-malformed', undefined, detail)],
  });
  if (signed.contentType !== contentTypes.tstInfo || !signed.content)
    return malformed('no TSTInfo');
  if (signed.signers.length !== 1) return malformed('not one signer');
  const info = readTimeStampInfo(signed.content);
  const unknown = [...info.extensions.values()].find(({ critical }) => critical);
  if (unknown) return malformed(`unknown critical extension ${unknown.oid}`);
  const requirements = {
    ...question.requirements,
    time: question.requirements?.time ?? info.time,
    purposes: [keyPurposes.timeStamping],
    anyPurpose: false,
  };
  const [signer] = verifySignedData(signed, {
    ...question,
    content: undefined,
    requirements,
    bound: true,
  });
  const failures = [...signer!.failures, ...stampFailures(info, question, requirements)];
  const { certificate } = signer!;
  if (certificate && !onlyStamps(certificate)) {
    failures.push(failure('time-stamp-purpose', certificate));
  }
  if (certificate && info.authority && !isCalled(certificate, info.authority)) {
    failures.push(failure('time-stamp-malformed', certificate, 'it names another authority'));
  }
  return { failures, info, signer };
}

function stampFailures(
  info: TimeStampInfo,
  { stamped, nonce, policy }: TimeStampQuestion,
  { time, algorithms = currentAlgorithms }: PathRequirements,
): Failure[] {
  const failures: Failure[] = [];
  const { digest, hash } = info.imprint;
  const wanted = typeof stamped === 'function' ? stamped(digest) : digestBytes(digest, stamped);
  if (!wanted.equals(hash)) failures.push(failure('time-stamp-imprint'));
  if (!digestAllowed(algorithms, digest, time)) {
    failures.push(failure('algorithm-refused', undefined, digest));
  }
  if (nonce && !sameNumber(info.nonce, nonce)) failures.push(failure('time-stamp-nonce'));
  if (policy && policy !== info.policy) {
    failures.push(failure('time-stamp-policy', undefined, info.policy));
  }
  return failures;
}

/** Whether two unsigned numbers are the same, leading zeros aside. */
function sameNumber(found: Buffer | undefined, sent: Uint8Array): boolean {
  const significant = (bytes: Uint8Array) =>
    Buffer.from(bytes)
      .toString('hex')
      .replace(/^(00)+/, '');
  return found !== undefined && significant(found) === significant(sent);
}

/** The certificate is for time stamps alone, and says so critically (RFC 3161, 2.3). */
function onlyStamps(certificate: Certificate): boolean {
  const purposes = certificate.extendedKeyUsage ?? [];
  return (
    purposes.length === 1 &&
    purposes[0] === keyPurposes.timeStamping &&
    certificate.extensions.get(extensions.extendedKeyUsage)!.critical
  );
}

/** The authority's name is one of the certificate's (RFC 3161, 2.4.2). */
function isCalled(certificate: Certificate, name: GeneralName): boolean {
  const { subject } = certificate;
  if (name.form === 'directory' && name.name.equals(subject)) return true;
  return (certificate.subjectAltName ?? []).some((one) => sameGeneralName(one, name));
}
