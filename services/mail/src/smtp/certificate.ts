import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { WrongSettings } from '@eoffice/platform/settings';
import { Integer, Utf8String } from 'asn1js';
import {
  AttributeTypeAndValue,
  Certificate,
  CryptoEngine,
  Extension,
  GeneralName,
  GeneralNames,
} from 'pkijs';
import type { MailSettings } from '../config.js';

/** A certificate chain and its key, both PEM, and whether it is one that we made for ourselves. */
export interface ServerCertificate {
  cert: string;
  key: string;
  selfMade: boolean;
}

const selfMadeDays = 825;
const oids = { commonName: '2.5.4.3', organisation: '2.5.4.10', alternativeName: '2.5.29.17' };
const selfMadeBy = 'eOffice, self-signed: encrypts, and proves nothing';

/**
 * The certificate that the settings name; without one, one that nobody trusts, which is what most
 * servers send to anyway (RFC 7435). Throws WrongSettings.
 */
export async function certificateFor(settings: MailSettings): Promise<ServerCertificate> {
  const { mailCertificateFile, mailKeyFile, mailHostname } = settings;
  if (!mailCertificateFile && !mailKeyFile) return makeCertificate(mailHostname);
  try {
    const [cert, key] = await Promise.all([
      readFile(mailCertificateFile ?? '', 'utf8'),
      readFile(mailKeyFile ?? '', 'utf8'),
    ]);
    createSecureContext({ cert, key });
    return { cert, key, selfMade: false };
  } catch (error) {
    const why = (error as Error).message;
    throw new WrongSettings(
      `MAIL_CERTIFICATE_FILE and MAIL_KEY_FILE are not two PEM files that fit: ${why}`,
    );
  }
}

async function makeCertificate(hostname: string): Promise<ServerCertificate> {
  const engine = new CryptoEngine({ name: 'node', crypto: webcrypto });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ]);
  const certificate = new Certificate({ version: 2 });
  // Positive, as it must be (RFC 5280, 4.1.2.2).
  const serial = Uint8Array.from([1, ...randomBytes(15)]);
  certificate.serialNumber = new Integer({ valueHex: serial.buffer });
  for (const name of [certificate.subject, certificate.issuer]) {
    name.typesAndValues.push(
      named(oids.commonName, hostname.slice(0, 64)),
      named(oids.organisation, selfMadeBy),
    );
  }
  certificate.notBefore.value = new Date(Date.now() - 3_600_000);
  certificate.notAfter.value = new Date(Date.now() + selfMadeDays * 86_400_000);
  const names = new GeneralNames({ names: [new GeneralName({ type: 2, value: hostname })] });
  certificate.extensions = [
    new Extension({
      extnID: oids.alternativeName,
      extnValue: names.toSchema().toBER(),
      critical: false,
    }),
  ];
  await certificate.subjectPublicKeyInfo.importKey(publicKey, engine);
  await certificate.sign(privateKey, 'SHA-256', engine);
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  const body = key.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    cert: new X509Certificate(Buffer.from(certificate.toSchema().toBER())).toString(),
    key: `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`,
    selfMade: true,
  };
}

const named = (type: string, value: string) =>
  new AttributeTypeAndValue({ type, value: new Utf8String({ value }) });
