import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import * as encode from '@eoffice/signing/asn1/encode';
import { accessMethods, extensions, type keyPurposes } from '@eoffice/signing/oids';
import { schemeIdentifier, type SignatureScheme } from '@eoffice/signing/x509/algorithms';
import { Certificate } from '@eoffice/signing/x509/certificate';
import { keyUsages } from '@eoffice/signing/x509/extensions';

// Certificates of the authority for development and tests. Nothing it issues is official, and every
// subject says so: whoever finds one of them anywhere can tell at once.

/** In every subject and every log line. */
export const label = '(thử nghiệm)';

/** A certificate and the key it is about. */
export interface Party {
  key: KeyObject;
  certificate: Certificate;
}

/** A name in its parts, as a certificate of a person or an agency has it. */
export interface Subject {
  commonName: string;
  organisation?: string;
  title?: string;
}

export interface Wish {
  subject: Subject;
  /** SubjectPublicKeyInfo in DER. */
  spki: Uint8Array;
  days: number;
  /** A CA with this many CAs below it. */
  pathLength?: number;
  usage: number;
  purposes?: readonly (typeof keyPurposes)[keyof typeof keyPurposes][];
  /** Time stamps are for nothing else, critically (RFC 3161, 2.3). */
  onlyPurposes?: boolean;
  /** A responder whose own status nobody asks (RFC 6960, 4.2.2.2.1). */
  unchecked?: boolean;
  /** Where the authority answers; what is in the certificate never changes when it moves. */
  url: string;
}

/** Keys of the authority are all of one kind, and what they sign is as strong as they are. */
export const scheme: SignatureScheme = { kind: 'ecdsa', digest: 'sha256' };
const dayMs = 24 * 3_600_000;

export const spkiOf = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' });

const keyIdentifierOf = (spki: Uint8Array): Buffer =>
  createHash('sha256').update(spki).digest().subarray(0, 20);

/** `tbs`, its algorithm and its signature, as certificates, CRLs and responses have them. */
export const signed = (tbs: Buffer, key: KeyObject): [Buffer, Buffer, Buffer] => [
  tbs,
  schemeIdentifier(scheme),
  encode.bitString(sign('sha256', tbs, key)),
];

/** One extension as certificates and CRLs carry it (RFC 5280, 4.2). */
export const extension = (oid: string, value: Buffer, critical = false): Buffer =>
  encode.sequence(
    encode.oid(oid),
    ...(critical ? [encode.boolean(true)] : []),
    encode.octetString(value),
  );

export const authorityKeyIdentifier = (spki: Uint8Array): Buffer =>
  extension(
    extensions.authorityKeyIdentifier,
    encode.sequence(encode.tlv(0x80, keyIdentifierOf(spki))),
  );

/** Issues a certificate; the key alone signs its own. */
export function issue(wish: Wish, issuer: Party | KeyObject): Certificate {
  const key = 'certificate' in issuer ? issuer.key : issuer;
  const subject = nameOf(wish.subject);
  const from = new Date(Date.now() - 60_000);
  const tbs = encode.sequence(
    encode.explicit(0, encode.integer(2)),
    encode.unsigned(serialNumber()),
    schemeIdentifier(scheme),
    'certificate' in issuer ? issuer.certificate.subject.der.whole : subject,
    encode.sequence(
      encode.timeValue(from),
      encode.timeValue(new Date(from.getTime() + wish.days * dayMs)),
    ),
    subject,
    wish.spki,
    encode.explicit(3, encode.sequence(...extensionsOf(wish, issuer))),
  );
  return Certificate.read(encode.sequence(...signed(tbs, key)));
}

/** Positive, 20 octets at most and never guessed (RFC 5280, 4.1.2.2). */
function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  return serial;
}

/** C, O, OU, title and CN; the unit is the label. */
function nameOf({ commonName, organisation, title }: Subject): Buffer {
  const part = (type: string, value: Buffer) =>
    encode.setOf(encode.sequence(encode.oid(type), value));
  return encode.sequence(
    part('2.5.4.6', encode.printableString('VN')),
    ...(organisation ? [part('2.5.4.10', encode.utf8String(organisation))] : []),
    part('2.5.4.11', encode.utf8String(label)),
    ...(title ? [part('2.5.4.12', encode.utf8String(title))] : []),
    part('2.5.4.3', encode.utf8String(commonName)),
  );
}

function extensionsOf(wish: Wish, issuer: Party | KeyObject): Buffer[] {
  const { spki, usage, purposes = [], pathLength, url } = wish;
  const own = encode.octetString(keyIdentifierOf(spki));
  const ca = encode.sequence(encode.boolean(true), encode.integer(pathLength ?? 0));
  const listed = [
    extension(extensions.subjectKeyIdentifier, own),
    extension(extensions.keyUsage, encode.namedBits(usage), true),
    ...(pathLength === undefined ? [] : [extension(extensions.basicConstraints, ca, true)]),
    ...(purposes.length > 0 ? [extendedUse(purposes, wish.onlyPurposes)] : []),
    ...(wish.unchecked ? [extension(extensions.ocspNoCheck, encode.nullValue())] : []),
  ];
  if (!('certificate' in issuer)) return listed;
  const by = issuer.certificate.selfIssued ? 'root' : 'issuing';
  return [
    ...listed,
    authorityKeyIdentifier(issuer.certificate.spki.whole),
    ...(wish.unchecked ? [] : whereToAsk(url, by)),
  ];
}

const extendedUse = (purposes: readonly string[], critical?: boolean) =>
  extension(extensions.extendedKeyUsage, encode.sequence(...purposes.map(encode.oid)), critical);

const uri = (text: string) => encode.tlv(0x86, Buffer.from(text, 'latin1'));

/** CRLDistributionPoints and AuthorityInfoAccess (RFC 5280, 4.2.1.13 and 4.2.2.1). */
function whereToAsk(url: string, issuer: 'root' | 'issuing'): Buffer[] {
  const access = (method: string, place: string) =>
    encode.sequence(encode.oid(method), uri(url + place));
  const point = encode.explicit(0, encode.explicit(0, uri(`${url}/${issuer}.crl`)));
  return [
    extension(extensions.crlDistributionPoints, encode.sequence(encode.sequence(point))),
    extension(
      extensions.authorityInfoAccess,
      encode.sequence(
        ...(issuer === 'issuing' ? [access(accessMethods.ocsp, '/ocsp')] : []),
        access(accessMethods.caIssuers, `/${issuer}.crt`),
      ),
    ),
  ];
}

export const usages = {
  ca: keyUsages.keyCertSign | keyUsages.crlSign,
  signature: keyUsages.digitalSignature,
  document: keyUsages.digitalSignature | keyUsages.nonRepudiation,
};
