import { randomUUID } from 'node:crypto';
import { BookClosed, Changed, type OpenBook } from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';

/** A register book: one gap-free series of numbers (Nghị định 30/2020, Art. 15 and 22). */
@Entity()
export class Book {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') organisationId: string;
  @Column('text') direction: 'incoming' | 'outgoing';
  @Column('int') year: number;
  @Column('text') code: string;
  @Column('text') name: string;
  @Column('int') lastNumber: number;
  @Column('boolean') closed: boolean;
  @VersionColumn() version: number;

  static open(input: OpenBook): Book {
    return Object.assign(new Book(), input, { id: randomUUID(), lastNumber: 0, closed: false });
  }

  /** Takes the next number. Whoever calls holds the row's lock, so that none is skipped or shared. */
  nextNumber(): number {
    this.mustBeOpen();
    return ++this.lastNumber;
  }

  close(version: number) {
    if (version !== this.version) throw new Changed();
    this.mustBeOpen();
    this.closed = true;
  }

  private mustBeOpen() {
    if (!this.closed) return;
    throw new BookClosed({
      vi: `Sổ “${this.name}” năm ${this.year} đã đóng, không cấp số nữa`,
      en: `The book “${this.name}” of ${this.year} gives no more numbers`,
    });
  }
}
