/** The rule that refused something, and which version of it: part of the event that tells so. */
export interface Rule {
  name: string;
  version: string;
}

/** A negative reply (RFC 5321, 4.2; RFC 3463): the peer is told so, and nothing was kept. */
export class Reply extends Error {
  /** The rule that asked for it, when it was one. */
  rule?: Rule;

  /**
   * @param responseCode the three digits: 4xx try again, 5xx never, 421 and the connection ends
   * @param status the enhanced status code, of the same first digit
   */
  constructor(
    readonly responseCode: number,
    readonly status: string,
    readonly vi: string,
    readonly en: string,
  ) {
    super(`${status} ${inAscii(`${en} / ${vi}`)}`);
  }

  /** The same by a rule: its refusal is announced. */
  by(name: string, version = '1'): this {
    this.rule = { name, version };
    return this;
  }

  /** With all its marks, for peers that read UTF-8 (RFC 6531, 3.7.4). */
  inUtf8(): this {
    this.message = `${this.status} ${this.en} / ${this.vi}`;
    return this;
  }
}

/** Replies are ASCII unless the peer asked for more: Vietnamese is read without its marks too. */
const inAscii = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/đ/g, 'd')
    .replace(/Đ/g, 'D')
    .replace(/[^\x20-\x7e]/gu, '?');

/** Something here is away: the peer keeps its message and comes again. */
export const tryAgain = () =>
  new Reply(451, '4.3.0', 'Hệ thống tạm gián đoạn, hãy gửi lại sau', 'Try again later');

export const noSuchMailbox = () =>
  new Reply(550, '5.1.1', 'Không có hộp thư này', 'There is no such mailbox');
