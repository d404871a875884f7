import { constants, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { tags } from '../asn1/der.js';
import * as encode from '../asn1/encode.js';
import {
  digestBytes,
  digestIdentifier,
  digestLengths,
  type DigestName,
  schemeIdentifier,
  type SignatureScheme,
} from '../x509/algorithms.js';
import type { Certificate } from '../x509/certificate.js';
import { attributes, contentTypes } from './oids.js';
import { digestBeside, usualScheme } from './schemes.js';
import { Template } from './template.js';

// Random octets of this length are found again in a template without doubt; no key signs shorter.
const leastTemplated = 32;

/** What does not change from one signature of a signer to the next. */
export interface SignerOptions {
  certificate: Certificate;
  /** Certificates to embed besides the signer's own, most often those up to the root. */
  chain?: readonly Certificate[];
  /** How the key signs; by default PKCS #1 v1.5 or ECDSA with a digest as strong as the key. */
  scheme?: SignatureScheme;
  /** Digest of the content when the scheme does not say it. */
  digest?: DigestName;
}

export interface SigningRequest {
  /** The octets to sign, or their digest when they are not at hand (then always detached). */
  content: Uint8Array | { digest: Uint8Array };
  /** Whether the content goes into the signature. */
  attached?: boolean;
  contentType?: string;
  /** The signing-time attribute: CAdES wants it, PAdES forbids it. */
  signingTime?: Date;
  /** Whole attributes to sign besides. */
  signedAttributes?: readonly Buffer[];
}

/** A signature that lacks only the key's part; the two halves may be days apart. */
export interface PreparedSignature {
  scheme: SignatureScheme;
  /** The octets that the key signs, and their digest for keys that take no more. */
  bytes: Buffer;
  readonly digest: Buffer;
  /**
   * The ContentInfo with the key's signature and unsigned attributes. Throws `SignatureMismatch` when
   * the signature is not one of these octets by the certificate's key.
   */
  complete(signature: Uint8Array, unsignedAttributes?: readonly Buffer[]): Buffer;
  /** The same without verifying the signature, for a key known to be the certificate's. */
  unsafeComplete(signature: Uint8Array, unsignedAttributes?: readonly Buffer[]): Buffer;
}

/** A key that gave a signature that is not its certificate's. */
export class SignatureMismatch extends Error {
  override name = 'SignatureMismatch';
}

/** Makes signatures of one signer: CMS with signed attributes as CAdES-B and PAdES-B have them. */
export class CmsSigner {
  readonly certificate: Certificate;
  readonly scheme: SignatureScheme;
  readonly digest: DigestName;
  private readonly digestAlgorithm: Buffer;
  private readonly signatureAlgorithm: Buffer;
  /** Version, identifier and digest of the SignerInfo, which never change. */
  private readonly head: Buffer;
  private readonly certificates: Buffer;
  private readonly fixed: readonly Buffer[];
  private readonly templates: Record<string, Template> = {};

  constructor({ certificate, chain = [], scheme, digest }: SignerOptions) {
    this.certificate = certificate;
    this.scheme = scheme ?? usualScheme(certificate, digest);
    this.digest = digestBeside(this.scheme);
    this.digestAlgorithm = digestIdentifier(this.digest);
    this.signatureAlgorithm = schemeIdentifier(this.scheme);
    this.head = Buffer.concat([
      encode.integer(1),
      encode.sequence(certificate.issuer.der.whole, encode.tlv(0x02, certificate.serial)),
      this.digestAlgorithm,
    ]);
    const embedded = [certificate, ...chain.filter((one) => !one.equals(certificate))];
    this.certificates = setOfImplicit(embedded.map(({ bytes }) => bytes));
    this.fixed = [this.signingCertificate(), this.algorithmProtection()];
  }

  /** ESS signing-certificate-v2 (RFC 5035, 3); SHA-256 is the default and not written. */
  private signingCertificate(): Buffer {
    const hash = encode.octetString(digestBytes(this.digest, this.certificate.bytes));
    const named = this.digest === 'sha256' ? [] : [this.digestAlgorithm];
    const reference = encode.sequence(...named, hash);
    return attribute(attributes.signingCertificateV2, encode.sequence(encode.sequence(reference)));
  }

  /** CMSAlgorithmProtection (RFC 6211, 2). */
  private algorithmProtection(): Buffer {
    const value = encode.sequence(
      this.digestAlgorithm,
      encode.implicit(1, this.signatureAlgorithm),
    );
    return attribute(attributes.algorithmProtection, value);
  }

  /** Everything but the key's part. */
  prepare(request: SigningRequest): PreparedSignature {
    const { scheme, certificate } = this;
    const { content, contentType = contentTypes.data } = request;
    const hash = content instanceof Uint8Array ? digestBytes(this.digest, content) : content.digest;
    if (hash.length !== digestLengths[this.digest]) {
      throw new RangeError(`a digest of ${hash.length} octets is none of ${this.digest}`);
    }
    const signed = this.signedAttributes(request, contentType, hash);
    const unsafeComplete = (signature: Uint8Array, unsigned: readonly Buffer[] = []) =>
      this.assemble(request, signed, signature, unsigned);
    return {
      scheme,
      bytes: signed,
      get digest() {
        return scheme.digest === 'none' ? signed : digestBytes(scheme.digest, signed);
      },
      unsafeComplete,
      complete(signature, unsigned) {
        if (!certificate.publicKey.verifies(scheme, signed, signature)) {
          throw new SignatureMismatch('the signature is not one by the certificate’s key');
        }
        return unsafeComplete(signature, unsigned);
      },
    };
  }

  private signedAttributes(request: SigningRequest, contentType: string, hash: Uint8Array): Buffer {
    const { signingTime, signedAttributes = [] } = request;
    const time = signingTime && encode.timeValue(signingTime);
    if (!plain(request) || time?.[0] === tags.generalizedTime) {
      const typed = attribute(attributes.contentType, encode.oid(contentType));
      return this.attributeSet(typed, hash, time, signedAttributes);
    }
    if (!time) return (this.templates.untimed ??= this.untimed()).fill(hash);
    return (this.templates.timed ??= this.timed()).fill(hash, time.subarray(2));
  }

  private untimed(): Template {
    return Template.of([digestLengths[this.digest]], (hash) => this.attributeSet(plainData, hash!));
  }

  private timed(): Template {
    const digits = 'YYMMDDHHMMSSZ'.length;
    return Template.of([digestLengths[this.digest], digits], (hash, time) =>
      this.attributeSet(plainData, hash!, encode.tlv(tags.utcTime, time!)),
    );
  }

  private attributeSet(
    contentType: Buffer,
    hash: Uint8Array,
    time?: Buffer,
    more: readonly Buffer[] = [],
  ): Buffer {
    return encode.setOf(
      contentType,
      attribute(attributes.messageDigest, encode.octetString(hash)),
      ...(time ? [attribute(attributes.signingTime, time)] : []),
      ...this.fixed,
      ...more,
    );
  }

  private assemble(
    request: SigningRequest,
    signed: Buffer,
    signature: Uint8Array,
    unsigned: readonly Buffer[],
  ): Buffer {
    const rare = signature.length < leastTemplated || !plain(request) || request.attached;
    if (rare || unsigned.length > 0) {
      return this.contentInfo(request, signed, signature, unsigned);
    }
    const key = `${signed.length} ${signature.length}`;
    const template = (this.templates[key] ??= Template.of(
      [signed.length - 1, signature.length],
      (set, value) =>
        this.contentInfo(request, Buffer.concat([Buffer.of(tags.set), set!]), value!, []),
    ));
    return template.fill(signed.subarray(1), signature);
  }

  private contentInfo(
    { content, attached, contentType = contentTypes.data }: SigningRequest,
    signed: Buffer,
    signature: Uint8Array,
    unsigned: readonly Buffer[],
  ): Buffer {
    const signerInfo = encode.sequence(
      this.head,
      retagged(0xa0, signed),
      this.signatureAlgorithm,
      encode.octetString(signature),
      ...(unsigned.length > 0 ? [retagged(0xa1, encode.setOf(...unsigned))] : []),
    );
    return encode.sequence(
      encode.oid(contentTypes.signedData),
      encode.explicit(
        0,
        encode.sequence(
          encode.integer(contentType === contentTypes.data ? 1 : 3),
          encode.tlv(0x31, this.digestAlgorithm),
          attached && content instanceof Uint8Array
            ? encode.sequence(
                encode.oid(contentType),
                encode.explicit(0, encode.octetString(content)),
              )
            : encode.sequence(encode.oid(contentType)),
          this.certificates,
          encode.tlv(0x31, signerInfo),
        ),
      ),
    );
  }
}

/** Signs in one go with a key at hand. */
export class LocalKey {
  constructor(
    private readonly key: KeyObject,
    private readonly signer: CmsSigner,
  ) {
    const own = createPublicKey(key).export({ format: 'der', type: 'spki' });
    if (!own.equals(signer.certificate.spki.whole)) {
      throw new SignatureMismatch('the key is not the certificate’s');
    }
  }

  sign(request: SigningRequest): Buffer {
    const prepared = this.signer.prepare(request);
    return prepared.unsafeComplete(this.signBytes(prepared.bytes));
  }

  /** The key's part over these octets. */
  signBytes(bytes: Uint8Array): Buffer {
    const { kind, digest, saltLength } = this.signer.scheme;
    const name = digest === 'none' ? null : digest;
    if (kind !== 'rsa-pss') return sign(name, bytes, this.key);
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return sign(name, bytes, { key: this.key, padding, saltLength });
  }
}

/** An Attribute with one value. */
export const attribute = (type: string, value: Uint8Array): Buffer =>
  encode.sequence(encode.oid(type), encode.tlv(0x31, value));

const plainData = attribute(attributes.contentType, encode.oid(contentTypes.data));

/** The unsigned attribute that a time stamp of the signature is (RFC 3161, appendix A). */
export const timeStampAttribute = (token: Uint8Array): Buffer =>
  attribute(attributes.signatureTimeStamp, token);

/** Whether a request differs from others only in content and time. */
const plain = ({ contentType = contentTypes.data, signedAttributes = [] }: SigningRequest) =>
  contentType === contentTypes.data && signedAttributes.length === 0;

const setOfImplicit = (elements: Buffer[]): Buffer => retagged(0xa0, encode.setOf(...elements));

function retagged(tag: number, element: Buffer): Buffer {
  const out = Buffer.from(element);
  out[0] = tag;
  return out;
}
