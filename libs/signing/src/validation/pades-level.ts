import type { Certificate } from '../x509/certificate.js';
import type { CertificateList } from '../x509/crl.js';
import type { OcspResponse } from '../x509/ocsp.js';
import { signatureHolds } from '../x509/signature-cache.js';
import type { Hash, SignatureRecord, StampRecord } from './diagnostic.js';

/** A baseline level of EN 319 142-1, clause 6. */
export type PadesLevel = 'B' | 'T' | 'LT' | 'LTA';

/** What a PDF itself brings for a signature: in its CMS, and in the document security store. */
export interface CarriedData {
  certificates: readonly Certificate[];
  crls: readonly CertificateList[];
  ocsp: readonly OcspResponse[];
}

const maxDepth = 8;
/** Certificates of one name that are tried as an issuer. */
const maxNamesakes = 8;

/**
 * The level that what is really in the file makes, whatever a verdict on it may be: a time stamp
 * over the signature, revocation data for every certificate up to the root, and a time stamp over
 * those. Undefined without a signed reference to the certificate, which PAdES asks of every level.
 */
export function padesLevel(
  { binding, timeStamps }: Pick<SignatureRecord, 'binding' | 'timeStamps'>,
  signer: Certificate | undefined,
  carried: CarriedData,
): PadesLevel | undefined {
  if (binding === 'absent') return undefined;
  const standing = timeStamps.filter(
    ({ kind, imprint }) => kind !== 'content' && imprint === 'matches',
  );
  if (standing.length === 0) return 'B';
  if (!signer || !coversChain(signer, carried)) return 'T';
  const archived = standing.some(
    (stamp) => stamp.kind === 'archive' && coversChain(signer, protectedOf(carried, stamp)),
  );
  return archived ? 'LTA' : 'LT';
}

function protectedOf({ certificates, crls, ocsp }: CarriedData, { protects }: StampRecord) {
  const hashes = new Set<Hash>(protects);
  const known = ({ fingerprint }: { fingerprint: Hash }) => hashes.has(fingerprint);
  return {
    certificates: certificates.filter(known),
    crls: crls.filter(known),
    ocsp: ocsp.filter(known),
  };
}

/** Whether every certificate from the signer's up to its root, or to one whose issuer is left out, has a status. */
function coversChain(signer: Certificate, carried: CarriedData): boolean {
  let at: Certificate = signer;
  for (let depth = 0; depth < maxDepth; depth++) {
    if (at.selfIssued) return depth > 0;
    const issuer = issuerOf(at, carried.certificates);
    if (!hasStatus(at, issuer, carried)) return false;
    if (!issuer) return true;
    at = issuer;
  }
  return false;
}

const issuerOf = (certificate: Certificate, known: readonly Certificate[]) =>
  known
    .filter((one) => one.subject.equals(certificate.issuer))
    .slice(0, maxNamesakes)
    .find((one) => attempt(() => signatureHolds(certificate, one.publicKey)));

function hasStatus(
  certificate: Certificate,
  issuer: Certificate | undefined,
  { crls, ocsp }: CarriedData,
): boolean {
  const listed = crls
    .filter((crl) => crl.issuer.equals(certificate.issuer))
    .slice(0, maxNamesakes)
    .some((crl) => !issuer || attempt(() => crl.signedBy(issuer.publicKey)));
  if (listed) return true;
  return ocsp.some((one) =>
    issuer
      ? one.about(certificate, { name: issuer.subject, key: issuer.publicKey }).length > 0
      : one.responses.some(({ serial }) => serial.equals(certificate.serial)),
  );
}

/** What cannot be read or verified says nothing. */
function attempt(holds: () => boolean): boolean {
  try {
    return holds();
  } catch {
    return false;
  }
}
