import { digestLengths, type DigestName, type SignatureScheme } from '../x509/algorithms.js';
import type { Certificate } from '../x509/certificate.js';

/** A scheme as strong as the key (RFC 5480, 4; RFC 8419), within what the key confines itself to. */
export function usualScheme({ publicKey }: Certificate, wished?: DigestName): SignatureScheme {
  const { kind, bits, pss } = publicKey;
  if (kind === 'ed25519' || kind === 'ed448') return { kind, digest: 'none' };
  if (kind === 'rsa-pss') {
    if (pss) return pss;
    const digest = wished ?? 'sha256';
    return { kind, digest, maskDigest: digest, saltLength: digestLengths[digest] };
  }
  if (kind !== 'ec') return { kind, digest: wished ?? 'sha256' };
  return {
    kind: 'ecdsa',
    digest: wished ?? (bits > 384 ? 'sha512' : bits > 256 ? 'sha384' : 'sha256'),
  };
}

/** The digest of content and attributes that goes with a scheme (RFC 8419, 2.3, for Edwards curves). */
export function digestBeside(scheme: SignatureScheme): DigestName {
  if (scheme.kind === 'ed25519') return 'sha512';
  if (scheme.kind === 'ed448') return 'shake256';
  return scheme.digest as DigestName;
}
