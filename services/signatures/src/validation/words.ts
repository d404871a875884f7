import type { ValidatedSignature, ValidatedStamp, Verdict } from '@eoffice/contracts';
import { zone } from '@eoffice/platform/local-time';

/** The verdict in words that a clerk needs no standard to understand. */
export const verdictWords: Record<Verdict, string> = {
  TOTAL_PASSED: 'HỢP LỆ',
  TOTAL_FAILED: 'KHÔNG HỢP LỆ',
  INDETERMINATE: 'CHƯA KẾT LUẬN ĐƯỢC',
  NO_SIGNATURE: 'KHÔNG CÓ CHỮ KÝ SỐ',
  UNREADABLE: 'KHÔNG ĐỌC ĐƯỢC TỆP',
};

/** What to do about it. */
export const adviceWords: Record<Verdict, string> = {
  TOTAL_PASSED: 'Mọi chữ ký số trong tệp đều hợp lệ, nội dung không bị thay đổi sau khi ký.',
  TOTAL_FAILED: 'Không sử dụng tệp này; trả lại nơi gửi và nêu lý do dưới đây.',
  INDETERMINATE: 'Chưa đủ căn cứ để coi chữ ký là hợp lệ; xem lý do và kiểm tra lại sau.',
  NO_SIGNATURE: 'Tệp không mang chữ ký số nào, nên không có giá trị như văn bản đã ký số.',
  UNREADABLE: 'Không kiểm tra được chữ ký số trong tệp.',
};

const lists: Record<string, string> = {
  'official-duty': 'Chữ ký số chuyên dùng công vụ',
  public: 'Chữ ký số công cộng',
  trial: 'Chữ ký số thử nghiệm, không có giá trị pháp lý',
};
/** Which kind of signature it is, by the trust list its chain leads to. */
export const listWords = ({ signer }: ValidatedSignature): string =>
  (signer?.list && lists[signer.list]) ?? 'Không thuộc danh sách tin cậy nào';

const format = new Intl.DateTimeFormat('vi-VN', {
  timeZone: zone,
  ...{ day: '2-digit', month: '2-digit', year: 'numeric' },
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
});
export const shownMoment = (moment: Date | string): string => format.format(new Date(moment));

/** When it was signed, and how that is known. */
export function timeWords({ proven, bestSignatureTime, claimedTime }: ValidatedSignature): string {
  if (proven) return `${shownMoment(bestSignatureTime)} (dấu thời gian chứng minh)`;
  if (claimedTime) return `${shownMoment(claimedTime)} (do người ký khai, chưa được chứng minh)`;
  return 'Không rõ';
}

const levels: Record<string, string> = {
  B: 'chưa có dấu thời gian',
  T: 'có dấu thời gian',
  LT: 'có dấu thời gian, kèm dữ liệu để kiểm tra lâu dài',
  LTA: 'có dấu thời gian lưu trữ trên dữ liệu để kiểm tra lâu dài',
};

/** What the signature brings to be validated later by; undefined where its form knows no levels. */
export function levelWords({ form, level }: ValidatedSignature): string | undefined {
  const words = level === undefined ? undefined : levels[level];
  return words && `${form} B-${level}: ${words}`;
}

/** A time stamp: when, and whether it holds. */
export function stampWords({ time, indication, message }: ValidatedStamp): string {
  const holds = indication === 'PASSED' ? 'hợp lệ' : `không được công nhận – ${message.vi}`;
  return `${time ? shownMoment(time) : 'Không rõ thời điểm'}: ${holds}`;
}

/** The state, the reason and the technical word for it. */
export function reasonWords({ message, detail, subIndication, at }: ValidatedSignature): string {
  const moment = at ? ` (${shownMoment(at)})` : '';
  const technical = [subIndication, detail].filter(Boolean).join(': ');
  return `${message.vi}${moment}${technical ? ` [${technical}]` : ''}`;
}
