import { hash } from 'node:crypto';
import { bufferOf, context, contextOf, Der, DerError, tags } from '../asn1/der.js';
import * as encode from '../asn1/encode.js';
import { preciseTimeOf } from '../asn1/values.js';
import {
  type AlgorithmIdentifier,
  algorithmOf,
  type DigestName,
  digestOf,
  isDigest,
  digestOid,
  schemeOf,
} from './algorithms.js';
import { Certificate, type Extension, extensionsOf } from './certificate.js';
import { reasonOf } from './crl-entry.js';
import type { PublicKey } from './keys.js';
import { Name } from './names.js';

export const ocspOids = {
  basic: '1.3.6.1.5.5.7.48.1.1',
  nonce: '1.3.6.1.5.5.7.48.1.2',
  archiveCutoff: '1.3.6.1.5.5.7.48.1.6',
} as const;

/** Who issued a certificate, as CertID needs it: its name and the octets of its key. */
export interface OcspIssuer {
  name: Name;
  key: PublicKey;
}

/** A certificate as CertID knows it, and until when it is valid. */
export type OcspSubject = Pick<Certificate, 'serial' | 'issuer' | 'notAfter'>;

/** What an OCSP response says of one certificate (RFC 6960, 4.2.1). */
export interface SingleResponse {
  certId: Der;
  /** Octets of the certificate's serial number. */
  serial: Buffer;
  status: 'good' | 'revoked' | 'unknown';
  revokedAt?: Date;
  reason?: number;
  thisUpdate: Date;
  nextUpdate?: Date;
  /** The responder still knows certificates that expired at this moment or later (4.4.4). */
  archiveCutoff?: Date;
  unknownCritical: boolean;
}

const maxResponseBytes = 4 << 20;

