import { randomUUID } from 'node:crypto';
import type { HandOverDevices } from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The minutes of a hand-over of devices (biên bản bàn giao); kept as they were made. */
@Entity()
export class HandOver {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') requestId: string;
  @Column('date') handedOverOn: string;
  @Column('text') place: string;
  @Column('text') giver: string;
  @Column('text') receiver: string;
  @Column('text') receiverPosition: string;
  @Column('text', { nullable: true }) note: string | null;
  @Column('timestamptz') keptAt: Date;
  @Column('uuid') keptBy: string;

  static of({ id: requestId, lines: _, ...minutes }: HandOverDevices, keptBy: string): HandOver {
    const kept = { id: randomUUID(), requestId, keptAt: new Date(), keptBy };
    return Object.assign(new HandOver(), minutes, kept);
  }
}
