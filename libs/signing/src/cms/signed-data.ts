import { derOf } from '../asn1/ber.js';
import { bufferOf, contextOf, Der, DerError, tags } from '../asn1/der.js';
import { type AlgorithmIdentifier, algorithmOf } from '../x509/algorithms.js';
import { Certificate } from '../x509/certificate.js';
import type { CertificateCache } from '../x509/certificate-cache.js';
import { CertificateList } from '../x509/crl.js';
import { OcspResponse } from '../x509/ocsp.js';
import { contentTypes } from './oids.js';
import { SignerInfo } from './signer-info.js';

const maxCertificates = 500;
const maxSigners = 100;
/** Revocation in the form of RFC 5940: an OCSP response. */
const ocspResponse = '1.3.6.1.5.5.7.16.2';

/** A SignedData (RFC 5652, 5.1) inside its ContentInfo. */
export class SignedData {
  readonly version: number;
  readonly digestAlgorithms: AlgorithmIdentifier[];
  readonly contentType: string;
  /** Octets of eContent; missing when the content is detached. */
  readonly content?: Buffer;
  readonly signers: SignerInfo[];
  private readonly certificateSet?: Der;
  private readonly revocationSet?: Der;
  private parsed?: Certificate[];

  private constructor(
    readonly der: Der,
    private readonly cache?: CertificateCache,
  ) {
    const outer = der.must(tags.sequence).inside();
    const type = outer.next(tags.oid);
    if (type.oid() !== contentTypes.signedData) type.fail('no SignedData');
    const signed = outer.next(contextOf(0)).only(tags.sequence);
    outer.finish();
    const reader = signed.inside();
    this.version = reader.next(tags.integer).smallInteger(5, 1);
    this.digestAlgorithms = reader.next(tags.set).list(maxSigners).map(algorithmOf);
    const content = reader.next(tags.sequence).inside();
    this.contentType = content.next().oid();
    this.content = content.optional(contextOf(0))?.only(tags.octetString).content;
    content.finish();
    this.certificateSet = reader.optional(contextOf(0));
    this.revocationSet = reader.optional(contextOf(1));
    this.signers = reader
      .next(tags.set)
      .list(maxSigners)
      .map((one) => new SignerInfo(one));
    reader.finish();
  }

  /** Reads a ContentInfo, in BER where it is not DER. Throws `DerError` or `AlgorithmError`. */
  static read(bytes: Uint8Array, cache?: CertificateCache): SignedData {
    let der: Der;
    try {
      der = Der.read(bufferOf(bytes), tags.sequence);
      return new SignedData(der, cache);
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      const canonical = derOf(bytes);
      if (canonical.length === bytes.length && canonical.equals(bytes)) throw error;
      return new SignedData(Der.read(canonical, tags.sequence), cache);
    }
  }

  /** The X.509 certificates it carries, except those that cannot be read. */
  get certificates(): Certificate[] {
    return (this.parsed ??= this.elements(this.certificateSet).flatMap((der) => {
      if (der.tag !== tags.sequence) return [];
      try {
        return [this.cache?.read(der.whole) ?? Certificate.read(der.whole)];
      } catch {
        return [];
      }
    }));
  }

  /** The CRLs it carries, except those that cannot be read. */
  get crls(): CertificateList[] {
    return this.elements(this.revocationSet).flatMap((der) => {
      if (der.tag !== tags.sequence) return [];
      try {
        return [CertificateList.read(der.whole)];
      } catch {
        return [];
      }
    });
  }

  /** The OCSP responses it carries (RFC 5940), except those that cannot be read. */
  get ocspResponses(): OcspResponse[] {
    return this.elements(this.revocationSet).flatMap((der) => {
      if (der.tag !== contextOf(1)) return [];
      try {
        const reader = der.inside();
        return reader.next().oid() === ocspResponse ? [OcspResponse.read(reader.next().whole)] : [];
      } catch {
        return [];
      }
    });
  }

  private elements(set: Der | undefined): Der[] {
    return set?.list(maxCertificates) ?? [];
  }

  /** The certificate that a signer names, among these and its own. */
  certificateOf(signer: SignerInfo, others: readonly Certificate[] = []): Certificate | undefined {
    return (
      this.certificates.find((one) => signer.names(one)) ?? others.find((one) => signer.names(one))
    );
  }
}
