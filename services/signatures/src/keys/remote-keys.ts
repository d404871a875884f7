import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  CredentialUnusable,
  KeysNotSetUp,
  NotFound,
  NotTheKey,
  PinRefused,
  RemoteServiceEnded,
  RemoteServiceUnavailable,
} from '@eoffice/contracts';
import { Der, tags } from '@eoffice/signing/asn1/der';
import { CmsSigner } from '@eoffice/signing/cms/sign-cms';
import {
  digestBytes,
  pssParameters,
  rsaEncryption,
  schemeIdentifier,
  type SignatureScheme,
} from '@eoffice/signing/x509/algorithms';
import type { Certificate } from '@eoffice/signing/x509/certificate';
import { Database } from '@eoffice/platform/database';
import { SignaturesSettings } from '../config.js';
import { CscClient, type CscCredential, CscError } from './csc-client.js';
import { ecdsaValue } from './tokens.js';
import { boundOf, type ServiceRow } from './remote-services.js';
import { sealingSecret, unsealOwn } from './sealing.js';

const ecPublicKey = '1.2.840.10045.2.1';
/** What services call a PIN that they do not accept. */
const pinFaults = /pin|auth_?data/;

/** Where a key is: the service by its address, and the credential there by its identifier. */
export interface RemoteKey {
  service: string;
  credential: string;
}

type Signer = Pick<CmsSigner, 'scheme' | 'certificate'>;
/** A key of a remote service while somebody uses it. */
export interface RemoteUse {
  /** How it signs under a certificate; undefined for the usual way. */
  schemeFor(certificate: Certificate): Promise<SignatureScheme | undefined>;
  /** The key's part over octets, in the scheme of a signer whose certificate is the key's. */
  sign(bytes: Uint8Array, signer: Signer): Promise<Buffer>;
}

/** A service that let us in, with the key that is used there. */
interface Session {
  client: CscClient;
  credential: CscCredential;
}

/**
 * Keys that remote services keep. A service is believed in nothing: the certificate is the registered
 * one, and a signature is one only when that certificate says so.
 */
@Injectable()
export class RemoteKeys {
  constructor(
    private readonly database: Database,
    private readonly settings: SignaturesSettings,
  ) {}

  /**
   * Finds the key of a registered certificate and has it sign once, which shows that it does. Throws
   * NotFound, NotTheKey, KeysNotSetUp and what `opened` throws.
   */
  async find(
    serviceId: string,
    certificate: Certificate,
    { userId, pin }: { userId?: string; pin: string },
  ): Promise<RemoteKey> {
    const [named] = await this.database.query<{ url: string }>(
      'select url from remote_service where id = $1',
      [serviceId],
    );
    if (!named) throw noService();
    const { url: service } = named;
    const credential = await this.within(service, async (row, signal) => {
      const client = await this.client(row, signal);
      for (const id of await client.credentialIds(userId, signal)) {
        const found = await client.credential(id, signal);
        if (found.certificate.equals(certificate.bytes)) return id;
      }
      return undefined;
    });
    if (credential === undefined) throw new NotTheKey();
    const key = { service, credential };
    const use = this.opened(key, pin);
    const scheme = await use.schemeFor(certificate);
    await use.sign(randomBytes(32), new CmsSigner({ certificate, scheme }));
    return key;
  }

  /**
   * Signs with a key as long as who asked uses it. Throws RemoteServiceUnavailable, RemoteServiceEnded,
   * CredentialUnusable or PinRefused.
   */
  opened({ service, credential: id }: RemoteKey, pin: string): RemoteUse {
    let session: Session | undefined;
    const used = <T>(work: (open: Session, signal: AbortSignal) => Promise<T>) => {
      const known = session;
      session = undefined;
      return this.within(service, async (row, signal) => {
        const open = known ?? (await this.session(row, id, signal));
        const done = await work(open, signal);
        session = open;
        return done;
      });
    };
    let scheme: SignatureScheme | undefined;
    let known = false;
    return {
      schemeFor: async (certificate) => {
        if (certificate.publicKey.kind !== 'rsa' || known) return scheme;
        scheme = await used(({ credential }) => Promise.resolve(rsaSchemeOf(credential)));
        known = true;
        return scheme;
      },
      sign: (bytes, signer) => used((open, signal) => signedBy(open, pin, bytes, signer, signal)),
    };
  }

