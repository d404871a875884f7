import { randomUUID } from 'node:crypto';
import {
  type AnswerOutcome,
  type AskLine,
  type HolderKind,
  Invalid,
  type LineState,
  OutOfOrder,
  type RequestForm,
  type SubscriberFields,
} from '@eoffice/contracts';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';

const next: Record<LineState, LineState[]> = {
  draft: ['requested'],
  requested: ['accepted', 'rejected'],
  accepted: ['device_ready', 'rejected'],
  device_ready: ['delivered'],
  delivered: ['active'],
  rejected: [],
  active: [],
};

const stateNames: Record<LineState, string> = {
  draft: 'đang soạn',
  requested: 'đã gửi',
  accepted: 'được chấp nhận',
  rejected: 'bị từ chối',
  device_ready: 'có thiết bị',
  delivered: 'đã bàn giao',
  active: 'đã hoạt động',
};

/**
 * One certificate asked for: requested, then accepted or rejected, its device ready, delivered, and
 * active once the certificate is registered. A request to revoke (form 05) ends when accepted.
 */
@Entity()
export class RequestLine {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') requestId: string;
  @Column('int') ordinal: number;
  @Column('text') form: RequestForm;
  @Column('text') holderKind: HolderKind;
  @Column('uuid') holderId: string;
  @Column('uuid', { nullable: true }) certificateId: string | null;
  @Column('jsonb') fields: SubscriberFields;
  @Column('text') state: LineState;
  @Column('text', { nullable: true }) reason: string | null;
  @Column('text', { nullable: true }) deviceSerial: string | null;
  @Column('uuid', { nullable: true }) handOverId: string | null;
  @VersionColumn() version: number;

  static ask(requestId: string, ordinal: number, line: AskLine): RequestLine {
    const { form, holderKind, holderId, certificateId, fields } = line;
    return Object.assign(new RequestLine(), {
      ...{ id: randomUUID(), requestId, ordinal, form, holderKind, holderId, state: 'draft' },
      ...{ certificateId: certificateId ?? null, fields: { ...fields } },
    });
  }

  send() {
    this.go('requested');
  }

  /**
   * Takes the provider's answer. A device that is ready was accepted, said or not: both steps are
   * kept. Returns the steps taken. Throws Invalid for a rejection without a reason.
   */
  answer(
    outcome: AnswerOutcome,
    { reason, deviceSerial }: { reason?: string; deviceSerial?: string },
  ) {
    if (outcome === 'rejected' && !reason) {
      const detail = { vi: 'cần lý do từ chối', en: 'needs the reason of the rejection' };
      throw new Invalid([{ pointer: '/reason', detail }]);
    }
    const steps: LineState[] = [];
    if (outcome === 'device_ready' && this.state === 'requested') steps.push(this.go('accepted'));
    if (outcome === 'device_ready' && this.form === '05') throw outOfOrder(this.state, outcome);
    steps.push(this.go(outcome));
    this.reason = reason ?? null;
    this.deviceSerial = deviceSerial ?? this.deviceSerial;
    return steps;
  }

  /** Throws Invalid when no serial of a device is known; a key in a SIM needs none. */
  deliver(handOverId: string, deviceSerial?: string) {
    this.go('delivered');
    this.handOverId = handOverId;
    this.deviceSerial = deviceSerial ?? this.deviceSerial;
    if (this.deviceSerial || this.fields.keyKind === 'sim') return;
    const detail = { vi: 'cần số hiệu thiết bị', en: 'needs the serial of the device' };
    throw new Invalid([{ pointer: '/deviceSerial', detail }]);
  }

  /** The certificate is in the register now. Throws OutOfOrder before the hand-over. */
  activate() {
    this.go('active');
  }

  private go(to: LineState): LineState {
    if (!next[this.state].includes(to)) throw outOfOrder(this.state, to);
    return (this.state = to);
  }
}

const outOfOrder = (from: LineState, to: LineState) =>
  new OutOfOrder({
    vi: `Dòng đề nghị ${stateNames[from]}, không thể chuyển sang “${stateNames[to]}”`,
    en: `The line is ${from.replace('_', ' ')} and cannot become ${to.replace('_', ' ')}`,
  });

/** A condition in SQL: the line `l` needs nothing more from anybody. */
export const endedLine = `(l.state in ('rejected', 'delivered', 'active')
  or l.state = 'accepted' and l.form = '05')`;
