import { randomUUID } from 'node:crypto';
import { nameOf, type WireForm } from './wire-form.js';

/** What is reported of one recipient (RFC 3464, 2.3). */
export interface Reported {
  recipient: string;
  /** Of RFC 3463, such as 5.1.1. */
  status: string;
  /** The words of the server that was asked, or ours. */
  reply: string;
  /** The server that said so. */
  host?: string | null;
}

export interface Report {
  kind: 'failed' | 'delayed';
  /** The name of this server. */
  reporter: string;
  /** Whom it goes to: who sent the mail. */
  to: string;
  /** When the mail came to us, and until when it is tried. */
  acceptedAt: Date;
  givenUpAt?: Date;
  recipients: Reported[];
  /** The mail itself; only its header goes back. */
  original: WireForm;
}

/** So much of the header of a mail goes back to its sender. */
export const maxHeader = 64 * 1024;
const crlf = '\r\n';
const ascii = /^[\x00-\x7f]*$/;

/**
 * A delivery status notification (RFC 3464, and RFC 6533 where addresses or words have marks), with
 * what it means in Vietnamese and English in front.
 */
export function reportOf(given: Report): Buffer {
  const report = { ...given, to: plain(given.to), recipients: given.recipients.map(plainly) };
  const { kind, reporter, to, original } = report;
  const boundary = `=_${randomUUID()}`;
  const about = idOf(original);
  const head = [
    `From: =?UTF-8?B?${base64('Máy chủ thư')}?= <MAILER-DAEMON@${reporter}>`,
    `To: <${to}>`,
    `Subject: ${subjects[kind]}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${randomUUID()}@${reporter}>`,
    ...(about ? [`In-Reply-To: ${about}`, `References: ${about}`] : []),
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status;${crlf}\tboundary="${boundary}"`,
  ];
  const parts = [
    encoded('text/plain; charset=utf-8', Buffer.from(wordsOf(report))),
    statusPart(report),
    headerPart(original),
  ];
  const body = parts.map((part) => `--${boundary}${crlf}${part}`).join('');
  return Buffer.from(`${head.join(crlf)}${crlf}${crlf}${body}--${boundary}--${crlf}`);
}

/** Nothing that others wrote begins a line of ours. */
const plain = (text: string) => text.replace(/\p{Cc}+/gu, ' ');
const plainly = ({ recipient, reply, ...rest }: Reported): Reported => ({
  ...{ ...rest, recipient: plain(recipient), reply: plain(reply) },
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const subjects = {
  failed: `=?UTF-8?B?${base64('Thư không gửi được')}?= (Undelivered mail)`,
  delayed: `=?UTF-8?B?${base64('Thư chưa gửi được, đang thử lại')}?= (Delayed mail)`,
};

const encoded = (type: string, octets: Buffer) =>
  [
    `Content-Type: ${type}`,
    'Content-Transfer-Encoding: base64',
    '',
    ...(octets.toString('base64').match(/.{1,76}/g) ?? ['']),
    '',
  ].join(crlf);

function statusPart({ kind, reporter, acceptedAt, givenUpAt, recipients }: Report): string {
  const marks = recipients.some((each) => !ascii.test(each.recipient + each.reply));
  const date = (day: Date) => day.toUTCString().replace('GMT', '+0000');
  const groups = recipients.map(({ recipient, status, reply, host }) =>
    [
      `Final-Recipient: ${ascii.test(recipient) ? 'rfc822' : 'utf-8'}; ${recipient}`,
      `Action: ${kind}`,
      `Status: ${status}`,
      ...(host ? [`Remote-MTA: dns; ${host.split(' ')[0]}`] : []),
      `Diagnostic-Code: ${/^\d{3}/.test(reply) ? 'smtp' : 'x-eoffice'}; ${reply.slice(0, 900)}`,
      `Last-Attempt-Date: ${date(new Date())}`,
      ...(kind === 'delayed' && givenUpAt ? [`Will-Retry-Until: ${date(givenUpAt)}`] : []),
    ].join(crlf),
  );
  const message = [`Reporting-MTA: dns; ${reporter}${crlf}Arrival-Date: ${date(acceptedAt)}`];
  return [
    `Content-Type: message/${marks ? 'global-' : ''}delivery-status`,
    `Content-Transfer-Encoding: ${marks ? '8bit' : '7bit'}`,
    '',
    [...message, ...groups].join(crlf + crlf),
    '',
  ].join(crlf);
}

function headerPart({ fields }: WireForm): string {
  let size = 0;
  const kept = fields.filter((field) => (size += field.length) <= maxHeader).join('');
  if (ascii.test(kept) && !/[^\r\n]{998}/.test(kept)) {
    return `Content-Type: text/rfc822-headers${crlf}${crlf}${kept}${crlf}`;
  }
  return encoded('message/global-headers', Buffer.from(kept, 'latin1'));
}

/** The Message-ID of a mail, when it has one that can be quoted. */
export function idOf({ fields }: WireForm): string | undefined {
  const field = fields.find((each) => nameOf(each) === 'message-id');
  return /<[^<>\s\x00-\x20\x7f-\xff]{1,900}>/.exec(field ?? '')?.[0];
}

function wordsOf({ kind, recipients, givenUpAt }: Report): string {
  const until = givenUpAt?.toLocaleString('vi-VN', { timeZone: 'Asia/Ho_Chi_Minh' });
  const list = recipients.map(
    ({ recipient, reply, status, host }) =>
      `  ${recipient}\n    ${meaningOf(status)}\n    ${host ? `${host}: ` : ''}${reply}\n`,
  );
  const [vi, en] =
    kind === 'failed'
      ? [
          'Thư của bạn không gửi được đến những địa chỉ dưới đây và sẽ không được gửi lại.',
          'Your mail could not be delivered to the addresses below. It is not tried again.',
        ]
      : [
          `Thư của bạn chưa gửi được đến những địa chỉ dưới đây. Bạn không cần làm gì: hệ thống tiếp tục gửi lại${until ? ` đến ${until} (giờ Việt Nam)` : ''}.`,
          `Your mail has not been delivered to the addresses below yet. You need not do anything: it is tried again${until ? ` until ${givenUpAt!.toISOString()}` : ''}.`,
        ];
  return [vi, '', en, '', ...list].join('\n').replace(/\n/g, crlf);
}

/** What a status says, for people (RFC 3463). */
function meaningOf(status: string): string {
  const [, subject, detail] = status.split('.');
  const exact = meanings[`${subject}.${detail}`];
  return exact ?? meanings[subject!] ?? meanings['0']!;
}

const meanings: Record<string, string> = {
  '1.1': 'Địa chỉ không tồn tại / The address does not exist',
  '1.2': 'Tên miền không tồn tại / The domain does not exist',
  '1.10': 'Tên miền không nhận thư / The domain takes no mail',
  '2.1': 'Hộp thư đã ngừng dùng / The mailbox is disabled',
  '2.2': 'Hộp thư đã đầy / The mailbox is full',
  '3.4': 'Thư lớn hơn mức máy chủ nhận / The mail is larger than the server takes',
  '4.1': 'Không kết nối được máy chủ nhận / The server of the recipient was not reached',
  '4.6': 'Thư đi vòng giữa các máy chủ / The mail went round between servers',
  '4.7': 'Đã hết thời gian gửi lại / It was tried for as long as it may be',
  '0': 'Máy chủ nhận không nhận thư / The server of the recipient did not take the mail',
  '1': 'Địa chỉ không nhận được thư / The address cannot receive mail',
  '2': 'Hộp thư không nhận được thư / The mailbox cannot receive mail',
  '4': 'Không chuyển được thư đến máy chủ nhận / The mail did not reach the server',
  '5': 'Máy chủ nhận không hiểu thư / The server did not understand the mail',
  '6': 'Máy chủ nhận không đọc được nội dung / The server cannot take such content',
  '7': 'Máy chủ nhận từ chối theo quy định của họ / The server refused it by its policy',
};
