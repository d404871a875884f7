import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Caller, KeysNotSetUp, NotFound } from '@eoffice/contracts';
import { Database } from '@eoffice/platform/database';
import type { EntityManager } from 'typeorm';
import { SignaturesSettings } from '../config.js';
import { spkiOf } from './public-keys.js';
import { type Seal, seal, unseal } from './sealing.js';
import { SigningKey } from './signing-key.js';

/** Closes keys up and opens them for who keeps them. An open key lives as long as who asked uses it. */
@Injectable()
export class KeyVault {
  constructor(
    private readonly database: Database,
    private readonly settings: SignaturesSettings,
  ) {}

  /** Throws KeysNotSetUp. */
  close(key: KeyObject, passphrase: string): Promise<Seal> {
    const octets = key.export({ format: 'der', type: 'pkcs8' });
    return seal(this.secret, passphrase, octets, spkiOf(key));
  }

  /**
   * Opens a key for its custodian; each wrong passphrase is counted before it is answered. Throws
   * NotFound, KeyLocked, WrongPassphrase or KeysNotSetUp.
   */
  async open(id: string, passphrase: string, caller: Caller): Promise<[SigningKey, KeyObject]> {
    const key = await keyOf(this.database.manager, id, caller);
    if (!key.sealed) throw noKey();
    key.mayBeTried();
    const { salt, cost, sealed, spki } = key;
    const octets = await unseal(this.secret, passphrase, { salt, cost, sealed }, spki);
    if (!octets || key.failures > 0) await this.count(id, caller, octets !== undefined);
    if (!octets) throw key.guessedWrong();
    return [key, createPrivateKey({ key: octets, format: 'der', type: 'pkcs8' })];
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
    const { signingSecret } = this.settings;
    if (!signingSecret) throw new KeysNotSetUp();
    return signingSecret;
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
