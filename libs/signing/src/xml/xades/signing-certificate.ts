import { hash } from 'node:crypto';
import { Der, DerError, tags } from '../../asn1/der.js';
import type { DigestName } from '../../x509/algorithms.js';
import type { Certificate } from '../../x509/certificate.js';
import { generalNamesOf } from '../../x509/general-names.js';
import { digestOfUri } from '../dsig/algorithms.js';
import { algorithmOf, base64Of, simpleText } from '../dsig/content.js';
import type { XmlElement } from '../tree.js';
import { XmlError } from '../xml-error.js';
import { childrenOf, down, dsigChild } from './qualifying.js';

/** A certificate that the signer bound into the signature, by digest and perhaps by its number. */
export interface CertificateReference {
  digestMethod: string;
  digest?: DigestName;
  hash: Buffer;
  /** Serial number in decimal, when it is said. */
  serial?: string;
}

/** SigningCertificate and SigningCertificateV2 (EN 319 132-1 clause 5.2.2); undefined without. */
export function signingCertificatesOf(properties: XmlElement): CertificateReference[] | undefined {
  const lists = [
    ...childrenOf(properties, 'SigningCertificateV2'),
    ...childrenOf(properties, 'SigningCertificate'),
  ];
  if (lists.length === 0) return undefined;
  return lists.flatMap((list) => childrenOf(list, 'Cert')).map(referenceOf);
}

function referenceOf(cert: XmlElement): CertificateReference {
  const { digestMethod, value } = digestIn(down(cert, 'CertDigest'));
  const second = down(cert, 'IssuerSerialV2');
  const first = dsigChild(down(cert, 'IssuerSerial'), 'X509SerialNumber');
  const serial = second ? serialOf(base64Of(second)) : first && simpleText(first).trim();
  return { digestMethod, digest: digestOfUri(digestMethod), hash: value, serial };
}

/** ds:DigestMethod and ds:DigestValue inside an element. */
export function digestIn(element: XmlElement | undefined): { digestMethod: string; value: Buffer } {
  const method = dsigChild(element, 'DigestMethod');
  const value = dsigChild(element, 'DigestValue');
  if (!method || !value) throw new XmlError('structure', 'A digest without method or value');
  return { digestMethod: algorithmOf(method), value: base64Of(value) };
}

/** IssuerSerial of RFC 5035: GeneralNames and a number. */
function serialOf(octets: Buffer): string {
  try {
    const reader = Der.read(octets, tags.sequence).inside();
    generalNamesOf(reader.next(tags.sequence));
    return reader.next().integer().toString();
  } catch (error) {
    if (error instanceof DerError) throw new XmlError('structure', 'IssuerSerialV2 is malformed');
    throw error;
  }
}

/** Whether a certificate is one of those bound: its digest must agree, and its number if given. */
export function bindsCertificate(
  references: readonly CertificateReference[],
  certificate: Certificate,
): boolean {
  const unsigned = BigInt(`0x${certificate.serial.toString('hex')}`);
  const serial = BigInt.asIntN(8 * certificate.serial.length, unsigned).toString();
  return references.some(
    (one) =>
      one.digest !== undefined &&
      hash(one.digest, certificate.bytes, 'buffer').equals(one.hash) &&
      (one.serial === undefined || one.serial === serial),
  );
}
