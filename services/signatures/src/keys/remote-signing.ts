import { CodeRefused, CredentialUnusable, PinRefused } from '@eoffice/contracts';
import { Der, tags } from '@eoffice/signing/asn1/der';
import type { CmsSigner } from '@eoffice/signing/cms/sign-cms';
import {
  digestBytes,
  pssParameters,
  rsaEncryption,
  schemeIdentifier,
  type SignatureScheme,
} from '@eoffice/signing/x509/algorithms';
import type { Certificate } from '@eoffice/signing/x509/certificate';
import {
  type CscClient,
  type CscCredential,
  CscError,
  type CscFactors,
  type CscGiven,
} from './csc-client.js';
import { ecdsaValue } from './tokens.js';

const ecPublicKey = '1.2.840.10045.2.1';
/** What services call what they do not accept: 1.0.4 tells the two apart, 2.x does not. */
const codeFaults = /otp|auth(?:entication)?_?data/;
const pinFaults = /pin|auth(?:entication)?_?data/;

export type Signer = Pick<CmsSigner, 'scheme' | 'certificate'>;

/** A service that let us in, with the key that is used there. */
export interface Session {
  client: CscClient;
  credential: CscCredential;
}

/** How a credential signs for a signer. Throws CredentialUnusable. */
export function usableFor(credential: CscCredential, { scheme, certificate }: Signer) {
  if (!credential.certificate.equals(certificate.bytes)) {
    throw unusable('chứng thư ở đó đã khác', 'the certificate there is another');
  }
  if (!credential.enabled) throw unusable('khóa đang bị ngừng', 'the key is disabled');
  const { factors } = credential;
  if (!factors) throw unusable('phải xác nhận ở nơi khác', 'it is authorised somewhere else');
  const algorithm = algorithmFor(scheme, credential.algorithms);
  const { digest } = scheme;
  if (algorithm && digest !== 'none') return { factors, algorithm, digest };
  throw unusable('không có thuật toán phù hợp', 'it offers no algorithm that fits the certificate');
}

export function mayAuthorise(factors: CscFactors, { pin, code }: CscGiven) {
  if (factors.pin && !pin) throw refusedPin();
  if (factors.code && !code) throw refusedCode();
}

export async function signedBy(
  { client, credential }: Session,
  authorised: CscGiven,
  bytes: Uint8Array,
  signer: Signer,
  signal: AbortSignal,
): Promise<Buffer> {
  const { scheme, certificate } = signer;
  const { factors, algorithm, digest } = usableFor(credential, signer);
  mayAuthorise(factors, authorised);
  const parameters = scheme.kind === 'rsa-pss' ? pssParameters(scheme) : undefined;
  const question = { digest, hash: digestBytes(digest, bytes), algorithm, parameters };
  const given = await client
    .sign(credential, authorised, question, signal)
    .catch((error: unknown) => {
      const code = error instanceof CscError ? (error.code ?? '') : '';
      // Which of the two was wrong is not always said; a wrong code is no reason to lock the PIN.
      if (factors.code && codeFaults.test(code)) throw refusedCode();
      throw pinFaults.test(code) ? refusedPin() : error;
    });
  // ECDSA comes as ECDSA-Sig-Value, or as r and s alone from services that keep to IEEE P1363.
  const raw = scheme.kind === 'ecdsa' && given.length % 2 === 0 ? [ecdsaValue(given)] : [];
  const signature = [given, ...raw].find((one) =>
    certificate.publicKey.verifies(scheme, bytes, one),
  );
  if (signature) return signature;
  throw new CscError({
    vi: 'chữ ký trả về không đúng',
    en: 'what it returned is no signature by this key',
  });
}

export const isRsa = ({ publicKey }: Certificate) => publicKey.kind === 'rsa';
const pss: SignatureScheme = {
  ...{ kind: 'rsa-pss', digest: 'sha256', maskDigest: 'sha256', saltLength: 32 },
};

/** RSASSA-PSS where a service offers nothing else for a key of RSA. */
export function rsaSchemeOf(
  { algorithms }: CscCredential,
  certificate: Certificate,
): SignatureScheme | undefined {
  if (!isRsa(certificate)) return undefined;
  const usual = algorithmFor({ kind: 'rsa', digest: 'sha256' }, algorithms);
  return !usual && algorithmFor(pss, algorithms) ? pss : undefined;
}

/** The signature algorithm to name: the scheme's own, or that of its kind of key. */
function algorithmFor(scheme: SignatureScheme, offered: string[]): string | undefined {
  const own = Der.read(schemeIdentifier(scheme), tags.sequence).inside().next(tags.oid).oid();
  const plain =
    scheme.kind === 'rsa' ? [rsaEncryption] : scheme.kind === 'ecdsa' ? [ecPublicKey] : [];
  return [own, ...plain].find((oid) => offered.includes(oid));
}

const refusedPin = () =>
  new PinRefused({
    vi: 'Dịch vụ ký từ xa không nhận mã PIN',
    en: 'The remote service does not accept the PIN',
  });
const refusedCode = () =>
  new CodeRefused({
    vi: 'Dịch vụ ký từ xa cần mã dùng một lần đúng và còn hạn cho mỗi chữ ký (và mã PIN đúng)',
    en: 'The remote service wants a right one-time code for each signature (and the right PIN)',
  });
const unusable = (vi: string, en: string) =>
  new CredentialUnusable({
    vi: `Không ký được bằng khóa này tại dịch vụ ký từ xa: ${vi}`,
    en: `This key of the remote service cannot be used: ${en}`,
  });
