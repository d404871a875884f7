import { createHash } from 'node:crypto';
import { NotACertificate } from '@eoffice/contracts';
import { nfc } from '@eoffice/platform/text';
import { Certificate } from 'pkijs';

/** What the register takes out of a certificate. */
export interface ReadCertificate {
  serial: string;
  subject: string;
  issuer: string;
  notBefore: Date;
  notAfter: Date;
  fingerprint: string;
}

const names: Record<string, string> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.5': 'serialNumber',
  '0.9.2342.19200300.100.1.1': 'UID',
  '1.2.840.113549.1.9.1': 'E',
};

/** Reads one X.509 certificate in PEM (RFC 5280, RFC 7468). Throws NotACertificate. */
export function readCertificate(pem: string): ReadCertificate {
  const blocks = [...pem.matchAll(/-----BEGIN ([A-Z ]+)-----([\sA-Za-z0-9+/=]+)-----END \1-----/g)];
  if (blocks.length !== 1 || blocks[0]![1] !== 'CERTIFICATE') throw wrong(blocks.length);
  const der = Buffer.from(blocks[0]![2]!.replace(/\s/g, ''), 'base64');
  try {
    const certificate = Certificate.fromBER(new Uint8Array(der));
    return {
      serial: Buffer.from(certificate.serialNumber.valueBlock.valueHexView).toString('hex'),
      subject: nameOf(certificate.subject),
      issuer: nameOf(certificate.issuer),
      notBefore: certificate.notBefore.value,
      notAfter: certificate.notAfter.value,
      fingerprint: createHash('sha256').update(der).digest('hex'),
    };
  } catch {
    throw new NotACertificate();
  }
}

function nameOf({ typesAndValues }: Certificate['subject']): string {
  const parts = typesAndValues.map(
    ({ type, value }) => `${names[type] ?? type}=${String(value.valueBlock.value)}`,
  );
  return nfc(parts.join(', ')).slice(0, 1_000);
}

/** A private key must never come here: whoever sends one is told so, and nothing is kept. */
function wrong(blocks: number) {
  return new NotACertificate(
    blocks > 1
      ? { vi: 'Chỉ gửi đúng một chứng thư', en: 'Send exactly one certificate' }
      : {
          vi: 'Cần một khối CERTIFICATE dạng PEM; không gửi khóa bí mật',
          en: 'One PEM block of type CERTIFICATE is needed; never send a private key',
        },
  );
}
