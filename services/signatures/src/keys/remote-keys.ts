import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  KeysNotSetUp,
  NotFound,
  NotTheKey,
  RemoteServiceEnded,
  RemoteServiceUnavailable,
} from '@eoffice/contracts';
import { CmsSigner } from '@eoffice/signing/cms/sign-cms';
import type { SignatureScheme } from '@eoffice/signing/x509/algorithms';
import type { Certificate } from '@eoffice/signing/x509/certificate';
import { Database } from '@eoffice/platform/database';
import { SignaturesSettings } from '../config.js';
import { CscClient, CscError, type CscGiven } from './csc-client.js';
import {
  isRsa,
  mayAuthorise,
  rsaSchemeOf,
  type Session,
  signedBy,
  type Signer,
  usableFor,
} from './remote-signing.js';
import { boundOf, type ServiceRow } from './remote-services.js';
import { sealingSecret, unsealOwn } from './sealing.js';

/** Where a key is: the service by its address, and the credential there by its identifier. */
export interface RemoteKey {
  service: string;
  credential: string;
}

/** A key of a remote service while somebody uses it. */
export interface RemoteUse {
  /** How it signs under a certificate; undefined for the usual way. */
  schemeFor(certificate: Certificate): Promise<SignatureScheme | undefined>;
  /** The key's part over octets, in the scheme of a signer whose certificate is the key's. */
  sign(bytes: Uint8Array, signer: Signer): Promise<Buffer>;
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
   * Finds the key of a registered certificate and has it sign once, which shows that it does; one that
   * takes a one-time code shows it when it is first used. Throws NotFound, NotTheKey, KeysNotSetUp and
   * what `opened` throws.
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
        if (found.certificate.equals(certificate.bytes)) return found;
      }
      return undefined;
    });
    if (credential === undefined) throw new NotTheKey();
    const key = { service, credential: credential.id };
    if (credential.factors?.code) {
      const signer = new CmsSigner({ certificate, scheme: rsaSchemeOf(credential, certificate) });
      mayAuthorise(usableFor(credential, signer).factors, { pin, code: 'later' });
      return key;
    }
    const use = this.opened(key, { pin });
    const scheme = await use.schemeFor(certificate);
    await use.sign(randomBytes(32), new CmsSigner({ certificate, scheme }));
    return key;
  }

  /** Has the service send the holder a one-time code. Returns whether it sends any. */
  sendCode({ service, credential: id }: RemoteKey): Promise<boolean> {
    return this.within(service, async (row, signal) => {
      const { client, credential } = await this.session(row, id, signal);
      const code = credential.factors?.code;
      if (!code?.sent) return false;
      await client.sendCode(id, code.name, signal);
      return true;
    });
  }

  /**
   * Signs with a key as long as who asked uses it; with a one-time code, once. Throws
   * RemoteServiceUnavailable, RemoteServiceEnded, CredentialUnusable, PinRefused or CodeRefused.
   */
  opened({ service, credential: id }: RemoteKey, { pin, code }: CscGiven): RemoteUse {
    let unused = code;
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
        if (!isRsa(certificate) || known) return scheme;
        scheme = await used(({ credential }) =>
          Promise.resolve(rsaSchemeOf(credential, certificate)),
        );
        known = true;
        return scheme;
      },
      sign: (bytes, signer) => {
        const given = { pin, code: unused };
        unused = undefined;
        return used((open, signal) => signedBy(open, given, bytes, signer, signal));
      },
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

const otherSecret = () =>
  new KeysNotSetUp({
    vi: 'Bí mật của dịch vụ ký được niêm phong bằng SIGNING_SECRET khác: hãy nhập lại dịch vụ',
    en: 'The secret of the service was sealed under another SIGNING_SECRET: enter it again',
  });
const noService = () =>
  new NotFound({ vi: 'Không có dịch vụ ký này', en: 'There is no such signing service' });
