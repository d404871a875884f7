import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { type Signature as SignatureReply, TokenRefused } from '@eoffice/contracts';
import type { PreparedSignature } from '@eoffice/signing/pdf/sign/prepare';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';

/** Whose signature on what: known before anything is made. */
export interface SignatureFacts {
  kind: SignatureReply['kind'];
  draftId: string | null;
  documentId: string | null;
  agencyId: string;
  personId: string;
  certificateId: string;
  rootSha256: string;
  sourceSha256: string;
  baseSha256: string;
  preparation: Buffer;
  fileName: string;
}

type Range = [number, number, number, number];

/** One signature on a document: prepared, waiting for its time stamp, or made. */
@Entity()
export class Signature implements SignatureFacts {
  @PrimaryColumn('uuid') id: string;
  @Column('text') kind: SignatureReply['kind'];
  @Column('text') state: SignatureReply['state'];
  @Column('uuid', { nullable: true }) draftId: string | null;
  @Column('uuid', { nullable: true }) documentId: string | null;
  @Column('uuid') agencyId: string;
  @Column('uuid') personId: string;
  @Column('uuid') certificateId: string;
  @Column('text') rootSha256: string;
  @Column('text') sourceSha256: string;
  @Column('text') baseSha256: string;
  @Column('bytea') preparation: Buffer;
  @Column('text') fileName: string;
  @Column('text') field: string;
  @Column('bytea') increment: Buffer;
  @Column('int', { array: true }) byteRange: Range;
  @Column('bytea') digest: Buffer;
  @Column('text') digestAlgorithm: 'sha256' | 'sha384' | 'sha512';
  @Column('int') contentsBytes: number;
  @Column('bytea') tokenDigest: Buffer;
  @Column('bytea', { nullable: true }) cms: Buffer | null;
  @Column('bytea', { nullable: true }) ocsp: Buffer | null;
  @Column('text', { nullable: true }) level: 'B-B' | 'B-T' | null;
  @Column('text', { nullable: true }) stampNote: string | null;
  @Column('timestamptz', { nullable: true }) stampedAt: Date | null;
  @Column('int') stampTries: number;
  @Column('timestamptz', { nullable: true }) stampAfter: Date | null;
  @Column('timestamptz') preparedAt: Date;
  @Column('timestamptz', { nullable: true }) completedAt: Date | null;
  @Column('timestamptz', { nullable: true }) signedAt: Date | null;
  @Column('timestamptz') expiresAt: Date;
  @Column('text', { nullable: true }) sha256: string | null;
  @Column('bigint', { nullable: true }) size: string | number | null;
  @VersionColumn() version: number;

  /** A signature that waits for its key, and the token that completes it, which is kept nowhere. */
  static prepare(
    facts: SignatureFacts,
    prepared: PreparedSignature,
    tokenHours: number,
  ): [Signature, string] {
    const token = randomBytes(32).toString('base64url');
    const preparedAt = new Date();
    const { field, increment, byteRange, digest, digestAlgorithm, contentsBytes } = prepared;
    const signature = Object.assign(new Signature(), facts, {
      ...{ id: randomUUID(), state: 'prepared' as const, stampTries: 0, preparedAt },
      ...{ field, increment, byteRange, digest, digestAlgorithm, contentsBytes },
      ...{ cms: null, ocsp: null, level: null, stampNote: null, stampedAt: null },
      ...{ stampAfter: null, completedAt: null, signedAt: null, sha256: null, size: null },
      expiresAt: new Date(preparedAt.getTime() + tokenHours * 3_600_000),
    });
    signature.tokenDigest = digestOf(signature.bound(token));
    return [signature, token];
  }

  /** Throws TokenRefused: not this token, no longer, or not any more. */
  mustBeOpenTo(token: string) {
    const right = timingSafeEqual(digestOf(this.bound(token)), this.tokenDigest);
    if (!right) throw new TokenRefused();
    if (this.state !== 'prepared') {
      throw new TokenRefused({ vi: 'Mã này đã dùng rồi', en: 'This token was used already' });
    }
    if (this.expiresAt < new Date()) {
      throw new TokenRefused({ vi: 'Mã này đã hết hạn', en: 'This token has expired' });
    }
  }

  /** A token is good for one signature over one digest, whatever a row may be made to say later. */
  private bound(token: string): string {
    const { id, baseSha256, digest } = this;
    return JSON.stringify([token, id, baseSha256, digest.toString('base64')]);
  }

  get prepared(): PreparedSignature {
    const { field, increment, byteRange, digest, digestAlgorithm, contentsBytes } = this;
    return { field, increment, byteRange, digest, digestAlgorithm, contentsBytes, warnings: [] };
  }

  /**
   * What the key made has come in; only the time stamp is missing. Who waits for it asks for it at
   * once, and the queue leaves it to them for so long.
   */
  complete(cms: Buffer, ocsp: Buffer | undefined, ownTryMs = 0) {
    this.state = 'stamping';
    this.cms = cms;
    this.ocsp = ocsp ?? null;
    this.completedAt = new Date();
    this.stampAfter = new Date(this.completedAt.getTime() + ownTryMs);
  }

  /** The whole file is kept, and its signature holds. */
  finish(kept: { sha256: string; size: number }, level: 'B-B' | 'B-T', note?: string) {
    this.state = 'signed';
    this.sha256 = kept.sha256;
    this.size = kept.size;
    this.level = level;
    this.stampNote = note ?? null;
    this.stampAfter = null;
    this.signedAt = new Date();
  }
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** As callers see it. */
export function shown(row: Signature): SignatureReply {
  const { size, ...rest } = row;
  const facts = Object.entries(rest).filter(([, value]) => value !== null);
  return {
    ...(Object.fromEntries(facts) as unknown as SignatureReply),
    ...(size === null ? {} : { size: Number(size) }),
  };
}
