import type { Certificate } from './certificate.js';
import type { PublicKey } from './keys.js';
import type { Name } from './names.js';

/** Whom the caller trusts (RFC 5280, 6.1.1 (d)): a name and a key, most often from a certificate. */
export interface TrustAnchor {
  name: Name;
  key: PublicKey;
  /** Its constraints confine the paths that start here (RFC 5937). */
  certificate?: Certificate;
}

/** Throws `AlgorithmError` or `DerError` when its key cannot be used. */
export const anchorOf = (certificate: Certificate): TrustAnchor => ({
  name: certificate.subject,
  key: certificate.publicKey,
  certificate,
});
