import { createHash, hash } from 'node:crypto';
import { type Der, tags } from '../asn1/der.js';
import * as encode from '../asn1/encode.js';

export type DigestName =
  | 'md5'
  | 'sha1'
  | 'sha224'
  | 'sha256'
  | 'sha384'
  | 'sha512'
  | 'sha512-224'
  | 'sha512-256'
  | 'sha3-224'
  | 'sha3-256'
  | 'sha3-384'
  | 'sha3-512'
  | 'shake256';

/** How a signature was made. `digest` is `none` for Ed25519 and Ed448, which hash by themselves. */
export interface SignatureScheme {
  kind: 'rsa' | 'rsa-pss' | 'ecdsa' | 'dsa' | 'ed25519' | 'ed448';
  digest: DigestName | 'none';
  /** RSASSA-PSS only: digest of the mask and octets of salt (RFC 4055, 3.1). */
  maskDigest?: DigestName;
  saltLength?: number;
}

/** An AlgorithmIdentifier; `parameters` is missing when absent. */
export interface AlgorithmIdentifier {
  oid: string;
  parameters?: Der;
  der: Der;
}

/** An algorithm that this library does not know, or parameters that its standard forbids. */
export class AlgorithmError extends Error {
  override name = 'AlgorithmError';
}

export function algorithmOf(der: Der): AlgorithmIdentifier {
  const reader = der.must(tags.sequence).inside();
  const oid = reader.next().oid();
  const parameters = reader.more ? reader.next() : undefined;
  reader.finish();
  return { oid, parameters, der };
}

const digestOids: Record<string, DigestName> = {
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.5': 'sha512-224',
  '2.16.840.1.101.3.4.2.6': 'sha512-256',
  '2.16.840.1.101.3.4.2.7': 'sha3-224',
  '2.16.840.1.101.3.4.2.8': 'sha3-256',
  '2.16.840.1.101.3.4.2.9': 'sha3-384',
  '2.16.840.1.101.3.4.2.10': 'sha3-512',
  '2.16.840.1.101.3.4.2.12': 'shake256',
};
const oidsOfDigests = Object.fromEntries(
  Object.entries(digestOids).map(([oid, name]) => [name, oid]),
) as Record<DigestName, string>;

/** Octets of a digest. SHAKE256 is 64 octets long, as RFC 8419 uses it. */
export const digestLengths: Record<DigestName, number> = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  'sha512-224': 28,
  'sha512-256': 32,
  'sha3-224': 28,
  'sha3-256': 32,
  'sha3-384': 48,
  'sha3-512': 64,
  shake256: 64,
};

/** The digest an AlgorithmIdentifier names; parameters absent or NULL (RFC 5754, section 2). */
export function digestOf({ oid, parameters }: AlgorithmIdentifier): DigestName {
  // SHAKE256 with its length spelled out (RFC 8419, 2.3).
  if (oid === '2.16.840.1.101.3.4.2.18' && parameters?.smallInteger(512, 512)) return 'shake256';
  const digest = digestOids[oid];
  if (!digest) throw new AlgorithmError(`unknown digest ${oid}`);
  if (parameters) parameters.null();
  return digest;
}

/** Whether an AlgorithmIdentifier names a digest that is known. */
export const isDigest = ({ oid }: AlgorithmIdentifier): boolean => oid in digestOids;

export const digestOid = (digest: DigestName): string => oidsOfDigests[digest];

/** The digest of octets. */
export const digestBytes = (digest: DigestName, data: Uint8Array): Buffer =>
  digest === 'shake256'
    ? createHash('shake256', { outputLength: digestLengths.shake256 }).update(data).digest()
    : hash(digest, data, 'buffer');

/** AlgorithmIdentifier of a digest, without parameters. */
export const digestIdentifier = (digest: DigestName): Buffer =>
  encode.sequence(encode.oid(oidsOfDigests[digest]));

/** DigestInfo: what RSA with PKCS #1 v1.5 pads and signs (RFC 8017, 9.2). */
export const digestInfo = (digest: DigestName, hash: Uint8Array): Buffer =>
  encode.sequence(
    encode.sequence(encode.oid(oidsOfDigests[digest]), encode.nullValue()),
    encode.octetString(hash),
  );

