import { DerError } from '../../asn1/der.js';
import { AlgorithmError } from '../../x509/algorithms.js';
import { Certificate } from '../../x509/certificate.js';
import { CertificateList } from '../../x509/crl.js';
import { OcspResponse } from '../../x509/ocsp.js';
import { base64Of } from '../dsig/content.js';
import { pathOf, type XmlElement } from '../tree.js';
import { XmlError } from '../xml-error.js';
import { childrenOf, isXades, type QualifyingProperties } from './qualifying.js';

/** Certificates and revocation data that a signature carries for later. */
export interface ValidationData {
  certificates: Certificate[];
  crls: CertificateList[];
  ocsp: OcspResponse[];
  /** Paths of values that could not be read. */
  unreadable: string[];
}

const certificateHolders = ['CertificateValues', 'AttrAuthoritiesCertValues'];
const revocationHolders = ['RevocationValues', 'AttributeRevocationValues'];
const mixedHolders = ['TimeStampValidationData', 'AnyValidationData'];
const maxValues = 500;

/** CertificateValues, RevocationValues and what holds them (EN 319 132-1 clauses 5.4 and 5.5). */
export function validationDataOf({ unsigned }: QualifyingProperties): ValidationData {
  const data: ValidationData = { certificates: [], crls: [], ocsp: [], unreadable: [] };
  for (const element of unsigned) readHolder(element, data);
  return data;
}

function readHolder(element: XmlElement, data: ValidationData): void {
  const named = (names: string[]) => names.some((name) => isXades(element, name));
  if (named(mixedHolders)) {
    for (const name of [...certificateHolders, ...revocationHolders]) {
      for (const child of childrenOf(element, name)) readHolder(child, data);
    }
  } else if (named(certificateHolders)) {
    each(childrenOf(element, 'EncapsulatedX509Certificate'), data, (octets) =>
      data.certificates.push(Certificate.read(octets)),
    );
  } else if (named(revocationHolders)) {
    const values = (list: string, value: string) =>
      childrenOf(element, list).flatMap((one) => childrenOf(one, value));
    each(values('CRLValues', 'EncapsulatedCRLValue'), data, (octets) =>
      data.crls.push(CertificateList.read(octets)),
    );
    each(values('OCSPValues', 'EncapsulatedOCSPValue'), data, (octets) =>
      data.ocsp.push(OcspResponse.read(octets)),
    );
  }
}

function each(elements: XmlElement[], data: ValidationData, read: (octets: Buffer) => void): void {
  for (const element of elements) {
    if (data.certificates.length + data.crls.length + data.ocsp.length >= maxValues) {
      throw new XmlError('limit', `More than ${maxValues} values for validation`);
    }
    try {
      read(base64Of(element));
    } catch (error) {
      const known = [DerError, AlgorithmError, XmlError].some((kind) => error instanceof kind);
      if (!known) throw error;
      data.unreadable.push(pathOf(element));
    }
  }
}
