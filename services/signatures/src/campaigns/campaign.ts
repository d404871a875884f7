import { randomUUID } from 'node:crypto';
import { CampaignUnfinished, Changed, type OpenCampaign, OutOfOrder } from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';

/** A campaign that finds and closes missing certificates (rà soát, đăng ký chữ ký số còn thiếu). */
@Entity()
export class Campaign {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') legalBasis: string;
  @Column('text') bloc: 'government' | 'party';
  @Column('date') deadline: string;
  @Column('int') expiringWithinDays: number;
  @Column('text') state: 'open' | 'closed';
  @Column('timestamptz') openedAt: Date;
  @Column('uuid') openedBy: string;
  @Column('timestamptz', { nullable: true }) closedAt: Date | null;
  @VersionColumn() version: number;

  static open(
    { name, legalBasis, deadline, expiringWithinDays }: OpenCampaign,
    bloc: Campaign['bloc'],
    openedBy: string,
  ): Campaign {
    return Object.assign(new Campaign(), {
      ...{ id: randomUUID(), name, legalBasis, deadline, expiringWithinDays, bloc, openedBy },
      ...{ state: 'open', openedAt: new Date() },
    });
  }

  mustBeOpen() {
    if (this.state === 'open') return;
    throw new OutOfOrder({ vi: 'Đợt rà soát đã kết thúc', en: 'The campaign is closed' });
  }

  /** @param unfinished how many lists and lines have not ended */
  close(version: number, unfinished: { lists: number; lines: number }) {
    if (version !== this.version) throw new Changed();
    this.mustBeOpen();
    const { lists, lines } = unfinished;
    if (lists + lines > 0) {
      throw new CampaignUnfinished({
        vi: `Còn ${lists} danh sách chưa tổng hợp và ${lines} dòng chưa có kết quả`,
        en: `${lists} lists are not consolidated and ${lines} lines have no result`,
      });
    }
    Object.assign(this, { state: 'closed', closedAt: new Date() });
  }
}
