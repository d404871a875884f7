import { createHash } from 'node:crypto';
import {
  Changed,
  type Draft as DraftReply,
  type DraftContent,
  NotInThisState,
  type StoredFile,
} from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';

type State = DraftReply['state'];

/** A document on its way to being issued: drafted, checked for content, for form, approved, issued. */
@Entity()
export class Draft {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') organisationId: string;
  @Column('uuid') unitId: string;
  @Column('uuid') draftedBy: string;
  @Column('uuid') signerId: string;
  @Column('text') state: State;
  @Column('int') lastVersion: number;
  @Column('uuid', { nullable: true }) contentCheckedBy: string | null;
  @Column('uuid', { nullable: true }) formatCheckedBy: string | null;
  @Column('uuid', { nullable: true }) approvedBy: string | null;
  @Column('uuid', { nullable: true }) approvedFor: string | null;
  @Column('text', { nullable: true }) approvedHash: string | null;
  @Column('timestamptz', { nullable: true }) approvedAt: Date | null;
  @Column('timestamptz') createdAt: Date;
  @VersionColumn() version: number;

  /** Throws Changed, or NotInThisState. */
  mustBe(states: State[], version: number) {
    if (version !== this.version) throw new Changed();
    if (states.includes(this.state)) return;
    throw new NotInThisState({
      vi: `Dự thảo đang ở bước “${stateNames[this.state]}”`,
      en: `The draft is ${this.state.replace('_', ' ')}`,
    });
  }

  /** A new version undoes every check: what was approved is not what it is now (Art. 11). */
  addVersion(version: number) {
    this.mustBe(['drafting', 'content_checked', 'format_checked', 'approved'], version);
    this.lastVersion++;
    this.backToDrafting();
  }

  backToDrafting() {
    this.state = 'drafting';
    this.contentCheckedBy = this.formatCheckedBy = null;
    this.approvedBy = this.approvedFor = this.approvedHash = this.approvedAt = null;
  }
}

const stateNames: Record<State, string> = {
  drafting: 'đang soạn',
  content_checked: 'đã kiểm tra nội dung',
  format_checked: 'đã kiểm tra thể thức',
  approved: 'đã duyệt',
  issued: 'đã ban hành',
};

/** What stands for a version: what it says and the content of its files, in order. */
export function contentHashOf(content: DraftContent, files: StoredFile[]): string {
  const sorted = Object.fromEntries(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
  const hashes = files.map(({ sha256 }) => sha256);
  return createHash('sha256')
    .update(JSON.stringify([sorted, hashes]))
    .digest('hex');
}
