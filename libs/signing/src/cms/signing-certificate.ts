import { type Der, tags } from '../asn1/der.js';
import { algorithmOf, digestBytes, type DigestName, digestOf } from '../x509/algorithms.js';
import type { Certificate } from '../x509/certificate.js';
import { generalNamesOf } from '../x509/general-names.js';
import type { Name } from '../x509/names.js';
import { attributes } from './oids.js';
import type { SignerInfo } from './signer-info.js';

/** ESSCertID or ESSCertIDv2: which certificate, by hash and perhaps by issuer and number. */
export interface CertificateReference {
  digest: DigestName;
  hash: Buffer;
  issuer?: Name;
  serial?: Buffer;
}

/**
 * The certificates that the signer bound into the signature (RFC 2634, 5.4; RFC 5035, 3), a list for
 * each such attribute: the signer's own comes first in it; others, if any, confine the path. Throws
 * `DerError`.
 */
export function signingCertificates(signer: SignerInfo): CertificateReference[][] {
  const second = signer.signed(attributes.signingCertificateV2);
  const first = signer.signed(attributes.signingCertificate);
  return [
    ...(second ? [referencesOf(second, referenceV2)] : []),
    ...(first ? [referencesOf(first, referenceV1)] : []),
  ];
}

/** Whether a reference is to this certificate. */
export function matches(reference: CertificateReference, certificate: Certificate): boolean {
  const { digest, hash, issuer, serial } = reference;
  const own = digest === 'sha256' ? certificate.sha256 : digestBytes(digest, certificate.bytes);
  return (
    own.equals(hash) &&
    (!serial || serial.equals(certificate.serial)) &&
    (!issuer || issuer.equals(certificate.issuer))
  );
}

/** SigningCertificate[V2]: certs, then policies, which say nothing here. */
function referencesOf(der: Der, read: (der: Der) => CertificateReference) {
  const reader = der.must(tags.sequence).inside();
  const references = reader.next(tags.sequence).list(100).map(read);
  reader.optional(tags.sequence);
  reader.finish();
  return references.length > 0 ? references : der.fail('a list of no certificates');
}

function referenceV1(der: Der): CertificateReference {
  const reader = der.must(tags.sequence).inside();
  const hash = reader.next().octets();
  const place = reader.optional(tags.sequence);
  reader.finish();
  return { digest: 'sha1', hash, ...issuerSerial(place) };
}

/** The digest is SHA-256 when it is not named (RFC 5035, 4). */
function referenceV2(der: Der): CertificateReference {
  const reader = der.must(tags.sequence).inside();
  const algorithm = reader.optional(tags.sequence);
  const hash = reader.next().octets();
  const place = reader.optional(tags.sequence);
  reader.finish();
  const digest = algorithm ? digestOf(algorithmOf(algorithm)) : 'sha256';
  return { digest, hash, ...issuerSerial(place) };
}

function issuerSerial(der: Der | undefined): { issuer?: Name; serial?: Buffer } {
  if (!der) return {};
  const reader = der.inside();
  const names = generalNamesOf(reader.next(tags.sequence), 10);
  const serial = reader.next(tags.integer).integerBytes();
  reader.finish();
  const [name] = names;
  if (names.length !== 1 || name?.form !== 'directory')
    return der.fail('an issuer of another form');
  return { issuer: name.name, serial };
}
