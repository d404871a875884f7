import type { MailFinding, MailRuleCode } from '@eoffice/contracts';
import { Reply } from '../smtp/reply.js';

const texts: Record<MailRuleCode, [vi: string, en: string]> = {
  'private-recipient': [
    'Thư công vụ không gửi tới hộp thư riêng',
    'Official mail does not go to a private mailbox',
  ],
  'private-sender': [
    'Thư công vụ không gửi từ hộp thư riêng',
    'Official mail does not come from a private mailbox',
  ],
  'private-forward': [
    'Thư công vụ không chuyển tiếp tới hộp thư riêng',
    'Official mail is not forwarded to a private mailbox',
  ],
  'false-name': ['Tên hiển thị là một địa chỉ khác', 'The name shows another address'],
  'look-alike': ['Tên miền giống một tên miền khác', 'The domain is made to be taken for another'],
  'secrecy-mark': [
    'Thư điện tử không được có nội dung mật; dấu độ mật',
    'Secrets are not sent by mail; mark',
  ],
  'attachment-type': ['Không được gửi kèm loại tệp này', 'Files of this kind are not sent'],
};

// A line of a reply is 512 octets at most (RFC 5321, 4.5.3.1.5).
const mostOfWhat = 70;
const mostOfBasis = 60;

/** What is told to whoever is refused: what was found, and by which law. */
export function refusalOf({ ruleId, code, what, legalBasis }: MailFinding): Reply {
  const [vi, en] = texts[code];
  // What stands in a mail must not become a line of the protocol.
  const shown = what.replace(/[^\x20-\x7e\p{L}\p{M}≈]/gu, '?').slice(0, mostOfWhat);
  const basis = legalBasis.split(';')[0]!.slice(0, mostOfBasis);
  const told = (sentence: string) => `${sentence}: ${shown} (${basis})`;
  return new Reply(550, '5.7.1', told(vi), told(en)).by(code, ruleId);
}
