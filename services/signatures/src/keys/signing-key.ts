import { randomUUID } from 'node:crypto';
import { Changed, type KeyHolder, KeyLocked, NotTheKey, WrongPassphrase } from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { Certificate } from '../certificates/certificate.js';
import type { Seal } from './sealing.js';
import { spkiOf } from './public-keys.js';

const guesses = 5;
const firstLockMinutes = 1;
const longestLockMinutes = 24 * 60;

/** A key kept here: whose it is, who alone signs with it, and how it is sealed. */
@Entity()
export class SigningKey {
  @PrimaryColumn('uuid') id: string;
  @Column('text') holderKind: KeyHolder;
  @Column('uuid') holderId: string;
  @Column('uuid') agencyId: string;
  @Column('uuid') custodianId: string;
  @Column('text') algorithm: string;
  @Column('bytea') spki: Buffer;
  @Column('text', { nullable: true }) request: string | null;
  @Column('bytea') salt: Buffer;
  @Column('int') cost: number;
  @Column('bytea', { nullable: true }) sealed: Buffer | null;
  @Column('text', { nullable: true }) token: string | null;
  @Column('bytea', { nullable: true }) objectId: Buffer | null;
  @Column('text', { nullable: true }) service: string | null;
  @Column('text', { nullable: true }) credential: string | null;
  @Column('uuid', { nullable: true }) certificateId: string | null;
  @Column('int') failures: number;
  @Column('timestamptz', { nullable: true }) lockedUntil: Date | null;
  @Column('timestamptz') createdAt: Date;
  @Column('timestamptz', { nullable: true }) destroyedAt: Date | null;
  @VersionColumn() version: number;

  static make(
    facts: Pick<
      SigningKey,
      'holderKind' | 'holderId' | 'agencyId' | 'custodianId' | 'algorithm' | 'spki'
    > &
      Partial<
        Record<'request' | 'certificateId' | 'token' | 'service' | 'credential', string> & {
          objectId: Buffer;
        }
      >,
    seal: Seal,
  ): SigningKey {
    const rest = { id: randomUUID(), failures: 0, createdAt: new Date() };
    return Object.assign(new SigningKey(), facts, seal, rest);
  }

  attach(certificate: Certificate, version: number) {
    if (version !== this.version) throw new Changed();
    const { holderKind, holderId, agencyId } = certificate;
    const ours =
      holderKind === this.holderKind && holderId === this.holderId && agencyId === this.agencyId;
    if (!ours || !spkiOf(certificate.pem).equals(this.spki)) throw new NotTheKey();
    this.certificateId = certificate.id;
  }

  /** The octets are gone with this; the row stays, for what was signed with it. */
  destroy(version: number) {
    if (version !== this.version) throw new Changed();
    this.sealed = null;
    this.destroyedAt = new Date();
  }

  mayBeTried() {
    if (!this.lockedUntil || this.lockedUntil < new Date()) return;
    throw new KeyLocked({
      vi: `Khóa tạm bị khóa đến ${this.lockedUntil.toISOString()}`,
      en: `The key is locked until ${this.lockedUntil.toISOString()}`,
    });
  }

  /** Every fifth wrong passphrase locks the key, each time for twice as long. */
  guessedWrong(): WrongPassphrase {
    this.failures++;
    if (this.failures % guesses === 0) {
      const doubled = firstLockMinutes * 2 ** (this.failures / guesses - 1);
      const minutes = Math.min(longestLockMinutes, doubled);
      this.lockedUntil = new Date(Date.now() + minutes * 60_000);
    }
    return new WrongPassphrase();
  }

  /** A PIN that is not known where the key is must not be tried until that is blocked there. */
  pinRefused() {
    this.lockedUntil = new Date(Date.now() + longestLockMinutes * 60_000);
  }

  openedRight() {
    this.failures = 0;
    this.lockedUntil = null;
  }
}
