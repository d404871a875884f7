import {
  Changed,
  FormIncomplete,
  type FieldError,
  type GapListState,
  OutOfOrder,
} from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';

const stateNames: Record<GapListState, string> = {
  open: 'đang rà soát',
  confirmed: 'đã xác nhận',
  consolidated: 'đã tổng hợp',
};

/** The list of one agency in a campaign: open, confirmed by its head, consolidated by the department. */
@Entity()
export class CampaignUnit {
  @PrimaryColumn('uuid') campaignId: string;
  @PrimaryColumn('uuid') agencyId: string;
  @Column('text') state: GapListState;
  @Column('uuid', { nullable: true }) confirmedBy: string | null;
  @Column('timestamptz', { nullable: true }) confirmedAt: Date | null;
  @Column('text', { nullable: true }) returnedReason: string | null;
  @Column('uuid', { nullable: true }) requestId: string | null;
  @VersionColumn() version: number;

  static of(campaignId: string, agencyId: string): CampaignUnit {
    return Object.assign(new CampaignUnit(), { campaignId, agencyId, state: 'open' });
  }

  mustBe(state: GapListState) {
    if (this.state === state) return;
    throw new OutOfOrder({
      vi: `Danh sách ${stateNames[this.state]}, không phải ${stateNames[state]}`,
      en: `The list is ${this.state}, not ${state}`,
    });
  }

  /** The head confirms what they have read. Throws FormIncomplete while a form lacks something. */
  confirm(version: number, confirmedBy: string, faults: FieldError[]) {
    if (version !== this.version) throw new Changed();
    this.mustBe('open');
    if (faults.length > 0) throw new FormIncomplete(undefined, faults);
    const confirmed = { state: 'confirmed', confirmedBy, confirmedAt: new Date() };
    Object.assign(this, confirmed, { returnedReason: null });
  }

  giveBack(version: number, returnedReason: string) {
    if (version !== this.version) throw new Changed();
    this.mustBe('confirmed');
    Object.assign(this, { state: 'open', confirmedBy: null, confirmedAt: null, returnedReason });
  }

  /** @param requestId the request made of the list; none when it has no lines */
  consolidate(requestId: string | null) {
    this.mustBe('confirmed');
    Object.assign(this, { state: 'consolidated', requestId });
  }
}
