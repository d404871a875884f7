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

/**
 * The anchor and the certificates below it, in order, each as the issuer of the next: keys of DSA may
 * have their parameters from above (RFC 5280, 6.1.4 (f)).
 */
export function authoritiesOf(anchor: TrustAnchor, path: readonly Certificate[]): TrustAnchor[] {
  const found = [anchor];
  for (const certificate of path) {
    const { dsaParameters } = found.at(-1)!.key;
    const key = certificate.publicKey.inheriting(dsaParameters);
    found.push({ ...anchorOf(certificate), key });
  }
  return found;
}
