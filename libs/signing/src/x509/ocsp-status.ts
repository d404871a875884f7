import { DerError } from '../asn1/der.js';
import { keyPurposes } from '../oids.js';
import { AlgorithmError } from './algorithms.js';
import type { Certificate } from './certificate.js';
import { keyUsages } from './extensions.js';
import type { PublicKey } from './keys.js';
import type { OcspIssuer, OcspResponse, OcspSubject, SingleResponse } from './ocsp.js';
import { signatureHolds } from './signature-cache.js';
import { type CertificateStatus, crlReasons } from './status.js';

export interface OcspQuestion {
  certificate: OcspSubject;
  issuer: OcspIssuer;
  /** The moment at which the answer must be current. */
  time: Date;
  /** Octets of the nonce that was sent; the answer must repeat it. */
  nonce?: Buffer;
  /** Age at which an answer that does not say when the next comes is out of date (milliseconds). */
  maxAgeMs?: number;
  /** Certificates at hand besides those of the response. */
  certificates: readonly Certificate[];
  /** Responders that the caller trusts for whatever they say (RFC 6960, 4.2.2.2, case 1). */
  trusted?: readonly Certificate[];
  /** Called before each signature that has to be verified; may throw to end it all. */
  spend(key: PublicKey): void;
  /** Why a delegated responder's certificate must not be relied on at that moment. */
  refusal(responder: Certificate): string | undefined;
  /** Whether a key and signature are strong enough; says what is not. */
  refusedAlgorithm(response: OcspResponse, signer: OcspIssuer): string | undefined;
}

/** Clocks of responders may be ahead by this much. */
const maxSkewMs = 5 * 60_000;
const defaultMaxAgeMs = 24 * 3_600_000;

/** The status of a certificate by one OCSP response (RFC 6960, 3.2 and 4.2.2). */
export function statusByOcsp(response: OcspResponse, question: OcspQuestion): CertificateStatus {
  const unknown = (why: string): CertificateStatus => ({ status: 'unknown', why: [why] });
  const { certificate, issuer, nonce } = question;
  if (response.unknownCritical)
    return unknown('an OCSP response with an unknown critical extension');
  const singles = response.about(certificate, issuer);
  if (singles.length === 0) return unknown('an OCSP response about other certificates');
  if (nonce && !sameNonce(response.nonce, nonce)) {
    return unknown('an OCSP response with another nonce');
  }
  const signer = signerOf(response, question);
  if ('why' in signer) return unknown(signer.why);
  const current = singles.filter((one) => !staleness(one, response, question));
  const said = current.find(({ status }) => status === 'revoked') ?? current[0];
  if (!said) return unknown(staleness(singles[0]!, response, question)!);
  const source = {
    kind: 'ocsp' as const,
    issuer: signer.name.toString(),
    fingerprints: [response.fingerprint],
  };
  if (said.status === 'unknown') {
    return { status: 'unknown', why: ['its OCSP responder does not know it'], said: true };
  }
  if (said.status === 'good') {
    const { thisUpdate, nextUpdate } = said;
    return { status: 'good', source, thisUpdate, ...(nextUpdate && { nextUpdate }) };
  }
  const { revokedAt, reason } = said;
  return {
    status: 'revoked',
    at: revokedAt!,
    ...(reason !== undefined && { reason: crlReasons[reason] }),
    source,
  };
}

/** The extension's contents are an OCTET STRING; old responders repeat the bare octets. */
const sameNonce = (found: Buffer | undefined, sent: Buffer) =>
  found !== undefined &&
  (found.equals(sent) ||
    (found[0] === 4 && found[1] === sent.length && found.subarray(2).equals(sent)));

/** Why what it says is not current (RFC 6960, 4.2.2.1), or says nothing of an expired certificate. */
function staleness(
  single: SingleResponse,
  response: OcspResponse,
  { time, certificate, maxAgeMs = defaultMaxAgeMs }: OcspQuestion,
): string | undefined {
  const { thisUpdate, nextUpdate, archiveCutoff } = single;
  if (single.unknownCritical) return 'an OCSP answer with an unknown critical extension';
  if (+thisUpdate > +time + maxSkewMs) return 'an OCSP answer from later';
  if (+thisUpdate > +response.producedAt + maxSkewMs)
    return 'an OCSP answer newer than its signature';
  if (nextUpdate && nextUpdate < thisUpdate) return 'an OCSP answer that ends before it begins';
  if (nextUpdate ? time > nextUpdate : +time > +thisUpdate + maxAgeMs) {
    return 'an OCSP answer that is out of date';
  }
  const expired = thisUpdate > certificate.notAfter;
  if (expired && !(archiveCutoff && archiveCutoff <= certificate.notAfter)) {
    return 'an OCSP answer from after the certificate expired';
  }
  return undefined;
}

/** Who signed, if they may (RFC 6960, 4.2.2.2): who is trusted, the issuer, or its delegate. */
function signerOf(response: OcspResponse, question: OcspQuestion): OcspIssuer | { why: string } {
  const { issuer, trusted = [], certificates } = question;
  let why = 'an OCSP response signed by nobody known';
  try {
    const check = (signer: OcspIssuer): boolean => {
      if (!response.names(signer)) return false;
      question.spend(signer.key);
      if (!response.signedBy(signer.key)) return false;
      const refused = question.refusedAlgorithm(response, signer);
      if (refused) why = `an OCSP response signed with ${refused}`;
      return !refused;
    };
    for (const one of trusted) {
      const signer = { name: one.subject, key: one.publicKey };
      if (check(signer)) return signer;
    }
    if (check(issuer)) return issuer;
    for (const one of [...response.certificates, ...certificates]) {
      if (one.malformed) continue;
      const signer = { name: one.subject, key: one.publicKey };
      if (!check(signer)) continue;
      const refusal = delegationRefusal(one, question);
      if (!refusal) return signer;
      why = `an OCSP responder that is ${refusal}`;
    }
  } catch (error) {
    if (!(error instanceof AlgorithmError) && !(error instanceof DerError)) throw error;
    why = error.message;
  }
  return { why };
}

/** Why a certificate does not make its holder a delegate of the issuer. */
function delegationRefusal(one: Certificate, question: OcspQuestion): string | undefined {
  const { issuer } = question;
  if (!one.extendedKeyUsage?.includes(keyPurposes.ocspSigning)) return 'not meant for OCSP';
  if (!one.mayUse(keyUsages.digitalSignature | keyUsages.nonRepudiation)) return 'no signer';
  if (!one.issuer.equals(issuer.name)) return 'not issued by the issuer of the certificate';
  if (!signatureHolds(one, issuer.key)) return 'not issued by the issuer of the certificate';
  return question.refusal(one);
}
