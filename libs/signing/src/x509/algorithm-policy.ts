import type { DigestName, SignatureScheme } from './algorithms.js';
import type { KeyKind, PublicKey } from './keys.js';

/** One thing that is allowed: a digest, or a kind of key from a size on, until a moment. */
export interface AlgorithmRule {
  name: DigestName | KeyKind;
  /** Least size of the key; for digests without meaning. */
  bits?: number;
  /** From this moment on it is no longer allowed; absent: no end is known. */
  until?: Date;
}

/** What is allowed; whatever no rule allows is refused. */
export type AlgorithmPolicy = readonly AlgorithmRule[];

/**
 * Allowed today: SHA-2 and SHA-3, RSA from 2048 bits, curves from 256 bits. SHA-1 and shorter keys
 * are for callers who say until when, because the answer depends on law and on the archive.
 */
export const currentAlgorithms: AlgorithmPolicy = [
  { name: 'sha224' },
  { name: 'sha256' },
  { name: 'sha384' },
  { name: 'sha512' },
  { name: 'sha512-224' },
  { name: 'sha512-256' },
  { name: 'sha3-224' },
  { name: 'sha3-256' },
  { name: 'sha3-384' },
  { name: 'sha3-512' },
  { name: 'shake256' },
  { name: 'rsa', bits: 2048 },
  { name: 'rsa-pss', bits: 2048 },
  { name: 'ec', bits: 256 },
  { name: 'ed25519' },
  { name: 'ed448' },
];

const allows = (policy: AlgorithmPolicy, name: string, bits: number, at: Date) =>
  policy.some(
    (rule) =>
      rule.name === name && bits >= (rule.bits ?? 0) && (!rule.until || at.getTime() < +rule.until),
  );

/** What of a signature the policy refuses at that moment, in words; `undefined` if nothing. */
export function refusedAlgorithm(
  policy: AlgorithmPolicy,
  scheme: SignatureScheme,
  key: PublicKey,
  at: Date,
): string | undefined {
  for (const digest of [scheme.digest, scheme.maskDigest ?? 'none']) {
    if (digest !== 'none' && !allows(policy, digest, Infinity, at)) return digest;
  }
  return refusedKey(policy, key, at);
}

/** What of a key the policy refuses at that moment. */
export const refusedKey = (
  policy: AlgorithmPolicy,
  key: PublicKey,
  at: Date,
): string | undefined =>
  allows(policy, key.kind, key.bits, at) ? undefined : `${key.kind} of ${key.bits} bits`;

/** Whether a digest is allowed at that moment. */
export const digestAllowed = (policy: AlgorithmPolicy, digest: DigestName, at: Date): boolean =>
  allows(policy, digest, Infinity, at);
