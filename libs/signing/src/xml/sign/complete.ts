import { readKeyInfo } from '../dsig/key-info.js';
import { signedOctets } from '../dsig/check-signature.js';
import { readSignature } from '../dsig/signature.js';
import { valueToWrite } from '../dsig/signature-value.js';
import { surroundingsOf } from '../verify-xml.js';
import { XmlError } from '../xml-error.js';
import { replaceInside } from './insert.js';
import { base64 } from './markup.js';
import type { PreparedXmlSignature } from './options.js';
import { signatureIn } from './prepare.js';

/**
 * Second half of an XML signature: puts the value in its place.
 * @param signature as a key or token makes it; for ECDSA in DER or as r and s.
 * Throws XmlError when it does not belong to what was prepared and the certificate in it.
 */
export function completeXmlSignature(
  prepared: Pick<PreparedXmlSignature, 'document' | 'signatureId' | 'scheme' | 'toBeSigned'>,
  signature: Uint8Array,
): Buffer {
  const around = surroundingsOf(prepared.document, {});
  const written = readSignature(signatureIn(around, prepared.signatureId), around.limits);
  const octets = signedOctets(written, around);
  if (!octets.equals(prepared.toBeSigned)) {
    throw new XmlError('structure', 'The document is not the one that was prepared');
  }
  const [certificate] = readKeyInfo(written.keyInfo, around).certificates;
  if (!certificate) throw new XmlError('structure', 'The signature holds no certificate');
  const value = valueToWrite(prepared.scheme, certificate.publicKey, octets, signature);
  return Buffer.from(replaceInside(around.document.source, written.valueElement, base64(value)));
}