  private async session(row: ServiceRow, id: string, signal: AbortSignal): Promise<Session> {
    const client = await this.client(row, signal);
    return { client, credential: await client.credential(id, signal) };
  }

  private client(row: ServiceRow, signal: AbortSignal): Promise<CscClient> {
    const secret = unsealOwn(sealingSecret(this.settings), row.clientSecret, boundOf(row));
    if (!secret) throw otherSecret();
    const { url, clientId } = row;
    const terms = { url, clientId, tokenUrl: row.tokenUrl ?? undefined };
    return CscClient.open({ ...terms, clientSecret: secret.toString() }, signal);
  }

  /** Asks a service under its terms of today, for no longer than they allow. */
  private async within<T>(
    service: string,
    work: (row: ServiceRow, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const [row] = await this.database.query<ServiceRow>(
      `select name, url, token_url as "tokenUrl", client_id as "clientId",
         timeout_seconds as "timeoutSeconds", client_secret as "clientSecret"
       from remote_service
       where url = $1 and valid_from <= local_day() and (valid_to is null or valid_to >= local_day())
       order by valid_from desc, created_at desc limit 1`,
      [service],
    );
    if (!row) throw new RemoteServiceEnded();
    try {
      return await work(row, AbortSignal.timeout(row.timeoutSeconds * 1_000));
    } catch (error) {
      if (!(error instanceof CscError)) throw error;
      const { vi, en } = error.reason;
      throw new RemoteServiceUnavailable({
        vi: `Dịch vụ ký “${row.name}” không ký được lúc này: ${vi}`,
        en: `The signing service “${row.name}” cannot sign now: ${en}`,
      });
    }
  }
}

async function signedBy(
  { client, credential }: Session,
  pin: string,
  bytes: Uint8Array,
  { scheme, certificate }: Signer,
  signal: AbortSignal,
): Promise<Buffer> {
  if (!credential.certificate.equals(certificate.bytes)) {
    throw unusable('chứng thư ở đó đã khác', 'the certificate there is another');
  }
  if (!credential.enabled) throw unusable('khóa đang bị ngừng', 'the key is disabled');
  if (credential.mode === 'other') {
    throw unusable('cần mã dùng một lần', 'it takes a one-time code or a browser');
  }
  if (credential.mode === 'pin' && !pin) throw refusedPin();
  const { digest } = scheme;
  const algorithm = algorithmFor(scheme, credential.algorithms);
  if (!algorithm || digest === 'none') {
    throw unusable(
      'không có thuật toán phù hợp',
      'it offers no algorithm that fits the certificate',
    );
  }
  const parameters = scheme.kind === 'rsa-pss' ? pssParameters(scheme) : undefined;
  const question = { digest, hash: digestBytes(digest, bytes), algorithm, parameters };
  const given = await client.sign(credential, pin, question, signal).catch((error: unknown) => {
    throw error instanceof CscError && pinFaults.test(error.code ?? '') ? refusedPin() : error;
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

const pss: SignatureScheme = {
  ...{ kind: 'rsa-pss', digest: 'sha256', maskDigest: 'sha256', saltLength: 32 },
};

/** RSASSA-PSS where a service offers nothing else for a key of RSA. */
function rsaSchemeOf({ algorithms }: CscCredential): SignatureScheme | undefined {
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
const unusable = (vi: string, en: string) =>
  new CredentialUnusable({
    vi: `Không ký được bằng khóa này tại dịch vụ ký từ xa: ${vi}`,
    en: `This key of the remote service cannot be used: ${en}`,
  });
const otherSecret = () =>
  new KeysNotSetUp({
    vi: 'Bí mật của dịch vụ ký được niêm phong bằng SIGNING_SECRET khác: hãy nhập lại dịch vụ',
    en: 'The secret of the service was sealed under another SIGNING_SECRET: enter it again',
  });
const noService = () =>
  new NotFound({ vi: 'Không có dịch vụ ký này', en: 'There is no such signing service' });
