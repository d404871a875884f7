import { randomUUID } from 'node:crypto';
import {
  type AskLine,
  type GapLine as GapLineReply,
  type HolderKind,
  OutOfOrder,
  type RequestForm,
  type SubscriberFields,
} from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What is missing somewhere, before it is a line of a gap list. */
export interface FoundGap extends AskLine {
  unitId: string;
  why: GapLineReply['why'];
  addedReason?: string;
}

/** One who lacks a certificate, as found or as the agency says. What is taken off stays on record. */
@Entity()
export class GapLine {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') campaignId: string;
  @Column('uuid') agencyId: string;
  @Column({ type: 'int', insert: false, update: false }) ordinal: number;
  @Column('uuid') unitId: string;
  @Column('text') holderKind: HolderKind;
  @Column('uuid') holderId: string;
  @Column('uuid', { nullable: true }) certificateId: string | null;
  @Column('text') why: GapLineReply['why'];
  @Column('text') form: RequestForm;
  @Column('jsonb') fields: SubscriberFields;
  @Column('text', { nullable: true }) addedReason: string | null;
  @Column('text', { nullable: true }) removedReason: string | null;
  @Column('uuid', { nullable: true }) requestLineId: string | null;

  static of(campaignId: string, agencyId: string, gap: FoundGap): GapLine {
    const { unitId, why, form, holderKind, holderId, certificateId, fields, addedReason } = gap;
    return Object.assign(new GapLine(), {
      ...{ id: randomUUID(), campaignId, agencyId, unitId, why, form, holderKind, holderId },
      ...{ certificateId: certificateId ?? null, fields: { ...fields } },
      addedReason: addedReason ?? null,
    });
  }

  /** Fields that are not given stay as they are. */
  edit(fields: SubscriberFields) {
    this.mustBeThere();
    this.fields = { ...this.fields, ...fields };
  }

  remove(reason: string) {
    this.mustBeThere();
    this.removedReason = reason;
  }

  /** How people know it: the name on its form. */
  get named(): string {
    return this.fields.fullName ?? this.fields.name ?? '';
  }

  private mustBeThere() {
    if (!this.removedReason) return;
    throw new OutOfOrder({ vi: 'Dòng đã bị loại', en: 'The line was taken off the list' });
  }
}
