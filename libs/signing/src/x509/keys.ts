import { constants, createPublicKey, createVerify, type KeyObject, verify } from 'node:crypto';
import { Der, tags } from '../asn1/der.js';
import * as encode from '../asn1/encode.js';
import {
  AlgorithmError,
  type AlgorithmIdentifier,
  algorithmOf,
  pssOf,
  pssParameters,
  rsaEncryption,
  rsassaPss,
  type SignatureScheme,
} from './algorithms.js';

export type KeyKind = 'rsa' | 'rsa-pss' | 'ec' | 'dsa' | 'ed25519' | 'ed448';

const ecPublicKey = '1.2.840.10045.2.1';
const dsaKey = '1.2.840.10040.4.1';

// Only curves by name: a curve spelled out could be anyone's (RFC 5480, 2.1.1).
const curves: Record<string, { curve: string; bits: number }> = {
  '1.2.840.10045.3.1.1': { curve: 'P-192', bits: 192 },
  '1.3.132.0.33': { curve: 'P-224', bits: 224 },
  '1.2.840.10045.3.1.7': { curve: 'P-256', bits: 256 },
  '1.3.132.0.34': { curve: 'P-384', bits: 384 },
  '1.3.132.0.35': { curve: 'P-521', bits: 521 },
  '1.3.132.0.10': { curve: 'secp256k1', bits: 256 },
  '1.3.36.3.3.2.8.1.1.5': { curve: 'brainpoolP224r1', bits: 224 },
  '1.3.36.3.3.2.8.1.1.7': { curve: 'brainpoolP256r1', bits: 256 },
  '1.3.36.3.3.2.8.1.1.9': { curve: 'brainpoolP320r1', bits: 320 },
  '1.3.36.3.3.2.8.1.1.11': { curve: 'brainpoolP384r1', bits: 384 },
  '1.3.36.3.3.2.8.1.1.13': { curve: 'brainpoolP512r1', bits: 512 },
};

const maxRsaBits = 16_384;

/** A subject public key (RFC 3279, 4055, 5480 and 8410), checked before it is used. */
export class PublicKey {
  readonly kind: KeyKind;
  /** Size that a policy judges: modulus, field or prime. */
  readonly bits: number;
  readonly curve?: string;
  /** What an RSASSA-PSS key confines its signatures to. */
  readonly pss?: SignatureScheme;
  /** The octets of the subjectPublicKey BIT STRING: what key hashes are made of. */
  readonly octets: Buffer;
  private readonly algorithm: AlgorithmIdentifier;
  private object?: KeyObject;
  private readonly masked = new Map<string, KeyObject>();

  constructor(
    readonly der: Der,
    private readonly inherited?: Der,
  ) {
    const reader = der.must(tags.sequence).inside();
    this.algorithm = algorithmOf(reader.next());
    this.octets = reader.next().bitStringBytes();
    reader.finish();
    Object.assign(this, this.facts());
  }

  private facts(): { kind: KeyKind; bits: number; curve?: string; pss?: SignatureScheme } {
    const { oid, parameters } = this.algorithm;
    switch (oid) {
      case rsaEncryption:
        parameters?.null();
        return { kind: 'rsa', bits: rsaBits(this.octets) };
      case rsassaPss:
        return {
          kind: 'rsa-pss',
          bits: rsaBits(this.octets),
          pss: parameters && pssOf(parameters),
        };
      case ecPublicKey:
        return { kind: 'ec', ...curveOf(this.octets, parameters) };
      case dsaKey:
        return { kind: 'dsa', bits: dsaBits(parameters ?? this.inherited) };
      case '1.3.101.112':
        return { kind: 'ed25519', bits: edwards(this.octets, parameters, 32) };
      case '1.3.101.113':
        return { kind: 'ed448', bits: edwards(this.octets, parameters, 57) };
      default:
        throw new AlgorithmError(`unknown key algorithm ${oid}`);
    }
  }

  /** DSA parameters that certificates below inherit when theirs are absent (RFC 5280, 6.1.4 (f)). */
  get dsaParameters(): Der | undefined {
    return this.kind === 'dsa' ? (this.algorithm.parameters ?? this.inherited) : undefined;
  }

  /** Whether a DSA key lacks the parameters without which it verifies nothing. */
  get incomplete(): boolean {
    return this.bits === 0;
  }

  /** This key with the parameters of its issuer's key. */
  inheriting(parameters: Der | undefined): PublicKey {
    return parameters && this.incomplete ? new PublicKey(this.der, parameters) : this;
  }

  get keyObject(): KeyObject {
    return (this.object ??= keyOf(this.spki()));
  }

  private spki(): Buffer {
    if (!this.inherited) return this.der.whole;
    const algorithm = encode.sequence(encode.oid(this.algorithm.oid), this.inherited.whole);
    return encode.sequence(algorithm, encode.bitString(this.octets));
  }

  /**
   * Whether the signature over `data` verifies. False for any fault of the signature, of the key
   * itself (a point off its curve) or of the pairing of the two.
   */
  verifies(scheme: SignatureScheme, data: Uint8Array, signature: Uint8Array): boolean {
    if (!this.fits(scheme)) return false;
    try {
      const digest = scheme.digest === 'none' ? null : scheme.digest;
      return verify(digest, data, this.verifying(scheme), signature);
    } catch {
      return false;
    }
  }

  /** The same for data that come in pieces; not for the Edwards curves, which need all at once. */
  async verifiesStream(
    scheme: SignatureScheme,
    data: AsyncIterable<Uint8Array>,
    signature: Uint8Array,
  ): Promise<boolean> {
    if (!this.fits(scheme) || scheme.digest === 'none') return false;
    const verifier = createVerify(scheme.digest);
    for await (const piece of data) verifier.update(piece);
    try {
      return verifier.verify(this.verifying(scheme), signature);
    } catch {
      return false;
    }
  }