/** A BasicOCSPResponse (RFC 6960, 4.2.1). What it claims counts only after its responder was judged. */
export class OcspResponse {
  readonly responder: { name: Name } | { keyHash: Buffer };
  readonly producedAt: Date;
  readonly responses: SingleResponse[];
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly certificates: Certificate[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  private readonly data: Der;
  private readonly signature: Buffer;
  private readonly answers = new WeakMap<PublicKey, boolean>();

  private constructor(readonly basic: Der) {
    const outer = basic.must(tags.sequence).inside();
    this.data = outer.next(tags.sequence);
    this.signatureAlgorithm = algorithmOf(outer.next());
    this.signature = outer.next().bitStringBytes();
    this.certificates = certificatesOf(outer.optional(contextOf(0)));
    outer.finish();
    const reader = this.data.inside();
    if (reader.optional(contextOf(0))) this.data.fail('an unknown version');
    this.responder = responderOf(reader.next());
    this.producedAt = preciseTimeOf(reader.next());
    this.responses = reader.next(tags.sequence).list(1000).map(singleOf);
    this.extensions = extensionsOf(reader.optional(contextOf(1))?.only(tags.sequence));
    reader.finish();
  }

  /** Reads an OCSPResponse, whole and successful. Throws `DerError`, also for an error status. */
  static read(bytes: Uint8Array): OcspResponse {
    if (bytes.length > maxResponseBytes) throw new DerError('a response beyond its size', 0);
    const outer = Der.read(bufferOf(bytes), tags.sequence).inside();
    const status = outer.next(tags.enumerated).smallInteger();
    const body = outer.optional(contextOf(0));
    outer.finish();
    if (status !== 0 || !body) throw new DerError(`the responder answers with status ${status}`, 0);
    const reader = body.only(tags.sequence).inside();
    const type = reader.next();
    if (type.oid() !== ocspOids.basic) type.fail('a response of an unknown type');
    const basic = reader.next().octets();
    reader.finish();
    return new OcspResponse(Der.read(basic));
  }

  /** Reads a BasicOCSPResponse as signatures embed it. */
  static readBasic(bytes: Uint8Array): OcspResponse {
    if (bytes.length > maxResponseBytes) throw new DerError('a response beyond its size', 0);
    return new OcspResponse(Der.read(bufferOf(bytes)));
  }

  get fingerprint(): string {
    return hash('sha256', this.basic.whole, 'hex');
  }

  get nonce(): Buffer | undefined {
    return this.extensions.get(ocspOids.nonce)?.value;
  }

  /** Whether an extension of the whole response is critical and unknown. */
  get unknownCritical(): boolean {
    return [...this.extensions.values()].some(
      ({ oid, critical }) => critical && oid !== ocspOids.nonce,
    );
  }

  signedBy(key: PublicKey): boolean {
    let holds = this.answers.get(key);
    if (holds === undefined) {
      const scheme = schemeOf(this.signatureAlgorithm);
      holds = key.verifies(scheme, this.data.whole, this.signature);
      this.answers.set(key, holds);
    }
    return holds;
  }

  /** Whether the responder's identifier is that of this certificate. */
  names({ name, key }: OcspIssuer): boolean {
    const { responder } = this;
    return 'name' in responder
      ? responder.name.equals(name)
      : responder.keyHash.equals(hash('sha1', key.octets, 'buffer'));
  }

  /** All that it says of a certificate, the newest first. */
  about(certificate: OcspSubject, issuer: OcspIssuer): SingleResponse[] {
    return this.responses
      .filter((single) => isAbout(single.certId, certificate, issuer))
      .sort((a, b) => +b.thisUpdate - +a.thisUpdate);
  }
}

/** CertID of a certificate (RFC 6960, 4.1.1), hashed with SHA-1 unless asked otherwise (RFC 5019). */
export const certIdOf = (
  { issuer, serial }: Certificate,
  issuerKey: PublicKey,
  digest: DigestName = 'sha1',
): Buffer =>
  encode.sequence(
    encode.sequence(encode.oid(digestOid(digest)), encode.nullValue()),
    encode.octetString(hash(digest, issuer.der.whole, 'buffer')),
    encode.octetString(hash(digest, issuerKey.octets, 'buffer')),
    encode.tlv(tags.integer, serial),
  );

/** An OCSPRequest about one certificate; `nonce` is 1 to 32 octets (RFC 8954). */
export function ocspRequest(
  certificate: Certificate,
  issuerKey: PublicKey,
  nonce?: Buffer,
): Buffer {
  const request = encode.sequence(certIdOf(certificate, issuerKey));
  const list = encode.sequence(request);
  if (!nonce) return encode.sequence(encode.sequence(list));
  const extension = encode.sequence(
    encode.oid(ocspOids.nonce),
    encode.octetString(encode.octetString(nonce)),
  );
  return encode.sequence(encode.sequence(list, encode.explicit(2, encode.sequence(extension))));
}

function isAbout(certId: Der, certificate: OcspSubject, issuer: OcspIssuer): boolean {
  const reader = certId.inside();
  const algorithm = algorithmOf(reader.next());
  // One of another digest is about nobody we could know.
  if (!isDigest(algorithm)) return false;
  const digest = digestOf(algorithm);
  const nameHash = reader.next().octets();
  const keyHash = reader.next().octets();
  const serial = reader.next(tags.integer).integerBytes();
  return (
    serial.equals(certificate.serial) &&
    nameHash.equals(hash(digest, certificate.issuer.der.whole, 'buffer')) &&
    keyHash.equals(hash(digest, issuer.key.octets, 'buffer'))
  );
}

function responderOf(der: Der): { name: Name } | { keyHash: Buffer } {
  if (der.tag === contextOf(1)) return { name: new Name(der.only(tags.sequence)).readable() };
  return { keyHash: der.must(contextOf(2)).only(tags.octetString).content };
}

function certificatesOf(field: Der | undefined): Certificate[] {
  if (!field) return [];
  return field
    .only(tags.sequence)
    .list(100)
    .map((der) => Certificate.read(der.whole));
}

function singleOf(der: Der): SingleResponse {
  const reader = der.must(tags.sequence).inside();
  const certId = reader.next(tags.sequence);
  const status = statusOf(reader.next());
  const thisUpdate = preciseTimeOf(reader.next());
  const next = reader.optional(contextOf(0));
  const listed = extensionsOf(reader.optional(contextOf(1))?.only(tags.sequence));
  reader.finish();
  const cutoff = listed.get(ocspOids.archiveCutoff);
  const known = new Set<string>([ocspOids.archiveCutoff, '1.3.6.1.5.5.7.48.1.3']);
  return {
    certId,
    serial: serialOf(certId),
    ...status,
    thisUpdate,
    nextUpdate: next && preciseTimeOf(next.only()),
    archiveCutoff: cutoff && preciseTimeOf(Der.read(cutoff.value)),
    unknownCritical: [...listed.values()].some(({ oid, critical }) => critical && !known.has(oid)),
  };
}

/** The serial number of a CertID, whose parts are all made sure of. */
function serialOf(certId: Der): Buffer {
  const reader = certId.inside();
  algorithmOf(reader.next()).parameters?.null();
  reader.next().octets();
  reader.next().octets();
  const serial = reader.next(tags.integer).integerBytes();
  reader.finish();
  return serial;
}

function statusOf(der: Der): Pick<SingleResponse, 'status' | 'revokedAt' | 'reason'> {
  if (der.tag === context(0) || der.tag === context(2)) {
    der.as(tags.null).null();
    return { status: der.tag === context(0) ? 'good' : 'unknown' };
  }
  const reader = der.must(contextOf(1)).inside();
  const revokedAt = preciseTimeOf(reader.next());
  const reason = reader.optional(contextOf(0));
  reader.finish();
  return { status: 'revoked', revokedAt, reason: reason && reasonOf(reason.only()) };
}
