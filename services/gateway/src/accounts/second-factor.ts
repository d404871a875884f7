import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '@eoffice/platform/database';
import { generateSecret, generateURI, verify } from 'otplib';
import type { EntityManager } from 'typeorm';
import { GatewaySettings } from '../config.js';
import { type AccountRow, findAccount } from './account.js';
import { tokenHash } from './passwords.js';
import { Sealing } from './sealing.js';

const recoveryCodes = 10;
/** 80 bits: what is kept of a code cannot be turned back by trying. */
const recoveryBytes = 10;

/** Time-based codes (RFC 6238) and the recovery codes beside them. */
@Injectable()
export class SecondFactor {
  private readonly sealing: Sealing;

  constructor(
    private readonly database: Database,
    { gatewaySecret }: GatewaySettings,
  ) {
    this.sealing = new Sealing(gatewaySecret);
  }

  /** Gives an account a secret that counts once its first code is confirmed. */
  async begin(manager: EntityManager, { id, username }: AccountRow) {
    const secret = generateSecret();
    await manager.query('update account set totp_secret = $2 where id = $1', [
      id,
      this.sealing.seal(secret),
    ]);
    return { secret, address: generateURI({ issuer: 'eOffice', label: username, secret }) };
  }

  /** Takes the first code: from now on the account asks for one. Returns whether it was right. */
  async confirm(manager: EntityManager, account: AccountRow, code: string): Promise<boolean> {
    const step = await this.stepOf(account, code);
    if (step === undefined) return false;
    await manager.query(
      'update account set totp_confirmed = true, totp_last_step = $2 where id = $1',
      [account.id, step],
    );
    return true;
  }

  /** New recovery codes; those before are void. */
  async giveRecoveryCodes(manager: EntityManager, id: string): Promise<string[]> {
    const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
    await manager.query('update account set recovery_codes = $2 where id = $1', [
      id,
      codes.map(recoveryHash),
    ]);
    return codes;
  }

  /** A code counts once: the step it belongs to is remembered, a recovery code is struck out. */
  take({ id, person_id }: AccountRow, code: string): Promise<boolean> {
    const author = { actor: { personId: person_id } };
    return this.database.transaction(author, async (manager, _, record) => {
      const account = (await findAccount(manager, { id }, true))!;
      const step = await this.stepOf(account, code);
      if (step !== undefined) {
        await manager.query('update account set totp_last_step = $2 where id = $1', [id, step]);
        return true;
      }
      if (!hasRecoveryCode(account, code)) return false;
      await manager.query(
        'update account set recovery_codes = array_remove(recovery_codes, $2) where id = $1',
        [id, recoveryHash(code)],
      );
      record('accounts.recovery-code-used', id, { left: account.recovery_codes.length - 1 });
      return true;
    });
  }

  /** The time step of a right code that was not used yet, with one step of drift. */
  private async stepOf(account: AccountRow, code: string): Promise<number | undefined> {
    if (!account.totp_secret || !/^\d{6}$/.test(code)) return undefined;
    const result = await verify({
      secret: this.sealing.open(account.totp_secret),
      token: code,
      epochTolerance: 30,
      afterTimeStep: Number(account.totp_last_step),
    });
    return result.valid && 'timeStep' in result ? (result.timeStep as number) : undefined;
  }
}

/** Whether a code is one of the account's recovery codes that were not used yet. */
export function hasRecoveryCode({ recovery_codes }: AccountRow, code: string): boolean {
  return recovery_codes.includes(recoveryHash(code));
}

/** Whether a code has the length of a recovery code; those of older accounts are shorter. */
export const looksLikeRecoveryCode = (code = '') => /^[0-9a-f]{12,20}$/i.test(plain(code));

const plain = (code: string) => code.replaceAll('-', '');
const recoveryHash = (code: string) => tokenHash(plain(code).toLowerCase());
const newRecoveryCode = () =>
  randomBytes(recoveryBytes)
    .toString('hex')
    .replace(/(.{4})(?=.)/g, '$1-');
