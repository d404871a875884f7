import { randomUUID } from 'node:crypto';
import { Changed, OutOfOrder } from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';

/** A request of a managing agency to the provider (Nghị định 68/2024, Art. 11): a draft until sent. */
@Entity()
export class CertificateRequest {
  @PrimaryColumn('uuid') id: string;
  @Column('int') year: number;
  @Column('int') number: number;
  @Column('uuid') agencyId: string;
  @Column('uuid', { nullable: true }) campaignId: string | null;
  @Column('text') state: 'draft' | 'sent';
  @Column('timestamptz') createdAt: Date;
  @Column('uuid') createdBy: string;
  @Column('timestamptz', { nullable: true }) sentAt: Date | null;
  @Column('date', { nullable: true }) dueOn: string | null;
  @VersionColumn() version: number;

  static draft(facts: {
    year: number;
    number: number;
    agencyId: string;
    createdBy: string;
    campaignId: string | null;
  }): CertificateRequest {
    const made = { id: randomUUID(), state: 'draft', createdAt: new Date() };
    return Object.assign(new CertificateRequest(), facts, made);
  }

  /** For people: the number of the request in its year. */
  get reference() {
    return `${this.year}-${this.number}`;
  }

  /** Throws Changed, or OutOfOrder once it was sent. */
  mustBeDraft(version: number) {
    if (version !== this.version) throw new Changed();
    if (this.state === 'draft') return;
    throw new OutOfOrder({ vi: 'Đề nghị đã gửi', en: 'The request was sent already' });
  }

  /** @param dueOn the last day of the provider's time */
  send(version: number, dueOn: string) {
    this.mustBeDraft(version);
    Object.assign(this, { state: 'sent', sentAt: new Date(), dueOn });
  }
}
