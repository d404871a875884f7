import { Changed, OutOfOrder, type WorkItem as WorkItemReply } from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';

/** A certificate that no longer fits its subject, for somebody to revoke or replace. */
@Entity()
export class WorkItem {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') certificateId: string;
  @Column('uuid') agencyId: string;
  @Column('text') ground: string;
  @Column('text') state: WorkItemReply['state'];
  @Column('text', { nullable: true }) note: string | null;
  @Column('timestamptz', { nullable: true }) settledAt: Date | null;
  @Column('uuid', { nullable: true }) settledBy: string | null;
  @VersionColumn() version: number;

  settle(version: number, outcome: 'done' | 'dismissed', note: string, settledBy: string) {
    if (version !== this.version) throw new Changed();
    if (this.state !== 'open') {
      throw new OutOfOrder({ vi: 'Việc này đã xử lý', en: 'The item was settled already' });
    }
    Object.assign(this, { state: outcome, note, settledBy, settledAt: new Date() });
  }
}
