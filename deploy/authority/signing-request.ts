import { contextOf, Der, tags } from '@eoffice/signing/asn1/der';
import { algorithmOf, schemeOf } from '@eoffice/signing/x509/algorithms';
import { PublicKey } from '@eoffice/signing/x509/keys';
import { Name } from '@eoffice/signing/x509/names';
import type { Subject } from './issuing.js';

/** What a PKCS #10 request asks for, once its own signature has shown that the key is there. */
export interface SigningRequest {
  subject: Subject;
  spki: Buffer;
}

const maxText = 200;

/** Reads a CertificationRequest (RFC 2986). Throws `DerError` or `AlgorithmError`. */
export function readSigningRequest(bytes: Uint8Array): SigningRequest {
  const outer = Der.read(bytes, tags.sequence).inside();
  const info = outer.next(tags.sequence);
  const algorithm = algorithmOf(outer.next());
  const signature = outer.next().bitStringBytes();
  outer.finish();
  const reader = info.inside();
  reader.next(tags.integer).smallInteger(0);
  const name = new Name(reader.next()).readable();
  const spki = reader.next(tags.sequence);
  reader.optional(contextOf(0));
  reader.finish();
  const key = new PublicKey(spki);
  if (!key.verifies(schemeOf(algorithm), info.whole, signature)) {
    info.fail('a request that its own key has not signed');
  }
  const one = (type: string) => {
    const [text] = name.textsOf(type);
    return text && text.length <= maxText ? text.normalize('NFC') : undefined;
  };
  const commonName = one('2.5.4.3');
  if (!commonName) return info.fail('a request without a name');
  const subject = { commonName, organisation: one('2.5.4.10'), title: one('2.5.4.12') };
  return { subject, spki: spki.whole };
}
