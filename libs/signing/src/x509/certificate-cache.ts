import { Certificate } from './certificate.js';

/**
 * Certificates read before, found again by their bytes. Signatures of one office carry the same few
 * certificates; reading a key costs more than verifying a signature with it.
 */
export class CertificateCache {
  private readonly known = new Map<string, Certificate>();

  constructor(private readonly limit = 1000) {}

  /** The certificate of these bytes. Throws like `Certificate.read`. */
  read(bytes: Buffer): Certificate {
    // The end of a signature is as good as a hash; equality is then made sure of.
    const key = bytes.toString('latin1', Math.max(0, bytes.length - 24));
    const found = this.known.get(key);
    if (found?.bytes.equals(bytes)) return found;
    // A copy, so that the cache does not hold whole documents.
    const certificate = Certificate.read(Buffer.from(bytes));
    if (this.known.size >= this.limit) this.known.delete(this.known.keys().next().value!);
    this.known.set(key, certificate);
    return certificate;
  }
}
