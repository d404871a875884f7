import { Der, DerError, tags } from '../asn1/der.js';
import { type Failure, failure, type FailureCode } from '../failures.js';
import {
  type AlgorithmPolicy,
  currentAlgorithms,
  digestAllowed,
  refusedAlgorithm,
} from '../x509/algorithm-policy.js';
import {
  AlgorithmError,
  type AlgorithmIdentifier,
  algorithmOf,
  digestBytes,
  type DigestName,
  digestOf,
  rsaEncryption,
  schemeOf,
  type SignatureScheme,
} from '../x509/algorithms.js';
import type { Certificate } from '../x509/certificate.js';
import type { PublicKey } from '../x509/keys.js';
import { attributes, contentTypes } from './oids.js';
import type { SignerInfo } from './signer-info.js';
import { matches, signingCertificates } from './signing-certificate.js';

/** What was signed: the octets themselves, or what computes their digest. */
export type SignedContent = Uint8Array | ((digest: DigestName) => Buffer);

/** The content of one or more signatures, each digest of it computed once. */
export class Content {
  private readonly digests = new Map<DigestName, Buffer>();

  constructor(private readonly given: SignedContent) {}

  /** The octets, if they are at hand. */
  get bytes(): Uint8Array | undefined {
    return typeof this.given === 'function' ? undefined : this.given;
  }

  digest(name: DigestName): Buffer {
    let found = this.digests.get(name);
    if (!found) {
      const { given } = this;
      found = typeof given === 'function' ? given(name) : digestBytes(name, given);
      this.digests.set(name, found);
    }
    return found;
  }
}

export interface SignerQuestion {
  certificate: Certificate;
  /** Its key, when parameters came from above. */
  key?: PublicKey;
  content: Content;
  /** eContentType; absent for a countersignature, which has none (RFC 5652, 11.4). */
  contentType?: string;
  /** digestAlgorithms of the SignedData; absent for a countersignature. */
  digestAlgorithms?: readonly AlgorithmIdentifier[];
  /** The moment for which algorithms are judged. */
  time: Date;
  algorithms?: AlgorithmPolicy;
  /** Whether the certificate must be bound into the signature, as CAdES and PAdES ask. */
  bound?: boolean;
}

/** Attributes that mean something only when signed (RFC 5652, 11.1 to 11.3; 5035, 3; 6211, 2). */
const onlySigned = [
  attributes.contentType,
  attributes.messageDigest,
  attributes.signingTime,
  attributes.signingCertificate,
  attributes.signingCertificateV2,
  attributes.algorithmProtection,
];

/** Says whether one signature of a SignedData is sound: everything but its certificate's path. */
export function checkSigner(signer: SignerInfo, question: SignerQuestion): Failure[] {
  try {
    return new SignerCheck(signer, question).run();
  } catch (error) {
    if (error instanceof DerError) return [failure('malformed-cms', undefined, error.message)];
    if (error instanceof AlgorithmError) {
      return [failure('algorithm-unknown', undefined, error.message)];
    }
    throw error;
  }
}

class SignerCheck {
  private readonly failures: Failure[] = [];

  constructor(
    private readonly signer: SignerInfo,
    private readonly asked: SignerQuestion,
  ) {}

  run(): Failure[] {
    const { signer, asked } = this;
    const digest = digestOf(signer.digestAlgorithm);
    const scheme = signerScheme(signer, digest);
    this.checkAlgorithms(scheme, digest);
    const signed = signer.signedBytes();
    if (signed) this.checkAttributes(digest);
    else this.checkBareContent();
    this.checkSignature(scheme, signed);
    if (onlySigned.some((type) => signer.unsigned(type).length > 0)) {
      this.fail('signed-attributes', 'an attribute that must be signed');
    }
    const bound = signingCertificates(signer);
    if (
      bound.length === 0 ? asked.bound : bound.some(([own]) => !matches(own!, asked.certificate))
    ) {
      this.fail('signing-certificate');
    }
    return this.failures;
  }

  private get key(): PublicKey {
    return this.asked.key ?? this.asked.certificate.publicKey;
  }

  private fail(code: FailureCode, detail?: string) {
    this.failures.push(failure(code, this.asked.certificate, detail));
  }