const schemes: Record<string, SignatureScheme> = {
  '1.2.840.113549.1.1.4': { kind: 'rsa', digest: 'md5' },
  '1.2.840.113549.1.1.5': { kind: 'rsa', digest: 'sha1' },
  '1.3.14.3.2.29': { kind: 'rsa', digest: 'sha1' },
  '1.2.840.113549.1.1.14': { kind: 'rsa', digest: 'sha224' },
  '1.2.840.113549.1.1.11': { kind: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa', digest: 'sha512' },
  '1.2.840.113549.1.1.15': { kind: 'rsa', digest: 'sha512-224' },
  '1.2.840.113549.1.1.16': { kind: 'rsa', digest: 'sha512-256' },
  '2.16.840.1.101.3.4.3.13': { kind: 'rsa', digest: 'sha3-224' },
  '2.16.840.1.101.3.4.3.14': { kind: 'rsa', digest: 'sha3-256' },
  '2.16.840.1.101.3.4.3.15': { kind: 'rsa', digest: 'sha3-384' },
  '2.16.840.1.101.3.4.3.16': { kind: 'rsa', digest: 'sha3-512' },
  '1.2.840.10045.4.1': { kind: 'ecdsa', digest: 'sha1' },
  '1.2.840.10045.4.3.1': { kind: 'ecdsa', digest: 'sha224' },
  '1.2.840.10045.4.3.2': { kind: 'ecdsa', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { kind: 'ecdsa', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { kind: 'ecdsa', digest: 'sha512' },
  '2.16.840.1.101.3.4.3.9': { kind: 'ecdsa', digest: 'sha3-224' },
  '2.16.840.1.101.3.4.3.10': { kind: 'ecdsa', digest: 'sha3-256' },
  '2.16.840.1.101.3.4.3.11': { kind: 'ecdsa', digest: 'sha3-384' },
  '2.16.840.1.101.3.4.3.12': { kind: 'ecdsa', digest: 'sha3-512' },
  '1.2.840.10040.4.3': { kind: 'dsa', digest: 'sha1' },
  '2.16.840.1.101.3.4.3.1': { kind: 'dsa', digest: 'sha224' },
  '2.16.840.1.101.3.4.3.2': { kind: 'dsa', digest: 'sha256' },
  '1.3.101.112': { kind: 'ed25519', digest: 'none' },
  '1.3.101.113': { kind: 'ed448', digest: 'none' },
};

export const rsaEncryption = '1.2.840.113549.1.1.1';
export const rsassaPss = '1.2.840.113549.1.1.10';
const mgf1 = '1.2.840.113549.1.1.8';

/** The scheme a signature AlgorithmIdentifier names. Throws `AlgorithmError` or `DerError`. */
export function schemeOf(identifier: AlgorithmIdentifier): SignatureScheme {
  const { oid, parameters } = identifier;
  if (oid === rsassaPss) return pssOf(parameters);
  const scheme = schemes[oid];
  if (!scheme) throw new AlgorithmError(`unknown signature algorithm ${oid}`);
  if (!parameters) return scheme;
  // NULL belongs to RSA (RFC 4055, section 5); elsewhere parameters are absent (RFC 5758, 3.2).
  if (scheme.kind !== 'rsa') throw new AlgorithmError(`${oid} takes no parameters`);
  parameters.null();
  return scheme;
}

/** RSASSA-PSS-params (RFC 4055, 3.1). They must be present in a signature (section 3). */
export function pssOf(parameters: Der | undefined): SignatureScheme {
  if (!parameters) throw new AlgorithmError('RSASSA-PSS without parameters');
  const reader = parameters.must(tags.sequence).inside();
  const hash = reader.optional(0xa0);
  const mask = reader.optional(0xa1);
  const salt = reader.optional(0xa2);
  const trailer = reader.optional(0xa3);
  reader.finish();
  if (trailer && trailer.only().smallInteger() !== 1) throw new AlgorithmError('a PSS trailer');
  return {
    kind: 'rsa-pss',
    digest: hash ? digestOf(algorithmOf(hash.only())) : 'sha1',
    maskDigest: mask ? maskDigestOf(algorithmOf(mask.only())) : 'sha1',
    saltLength: salt ? salt.only().smallInteger(1024) : 20,
  };
}

function maskDigestOf({ oid, parameters }: AlgorithmIdentifier): DigestName {
  if (oid !== mgf1 || !parameters) throw new AlgorithmError(`unknown mask function ${oid}`);
  return digestOf(algorithmOf(parameters));
}

/** RSASSA-PSS-params, with nothing written that is a default (X.690, 11.5). */
export function pssParameters(scheme: SignatureScheme): Buffer {
  const { digest, maskDigest = digest, saltLength = 20 } = scheme;
  const identifier = (name: string) =>
    encode.sequence(encode.oid(oidsOfDigests[name as DigestName]), encode.nullValue());
  const parts: Buffer[] = [];
  if (digest !== 'sha1') parts.push(encode.explicit(0, identifier(digest)));
  if (maskDigest !== 'sha1') {
    const mask = encode.sequence(encode.oid(mgf1), identifier(maskDigest));
    parts.push(encode.explicit(1, mask));
  }
  if (saltLength !== 20) parts.push(encode.explicit(2, encode.integer(saltLength)));
  return encode.sequence(...parts);
}

/** AlgorithmIdentifier of a signature scheme. */
export function schemeIdentifier(scheme: SignatureScheme): Buffer {
  if (scheme.kind === 'rsa-pss') {
    return encode.sequence(encode.oid(rsassaPss), pssParameters(scheme));
  }
  const oid = Object.keys(schemes).find(
    (key) => schemes[key]!.kind === scheme.kind && schemes[key]!.digest === scheme.digest,
  );
  if (!oid) throw new AlgorithmError(`no identifier for ${scheme.kind} with ${scheme.digest}`);
  return scheme.kind === 'rsa'
    ? encode.sequence(encode.oid(oid), encode.nullValue())
    : encode.sequence(encode.oid(oid));
}
