import { NotACertificate, NotAnAuthority } from '@eoffice/contracts';
import { DerError } from '@eoffice/signing/asn1/der';
import { AlgorithmError } from '@eoffice/signing/x509/algorithms';
import { Certificate } from '@eoffice/signing/x509/certificate';

const block = /-----BEGIN ([A-Z0-9 ]+)-----([\sA-Za-z0-9+/=]*)-----END \1-----/g;

/**
 * The certificates of authorities in a PEM text (RFC 7468), by the same strict reader that validates.
 * Throws NotACertificate for anything else in the text, NotAnAuthority for one that may not issue.
 */
export function readAuthorities(pem: string): Certificate[] {
  const blocks = [...pem.matchAll(block)];
  if (blocks.length === 0 || blocks.some(([, label]) => label !== 'CERTIFICATE')) {
    throw new NotACertificate({
      vi: 'Cần các khối CERTIFICATE dạng PEM',
      en: 'PEM blocks of type CERTIFICATE are needed, and nothing else',
    });
  }
  return blocks.map(([, , text]) => readAuthority(Buffer.from(text!, 'base64')));
}

function readAuthority(der: Buffer): Certificate {
  try {
    const certificate = Certificate.read(der);
    if (certificate.usableKey && certificate.basicConstraints?.ca) return certificate;
  } catch (error) {
    if (!(error instanceof DerError || error instanceof AlgorithmError)) throw error;
    throw new NotACertificate({
      vi: 'Không đọc được chứng thư',
      en: `The certificate cannot be read: ${error.message}`.slice(0, 300),
    });
  }
  throw new NotAnAuthority();
}
