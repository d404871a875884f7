import type { SubIndication } from './indications.js';

/** What a clerk is told, in both languages. */
export interface Message {
  vi: string;
  en: string;
}

export const mainMessages: Record<'TOTAL_PASSED' | 'TOTAL_FAILED' | 'INDETERMINATE', Message> = {
  TOTAL_PASSED: { vi: 'Chữ ký số hợp lệ.', en: 'The signature is valid.' },
  TOTAL_FAILED: { vi: 'Chữ ký số không hợp lệ.', en: 'The signature is not valid.' },
  INDETERMINATE: {
    vi: 'Chưa kết luận được chữ ký số có hợp lệ hay không.',
    en: 'Whether the signature is valid could not be decided.',
  },
};

export const messages: Record<SubIndication, Message> = {
  FORMAT_FAILURE: {
    vi: 'Chữ ký có cấu trúc sai quy định hoặc văn bản đã bị sửa theo cách chữ ký không cho phép.',
    en: 'The signature is malformed, or the document was changed in a way it does not permit.',
  },
  HASH_FAILURE: {
    vi: 'Nội dung đã bị thay đổi sau khi ký.',
    en: 'The content was changed after it was signed.',
  },
  SIG_CRYPTO_FAILURE: {
    vi: 'Giá trị chữ ký không khớp với khóa của người ký.',
    en: 'The signature value does not belong to the signer’s key.',
  },
  REVOKED: {
    vi: 'Chứng thư số đã bị thu hồi trước khi ký.',
    en: 'The certificate had been revoked before the signature was made.',
  },
  EXPIRED: {
    vi: 'Chứng thư số đã hết hạn trước khi ký.',
    en: 'The certificate had expired before the signature was made.',
  },
  NOT_YET_VALID: {
    vi: 'Chữ ký được tạo trước khi chứng thư số có hiệu lực.',
    en: 'The signature was made before the certificate became valid.',
  },
  SIG_CONSTRAINTS_FAILURE: {
    vi: 'Chữ ký thiếu thông tin mà chính sách kiểm tra yêu cầu.',
    en: 'The signature lacks what the validation policy asks for.',
  },
  CHAIN_CONSTRAINTS_FAILURE: {
    vi: 'Chứng thư số không được phép dùng cho việc ký này.',
    en: 'The certificate may not be used for this kind of signature.',
  },
  CERTIFICATE_CHAIN_GENERAL_FAILURE: {
    vi: 'Chuỗi chứng thư số bị lỗi.',
    en: 'The chain of certificates is faulty.',
  },
  CRYPTO_CONSTRAINTS_FAILURE: {
    vi: 'Chữ ký dùng thuật toán hoặc độ dài khóa không được chấp nhận.',
    en: 'The signature uses an algorithm or a key size that is not accepted.',
  },
  POLICY_PROCESSING_ERROR: {
    vi: 'Không đọc được chính sách kiểm tra.',
    en: 'The validation policy could not be processed.',
  },
  SIGNATURE_POLICY_NOT_AVAILABLE: {
    vi: 'Không có chính sách ký mà chữ ký nêu.',
    en: 'The signature policy that the signature names is not available.',
  },
  TIMESTAMP_ORDER_FAILURE: {
    vi: 'Các dấu thời gian trái thứ tự.',
    en: 'The time stamps contradict each other.',
  },
  NO_SIGNING_CERTIFICATE_FOUND: {
    vi: 'Không tìm thấy chứng thư số của người ký.',
    en: 'The signer’s certificate was not found.',
  },
  NO_CERTIFICATE_CHAIN_FOUND: {
    vi: 'Chứng thư số không do tổ chức chứng thực trong danh sách tin cậy cấp.',
    en: 'The certificate does not lead to an authority on the trust list.',
  },
  NO_CERTIFICATE_CHAIN_FOUND_NO_POE: {
    vi: 'Tổ chức chứng thực không còn được tin cậy, và không có bằng chứng là đã ký trước đó.',
    en: 'The authority is no longer trusted, and nothing proves that the signature is older.',
  },
  REVOKED_NO_POE: {
    vi: 'Chứng thư số đã bị thu hồi, và không có bằng chứng là đã ký trước khi thu hồi.',
    en: 'The certificate was revoked, and nothing proves that the signature is older.',
  },
  REVOKED_CA_NO_POE: {
    vi: 'Chứng thư số của tổ chức chứng thực đã bị thu hồi, và không có bằng chứng là đã ký trước đó.',
    en: 'An authority’s certificate was revoked, and nothing proves that the signature is older.',
  },
  OUT_OF_BOUNDS_NO_POE: {
    vi: 'Chứng thư số đã hết hạn hoặc chưa có hiệu lực, và không có bằng chứng về thời điểm ký.',
    en: 'The certificate is outside its validity, and nothing proves when the signature was made.',
  },
  OUT_OF_BOUNDS_NOT_REVOKED: {
    vi: 'Chứng thư số đã hết hạn (chưa từng bị thu hồi), và không có bằng chứng về thời điểm ký.',
    en: 'The certificate has expired unrevoked, and nothing proves when the signature was made.',
  },
  REVOCATION_OUT_OF_BOUNDS_NO_POE: {
    vi: 'Thông tin thu hồi do chứng thư số đã hết hạn ký, và không có bằng chứng về thời điểm của nó.',
    en: 'The revocation data are signed with an expired certificate, and nothing proves their time.',
  },
  CRYPTO_CONSTRAINTS_FAILURE_NO_POE: {
    vi: 'Thuật toán nay không còn được chấp nhận, và không có bằng chứng là đã ký khi còn được chấp nhận.',
    en: 'An algorithm is no longer accepted, and nothing proves that it was used while it was.',
  },
  NO_POE: {
    vi: 'Thiếu bằng chứng về thời điểm tồn tại của chữ ký hoặc của thông tin kiểm tra.',
    en: 'There is no proof of when the signature or the validation data existed.',
  },
  TRY_LATER: {
    vi: 'Chưa có thông tin thu hồi đủ mới; hãy kiểm tra lại sau.',
    en: 'Revocation data that are recent enough are not at hand yet; check again later.',
  },
  SIGNED_DATA_NOT_FOUND: {
    vi: 'Không có nội dung đã được ký để đối chiếu.',
    en: 'The content that was signed is not at hand.',
  },
};
