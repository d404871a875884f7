import { hash } from 'node:crypto';
import { Certificate } from '../x509/certificate.js';
import { CertificateList } from '../x509/crl.js';
import { OcspResponse } from '../x509/ocsp.js';
import type { Diagnostic, Hash } from './diagnostic.js';

/** Certificates, CRLs and responses that validation may use, each under its hash. */
export class Evidence {
  readonly certificates = new Map<Hash, Certificate>();
  readonly crls = new Map<Hash, CertificateList>();
  readonly ocsp = new Map<Hash, OcspResponse>();

  /** The evidence of a diagnostic, read again. What cannot be read is left out. */
  static of(diagnostic: Pick<Diagnostic, 'certificates' | 'crls' | 'ocspResponses'>): Evidence {
    const evidence = new Evidence();
    const decoded = (record: Record<Hash, string>) =>
      Object.values(record).map((text) => Buffer.from(text, 'base64'));
    for (const der of decoded(diagnostic.certificates)) evidence.try(() => Certificate.read(der));
    for (const der of decoded(diagnostic.crls)) evidence.try(() => CertificateList.read(der));
    for (const der of decoded(diagnostic.ocspResponses)) {
      evidence.try(() => OcspResponse.readBasic(der));
    }
    return evidence;
  }

  private try(read: () => Certificate | CertificateList | OcspResponse): void {
    try {
      this.add(read());
    } catch {
      // Not what it claims to be; it proves nothing.
    }
  }

  /** Keeps a piece of evidence and answers its hash. */
  add(one: Certificate | CertificateList | OcspResponse): Hash {
    if (one instanceof Certificate) this.certificates.set(one.fingerprint, one);
    else if (one instanceof CertificateList) this.crls.set(one.fingerprint, one);
    else {
      this.ocsp.set(one.fingerprint, one);
      for (const certificate of one.certificates) this.add(certificate);
    }
    return one.fingerprint;
  }

  addAll(...pieces: Iterable<Certificate | CertificateList | OcspResponse>[]): Hash[] {
    return pieces.flatMap((list) => [...list].map((one) => this.add(one)));
  }

  toRecords(): Pick<Diagnostic, 'certificates' | 'crls' | 'ocspResponses'> {
    return {
      certificates: encoded(this.certificates, ({ bytes }) => bytes),
      crls: encoded(this.crls, ({ bytes }) => bytes),
      ocspResponses: encoded(this.ocsp, ({ basic }) => basic.whole),
    };
  }
}

function encoded<T>(pieces: Map<Hash, T>, octets: (one: T) => Buffer): Record<Hash, string> {
  return Object.fromEntries([...pieces].map(([key, one]) => [key, octets(one).toString('base64')]));
}

export const sha256 = (octets: Uint8Array): Hash => hash('sha256', octets, 'hex');
