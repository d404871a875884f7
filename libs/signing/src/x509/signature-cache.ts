import { schemeOf } from './algorithms.js';
import type { Certificate } from './certificate.js';
import type { PublicKey } from './keys.js';

// What was once computed about two immutable things stays true; the keys let it go with them.
const known = new WeakMap<Certificate, WeakMap<PublicKey, boolean>>();

/**
 * Whether this key made the certificate's signature, whatever the names say; computed once. Throws
 * `AlgorithmError` for an algorithm that is unknown.
 */
export function signatureHolds(certificate: Certificate, key: PublicKey): boolean {
  let answers = known.get(certificate);
  if (!answers) known.set(certificate, (answers = new WeakMap()));
  const answer = answers.get(key);
  if (answer !== undefined) return answer;
  const scheme = schemeOf(certificate.signatureAlgorithm);
  const holds = key.verifies(scheme, certificate.tbs.whole, certificate.signature);
  answers.set(key, holds);
  return holds;
}

/** Whether that answer is known already, so that asking costs nothing. */
export const signatureKnown = (certificate: Certificate, key: PublicKey): boolean =>
  known.get(certificate)?.has(key) ?? false;
