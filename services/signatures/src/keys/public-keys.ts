import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import * as encode from '@eoffice/signing/asn1/encode';
import { schemeIdentifier, type SignatureScheme } from '@eoffice/signing/x509/algorithms';

/** SubjectPublicKeyInfo in DER: of a key, or of a certificate in PEM. */
export const spkiOf = (key: KeyObject | string): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' });

/** Who a key is for, as its request says. */
export interface RequestSubject {
  commonName: string;
  organisation: string;
  title?: string;
}

/** A PKCS #10 request (RFC 2986) in PEM, signed by the key it is about. */
export function certificateRequest(key: KeyObject, subject: RequestSubject): string {
  const kind = key.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa';
  const scheme: SignatureScheme = { kind, digest: 'sha256' };
  const part = (type: string, value: Buffer) =>
    encode.setOf(encode.sequence(encode.oid(type), value));
  const { commonName, organisation, title } = subject;
  const name = encode.sequence(
    part('2.5.4.6', encode.printableString('VN')),
    part('2.5.4.10', encode.utf8String(organisation)),
    ...(title ? [part('2.5.4.12', encode.utf8String(title))] : []),
    part('2.5.4.3', encode.utf8String(commonName)),
  );
  const info = encode.sequence(encode.integer(0), name, spkiOf(key), encode.tlv(0xa0));
  const signature = encode.bitString(sign('sha256', info, key));
  const request = encode.sequence(info, schemeIdentifier(scheme), signature);
  const lines = request.toString('base64').match(/.{1,64}/g)!;
  const label = 'CERTIFICATE REQUEST';
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
