import { Der } from '../asn1/der.js';
import { failure } from '../failures.js';
import { refusedAlgorithm } from '../x509/algorithm-policy.js';
import { digestLengths, type DigestName, type SignatureScheme } from '../x509/algorithms.js';
import { Certificate } from '../x509/certificate.js';
import { PublicKey } from '../x509/keys.js';
import { signatureHolds } from '../xml/dsig/signature-value.js';
import {
  algorithmsIn,
  bytesIn,
  type Input,
  InputError,
  mustBytes,
  numberIn,
  oneOf,
  timeIn,
} from './inputs.js';

const kinds = ['rsa', 'rsa-pss', 'ecdsa', 'dsa', 'ed25519', 'ed448'] as const;

/** Whether a signature is a key's, and nothing of who holds that key or until when. */
export function verifySignatureCommand(input: Input): object {
  const scheme = schemeIn(input);
  const [data, signature] = [mustBytes(input, 'data'), mustBytes(input, 'signature')];
  const pair = oneOf(input, 'form', ['der', 'pair']) === 'pair';
  const rules = algorithmsIn(input);
  const reasons = [];
  try {
    const key = keyIn(input);
    const refused =
      rules && refusedAlgorithm(rules, scheme, key, timeIn(input, 'time') ?? new Date());
    if (refused) reasons.push(failure('algorithm-refused', undefined, refused));
    const holds = pair
      ? signatureHolds(scheme, key, data, signature)
      : key.verifies(scheme, data, signature);
    if (!holds) reasons.push(failure('signature-invalid'));
  } catch (error) {
    if (error instanceof InputError) throw error;
    reasons.push(failure('malformed-key', undefined, (error as Error).message));
  }
  return { verdict: reasons.length === 0 ? 'valid' : 'invalid', reasons };
}

function keyIn(input: Input): PublicKey {
  const key = bytesIn(input, 'key');
  if (key) return new PublicKey(Der.read(key));
  return Certificate.read(mustBytes(input, 'certificate')).publicKey;
}

function schemeIn(input: Input): SignatureScheme {
  const given = (input['scheme'] ?? {}) as Input;
  const kind = oneOf(given, 'kind', kinds);
  if (!kind) throw new InputError(`scheme: a kind, one of ${kinds.join(', ')}`);
  if (kind === 'ed25519' || kind === 'ed448') return { kind, digest: 'none' };
  const digests = Object.keys(digestLengths) as DigestName[];
  const digest = oneOf(given, 'digest', digests) ?? 'sha256';
  if (kind !== 'rsa-pss') return { kind, digest };
  return {
    kind,
    digest,
    maskDigest: oneOf(given, 'maskDigest', digests) ?? digest,
    saltLength: numberIn(given, 'saltLength') ?? digestLengths[digest],
  };
}
