import { randomUUID } from 'node:crypto';
import {
  Changed,
  Conflict,
  type HolderKind,
  OutOfOrder,
  type RegisterCertificate,
} from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { ReadCertificate } from './read-certificate.js';

/** What was true of the holder when a certificate was registered. */
export interface Fitting {
  heldPosts: string[];
  agencyName: string;
}

/** A certificate (chứng thư số) in the register: what it says, and whether it may be used. */
@Entity()
export class Certificate {
  @PrimaryColumn('uuid') id: string;
  @Column('text') holderKind: HolderKind;
  @Column('uuid') holderId: string;
  @Column('text', { nullable: true }) systemName: string | null;
  @Column('uuid') agencyId: string;
  @Column('text') device: string;
  @Column('text') serial: string;
  @Column('text') subject: string;
  @Column('text') issuer: string;
  @Column('timestamptz') notBefore: Date;
  @Column('timestamptz') notAfter: Date;
  @Column('text') fingerprint: string;
  @Column('text') pem: string;
  @Column('timestamptz', { nullable: true }) revokedAt: Date | null;
  @Column('text', { nullable: true }) revocationReason: string | null;
  @Column('timestamptz', { nullable: true }) blockedAt: Date | null;
  @Column('text', { nullable: true }) blockReason: string | null;
  @Column('int') renewals: number;
  @Column('uuid', { nullable: true }) requestLineId: string | null;
  @Column('uuid', { array: true }) heldPosts: string[];
  @Column('text') agencyName: string;
  @VersionColumn() version: number;

  static register(
    { holderKind, holderId, agencyId, device, systemName, requestLineId, pem }: RegisterCertificate,
    read: ReadCertificate,
    fitting: Fitting,
    renewals: number,
  ): Certificate {
    return Object.assign(new Certificate(), read, fitting, {
      ...{ id: randomUUID(), holderKind, holderId, agencyId, device, pem, renewals },
      ...{ systemName: systemName ?? null, requestLineId: requestLineId ?? null },
    });
  }

  /** At once and without a version: who lost a token does not read the register first. */
  block(reason: string) {
    if (this.revokedAt) throw revoked();
    if (this.blockedAt) {
      throw new OutOfOrder({
        vi: 'Chứng thư đã bị khóa',
        en: 'The certificate is blocked already',
      });
    }
    this.blockedAt = new Date();
    this.blockReason = reason;
  }

  unblock(version: number) {
    this.mustBeRead(version);
    if (this.revokedAt) throw revoked();
    if (!this.blockedAt) {
      throw new OutOfOrder({ vi: 'Chứng thư không bị khóa', en: 'The certificate is not blocked' });
    }
    this.blockedAt = this.blockReason = null;
  }

  /** The block stays on record: a revoked certificate was perhaps blocked before. */
  revoke(reason: string, version: number) {
    this.mustBeRead(version);
    if (this.revokedAt) throw new Conflict();
    this.revokedAt = new Date();
    this.revocationReason = reason;
  }

  private mustBeRead(version: number) {
    if (version !== this.version) throw new Changed();
  }
}

const revoked = () =>
  new OutOfOrder({ vi: 'Chứng thư đã thu hồi', en: 'The certificate was revoked' });

/** A condition in SQL: the certificate `c` may be used at a moment, blocks counted. */
export const holdsAt = (moment: string) =>
  `c.not_before <= ${moment} and c.not_after > ${moment}
   and (c.revoked_at is null or c.revoked_at > ${moment})
   and (c.blocked_at is null or c.blocked_at > ${moment})`;