  private checkAlgorithms(scheme: SignatureScheme, digest: DigestName) {
    const { digestAlgorithms, time, algorithms = currentAlgorithms } = this.asked;
    const refused = refusedAlgorithm(algorithms, scheme, this.key, time);
    if (refused) this.fail('algorithm-refused', refused);
    else if (!digestAllowed(algorithms, digest, time)) this.fail('algorithm-refused', digest);
    if (!fits(scheme, digest)) {
      this.fail('digest-inconsistent', `${scheme.digest} in the signature, ${digest} beside it`);
    }
    if (digestAlgorithms?.every(({ oid }) => oid !== this.signer.digestAlgorithm.oid)) {
      this.fail('digest-inconsistent', 'the digest is not among those announced');
    }
  }

  /** Signed attributes (RFC 5652, 5.3): content type and digest once each, and what they say. */
  private checkAttributes(digest: DigestName) {
    const { signer, asked } = this;
    const type = signer.signed(attributes.contentType);
    const hash = signer.signed(attributes.messageDigest);
    if (!hash) this.fail('signed-attributes', 'no message digest');
    else if (!hash.octets().equals(asked.content.digest(digest))) this.fail('digest-mismatch');
    if (asked.contentType === undefined) {
      if (type) this.fail('signed-attributes', 'a countersignature with a content type');
    } else if (!type) this.fail('signed-attributes', 'no content type');
    else if (type.oid() !== asked.contentType) this.fail('content-type-mismatch', type.oid());
    void signer.claimedTime;
    const protection = signer.signed(attributes.algorithmProtection);
    if (protection && !protects(protection, signer)) this.fail('algorithm-protection');
    if (
      signer.signed(attributes.countersignature) ??
      signer.signed(attributes.signatureTimeStamp)
    ) {
      this.fail('signed-attributes', 'an attribute that must not be signed');
    }
  }

  /** Without signed attributes only plain data may be signed, and never what could be attributes. */
  private checkBareContent() {
    const { contentType, content } = this.asked;
    if (contentType !== undefined && contentType !== contentTypes.data) {
      this.fail('signed-attributes', 'none, though the content is not plain data');
    }
    if (content.bytes && looksLikeAttributes(content.bytes)) {
      this.fail('content-ambiguous', 'the content could be the signed attributes of another');
    }
  }

  private checkSignature(scheme: SignatureScheme, attributesSigned: Buffer | undefined) {
    const { content } = this.asked;
    const data = attributesSigned ?? content.bytes;
    if (!data) {
      this.fail('signed-attributes', 'none, so the signature needs the content itself');
    } else if (!this.key.verifies(scheme, data, this.signer.signature)) {
      this.fail('cms-signature-invalid');
    }
  }
}

/** The scheme of a signature; `rsaEncryption` alone means PKCS #1 v1.5 (RFC 3370, 3.2). */
export function signerScheme(signer: SignerInfo, digest: DigestName): SignatureScheme {
  const { signatureAlgorithm } = signer;
  if (signatureAlgorithm.oid !== rsaEncryption) return schemeOf(signatureAlgorithm);
  signatureAlgorithm.parameters?.null();
  return { kind: 'rsa', digest };
}

/** RFC 4056, 3 for PSS, RFC 8419, 3.1 for the Edwards curves, RFC 5754 for the others. */
function fits(scheme: SignatureScheme, digest: DigestName): boolean {
  if (scheme.kind === 'ed25519') return digest === 'sha512';
  if (scheme.kind === 'ed448') return digest === 'shake256';
  return scheme.digest === digest;
}

/** CMSAlgorithmProtection (RFC 6211, 2): the algorithms, signed. */
function protects(value: Der, signer: SignerInfo): boolean {
  const reader = value.must(tags.sequence).inside();
  const digest = algorithmOf(reader.next());
  const signature = reader.optional(0xa1);
  const same = sameAlgorithm(digest, signer.digestAlgorithm);
  if (!signature || reader.more) return false;
  return same && sameAlgorithm(algorithmOf(signature.as(tags.sequence)), signer.signatureAlgorithm);
}

function sameAlgorithm(one: AlgorithmIdentifier, other: AlgorithmIdentifier): boolean {
  const plain = ({ parameters }: AlgorithmIdentifier) =>
    !parameters || parameters.tag === tags.null;
  if (one.oid !== other.oid) return false;
  return plain(one) ? plain(other) : !!other.parameters?.equals(one.parameters!);
}

/** Whether octets are a SET OF attributes with a content type and a digest. */
function looksLikeAttributes(content: Uint8Array): boolean {
  if (content[0] !== tags.set) return false;
  try {
    const types = Der.read(content)
      .list(1000)
      .map((one) => one.must(tags.sequence).inside().next().oid());
    return types.includes(attributes.contentType) || types.includes(attributes.messageDigest);
  } catch {
    return false;
  }
}
