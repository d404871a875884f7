import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Caller, NotFound, PinRefused } from '@eoffice/contracts';
import { type CmsSigner, LocalKey } from '@eoffice/signing/cms/sign-cms';
import type { SignatureScheme } from '@eoffice/signing/x509/algorithms';
import type { Certificate } from '@eoffice/signing/x509/certificate';
import { Database } from '@eoffice/platform/database';
import type { EntityManager } from 'typeorm';
import { SignaturesSettings } from '../config.js';
import type { CscGiven } from './csc-client.js';
import { spkiOf } from './public-keys.js';
import { RemoteKeys } from './remote-keys.js';
import { type Seal, seal, sealingSecret, unseal } from './sealing.js';
import { SigningKey } from './signing-key.js';
import { Tokens } from './tokens.js';

/** A key that signs, wherever it is. */
export interface OpenKey {
  /**
   * The key's part over these octets, in the scheme of a signer whose certificate is the key's. Throws
   * SignatureMismatch when it is not; TokenUnavailable, PinRefused or TokensNotSetUp for tokens; and
   * what RemoteKeys says for keys elsewhere.
   */
  sign(bytes: Uint8Array, signer: CmsSigner): Promise<Buffer>;
  /** How it signs under its certificate, where that is not the usual way; throws the same. */
  schemeFor?(certificate: Certificate): Promise<SignatureScheme | undefined>;
}

/** Closes keys up and opens them for who keeps them. An open key lives as long as who asked uses it. */
@Injectable()
export class KeyVault {
  constructor(
    private readonly database: Database,
    private readonly settings: SignaturesSettings,
    private readonly tokens: Tokens,
    private readonly remote: RemoteKeys,
  ) {}

  /** Throws KeysNotSetUp. */
  close(key: KeyObject, passphrase: string): Promise<Seal> {
    const octets = key.export({ format: 'der', type: 'pkcs8' });
    return seal(this.secret, passphrase, octets, spkiOf(key));
  }

  /** Seals the PIN of a token or a remote service for one key there; empty where the keeper has none. */
  closePin(pin: string, passphrase: string, spki: Buffer): Promise<Seal> {
    return seal(this.secret, passphrase, Buffer.from(pin), spki);
  }

  /**
   * Opens a key for its custodian, with the one-time code that a remote service wants; each wrong passphrase is counted before it is answered. Throws
   * NotFound, KeyLocked, WrongPassphrase or KeysNotSetUp.
   */
  async open(
    id: string,
    { passphrase, code }: { passphrase: string; code?: string },
    caller: Caller,
  ): Promise<[SigningKey, OpenKey]> {
    const key = await keyOf(this.database.manager, id, caller);
    if (!key.sealed) throw noKey();
    key.mayBeTried();
    const { salt, cost, sealed, spki } = key;
    const octets = await unseal(this.secret, passphrase, { salt, cost, sealed }, spki);
    if (!octets || key.failures > 0) await this.count(id, caller, octets !== undefined);
    if (!octets) throw key.guessedWrong();
    return [key, this.signing(key, octets, code, caller)];
  }

  private signing(
    key: SigningKey,
    octets: Buffer,
    code: string | undefined,
    caller: Caller,
  ): OpenKey {
    const use = this.elsewhere(key, { pin: octets.toString(), code });
    if (!use) {
      const opened = createPrivateKey({ key: octets, format: 'der', type: 'pkcs8' });
      return { sign: async (bytes, signer) => new LocalKey(opened, signer).signBytes(bytes) };
    }
    let refused: PinRefused | undefined;
    let turn: Promise<unknown> = Promise.resolve();
    const signOnce = async (bytes: Uint8Array, signer: CmsSigner) => {
      if (refused) throw refused;
      try {
        return await use.sign(bytes, signer);
      } catch (error) {
        if (!(error instanceof PinRefused)) throw error;
        refused = error;
        await this.lock(key.id, caller);
        throw error;
      }
    };
    // One after another: of a whole batch, a PIN that is refused is tried once.
    return {
      ...use,
      sign: (bytes, signer) => {
        const made = turn.then(() => signOnce(bytes, signer));
        turn = made.catch(() => {});
        return made;
      },
    };
  }

  /** How a key signs that is not here itself. */
  private elsewhere(key: SigningKey, given: CscGiven): OpenKey | undefined {
    const { token, objectId, service, credential } = key;
    if (token !== null && objectId !== null) {
      const place = { token, objectId };
      return { sign: (bytes, signer) => this.tokens.sign(place, given.pin, bytes, signer) };
    }
    if (service === null || credential === null) return undefined;
    return this.remote.opened({ service, credential }, given);
  }

  private async lock(id: string, { actor, request }: Caller) {
    await this.database.transaction({ actor, request }, async (manager, _, record) => {
      const key = await manager.findOneByOrFail(SigningKey, { id });
      key.pinRefused();
      await manager.update(SigningKey, { id }, { lockedUntil: key.lockedUntil });
      record('signatures.keys.pin-refused', id, {});
    });
  }

  private async count(id: string, { actor, request }: Caller, right: boolean) {
    await this.database.transaction({ actor, request }, async (manager, _, record) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const key = await manager.findOneOrFail(SigningKey, { where: { id }, lock });
      if (right) key.openedRight();
      else key.guessedWrong();
      const { failures, lockedUntil } = key;
      await manager.update(SigningKey, { id }, { failures, lockedUntil });
      if (!right) record('signatures.keys.wrong-passphrase', id, { failures });
    });
  }

  private get secret(): string {
    return sealingSecret(this.settings);
  }
}

/** A key of the caller's own keeping. Throws NotFound. */
export async function keyOf(
  manager: EntityManager,
  id: string,
  { personId }: Caller,
  locked = false,
): Promise<SigningKey> {
  const lock = locked ? { lock: { mode: 'pessimistic_write' } as const } : {};
  const where = { id, custodianId: personId };
  const key = personId ? await manager.findOne(SigningKey, { where, ...lock }) : null;
  if (!key) throw noKey();
  return key;
}

const noKey = () => new NotFound({ vi: 'Bạn không giữ khóa này', en: 'You keep no such key' });