  /** Whether the scheme belongs to this kind of key, and to what the key confines itself to. */
  fits(scheme: SignatureScheme): boolean {
    switch (scheme.kind) {
      case 'rsa':
        return this.kind === 'rsa';
      case 'rsa-pss':
        return this.kind === 'rsa' || (this.kind === 'rsa-pss' && confined(this.pss, scheme));
      case 'ecdsa':
        return this.kind === 'ec';
      case 'dsa':
        return this.kind === 'dsa' && !this.incomplete;
      default:
        return this.kind === scheme.kind;
    }
  }

  private verifying(scheme: SignatureScheme) {
    if (scheme.kind !== 'rsa-pss') return this.keyObject;
    const { maskDigest, digest, saltLength } = scheme;
    const key =
      maskDigest === digest && this.kind === 'rsa' ? this.keyObject : this.maskedKey(scheme);
    return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  }

  /** OpenSSL takes the digest of the mask from the key alone, so the key is made to say it. */
  private maskedKey(scheme: SignatureScheme): KeyObject {
    const name = `${scheme.digest} ${scheme.maskDigest} ${scheme.saltLength}`;
    const known = this.masked.get(name);
    if (known) return known;
    const parameters = pssParameters(scheme);
    const algorithm = encode.sequence(encode.oid(rsassaPss), parameters);
    const spki = encode.sequence(algorithm, encode.bitString(this.octets));
    const key = keyOf(spki);
    if (this.masked.size < 8) this.masked.set(name, key);
    return key;
  }
}

/** As PEM, which Node reads twice as fast as the DER inside it. Throws for a key that is none. */
const keyOf = (spki: Buffer): KeyObject =>
  createPublicKey(
    `-----BEGIN PUBLIC KEY-----\n${spki.toString('base64')}\n-----END PUBLIC KEY-----\n`,
  );

/** RFC 4055, 3.3: same digests, and at least the salt of the key. */
const confined = (own: SignatureScheme | undefined, asked: SignatureScheme) =>
  !own ||
  (own.digest === asked.digest &&
    own.maskDigest === asked.maskDigest &&
    own.saltLength! <= asked.saltLength!);

function rsaBits(octets: Buffer): number {
  const reader = Der.read(octets, tags.sequence).inside();
  const modulus = reader.next(tags.integer);
  const exponent = reader.next(tags.integer);
  reader.finish();
  const bits = bitsOf(positive(modulus));
  const octetsOfExponent = positive(exponent);
  const odd = (bytes: Buffer) => (bytes.at(-1)! & 1) === 1;
  const one = octetsOfExponent.length === 1 && octetsOfExponent[0] === 1;
  if (bits > maxRsaBits || octetsOfExponent.length > 9) modulus.fail('an RSA key beyond reason');
  if (!odd(modulus.content) || !odd(octetsOfExponent) || one) modulus.fail('no RSA key');
  return bits;
}

function positive(element: Der): Buffer {
  const bytes = element.integerBytes();
  if (bytes[0]! & 0x80 || (bytes.length === 1 && bytes[0] === 0)) element.fail('not positive');
  return bytes;
}

const bitsOf = (bytes: Buffer) => {
  const at = bytes[0] === 0 ? 1 : 0;
  return 8 * (bytes.length - at) - (Math.clz32(bytes[at]!) - 24);
};

function curveOf(octets: Buffer, parameters: Der | undefined): { curve: string; bits: number } {
  if (parameters?.tag !== tags.oid) throw new AlgorithmError('a curve that is not named');
  const known = curves[parameters.oid()];
  if (!known) throw new AlgorithmError(`unknown curve ${parameters.oid()}`);
  const field = (known.bits + 7) >> 3;
  const whole = octets[0] === 4 && octets.length === 1 + 2 * field;
  const compressed = (octets[0] === 2 || octets[0] === 3) && octets.length === 1 + field;
  if (!whole && !compressed) throw new AlgorithmError('a point of no known form');
  return known;
}

function dsaBits(parameters: Der | undefined): number {
  if (!parameters) return 0;
  const reader = parameters.must(tags.sequence).inside();
  const bits = bitsOf(positive(reader.next(tags.integer)));
  positive(reader.next(tags.integer));
  positive(reader.next(tags.integer));
  reader.finish();
  if (bits > maxRsaBits) throw new AlgorithmError('a DSA key beyond reason');
  return bits;
}

/** Size of a key on an Edwards curve (RFC 8032, 5.1.5 and 5.2.5). */
function edwards(octets: Buffer, parameters: Der | undefined, length: number): number {
  if (parameters || octets.length !== length) throw new AlgorithmError('a malformed Edwards key');
  const { prime, small } = length === 32 ? curve25519 : curve448;
  const y = Buffer.from(octets).reverse();
  y[0]! &= 0x7f; // the sign of x
  const value = BigInt(`0x${y.toString('hex')}`);
  // 5.1.3: no coordinate beyond the field. A key of small order verifies what anybody made.
  if (value >= prime || small.has(value)) throw new AlgorithmError('no key of an Edwards curve');
  return length === 32 ? 256 : 456;
}

const prime25519 = 2n ** 255n - 19n;
const prime448 = 2n ** 448n - 2n ** 224n - 1n;
// The points of order 8 on edwards25519; those of order 1, 2 and 4 have 1, -1 and 0.
const order8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const curve25519 = {
  prime: prime25519,
  small: new Set([0n, 1n, prime25519 - 1n, order8, prime25519 - order8]),
};
const curve448 = { prime: prime448, small: new Set([0n, 1n, prime448 - 1n]) };
