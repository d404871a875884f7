import type { AlgorithmPolicy } from '../x509/algorithm-policy.js';
import {
  AlgorithmError,
  type AlgorithmIdentifier,
  schemeOf,
  type SignatureScheme,
} from '../x509/algorithms.js';
import type { PublicKey } from '../x509/keys.js';
import type { AlgorithmUse } from './diagnostic.js';
import { type Conclusion, open } from './indications.js';

/** Every digest and key, at every time: for facts, which judge nothing. */
export const everyAlgorithm: AlgorithmPolicy = [
  'md5',
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha512-224',
  'sha512-256',
  'sha3-224',
  'sha3-256',
  'sha3-384',
  'sha3-512',
  'shake256',
  'rsa',
  'rsa-pss',
  'ec',
  'dsa',
  'ed25519',
  'ed448',
].map((name) => ({ name: name as AlgorithmUse['name'] }));

/** Algorithms of a signature by a key. */
export function usesOf(scheme: SignatureScheme, key: PublicKey): AlgorithmUse[] {
  const digests = [scheme.digest, scheme.maskDigest ?? ('none' as const)];
  return [
    ...digests.flatMap((name): AlgorithmUse[] => (name === 'none' ? [] : [{ name }])),
    { name: key.kind, bits: key.bits },
  ];
}

/** Algorithms of the signature on a certificate, CRL or response; none when it is unknown. */
export function usesOfSigned(identifier: AlgorithmIdentifier, key: PublicKey): AlgorithmUse[] {
  try {
    return usesOf(schemeOf(identifier), key);
  } catch (error) {
    if (!(error instanceof AlgorithmError)) throw error;
    return [];
  }
}

/** Until when an algorithm is allowed, in milliseconds: -Infinity never, Infinity without end. */
function endOf(policy: AlgorithmPolicy, { name, bits = Infinity }: AlgorithmUse): number {
  const ends = policy
    .filter((rule) => rule.name === name && bits >= (rule.bits ?? 0))
    .map(({ until }) => (until === undefined ? Infinity : +new Date(until)));
  return Math.max(-Infinity, ...ends);
}

/** The first of some algorithms to be no longer allowed, and when that is. */
export function earliestEnd(policy: AlgorithmPolicy, uses: readonly AlgorithmUse[]) {
  let first: { use?: AlgorithmUse; end: number } = { end: Infinity };
  for (const use of uses) {
    const end = endOf(policy, use);
    if (end < first.end) first = { use, end };
  }
  return first;
}

/** Whether algorithms are allowed at a moment; undefined when they are. */
export function refusedUse(
  policy: AlgorithmPolicy,
  uses: readonly AlgorithmUse[],
  at: Date,
): Conclusion | undefined {
  const { use, end } = earliestEnd(policy, uses);
  if (!use || at.getTime() < end) return undefined;
  const detail = use.bits === undefined ? use.name : `${use.name} ${use.bits}`;
  if (end === -Infinity) return open('CRYPTO_CONSTRAINTS_FAILURE', { detail });
  return open('CRYPTO_CONSTRAINTS_FAILURE_NO_POE', { detail, at: new Date(end) });
}
