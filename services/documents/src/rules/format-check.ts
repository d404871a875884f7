import type { FieldError } from '@eoffice/contracts';
import { hasStrayMarks, looksMisread } from '@eoffice/platform/text';
import { findSecrecyMark } from './secrecy-marks.js';

export interface Form {
  type?: string;
  abstract: string;
  recipients: string[];
  signerName?: string;
  text?: string;
  files: { name: string; mediaType: string }[];
}

const titles = /^(PGS|GS|TS|ThS|CN|KS|BS|NSND|NGƯT|NGND|Anh hùng)\b\.?/u;
const pdf = 'application/pdf';

/** What is wrong with the form of a draft (Nghị định 30/2020, Art. 8, App. I); empty when all is well. */
export function checkFormat(form: Form): FieldError[] {
  const faults: FieldError[] = [];
  const fault = (pointer: string, vi: string, en: string) =>
    faults.push({ pointer, detail: { vi, en } });
  if (form.files.length === 0) fault('/files', 'chưa có tệp văn bản', 'there is no file');
  else if (
    ![pdf].includes(form.files[0]!.mediaType) &&
    !/word|opendocument/.test(form.files[0]!.mediaType)
  )
    fault('/files/0', 'tệp chính phải là PDF, DOCX hoặc ODT', 'must be PDF, DOCX or ODT');
  if (form.recipients.length === 0)
    fault('/recipients', 'chưa có nơi nhận', 'there is nobody to receive it');
  if (form.abstract.endsWith('.'))
    fault('/abstract', 'trích yếu không có dấu chấm ở cuối', 'must not end in a full stop');
  if (hasStrayMarks(form.abstract) || looksMisread(form.abstract))
    fault('/abstract', 'chữ không đúng Unicode (TCVN 6909:2001)', 'is not proper Unicode text');
  if (form.signerName && titles.test(form.signerName))
    fault('/signerId', 'trước họ tên người ký không ghi học hàm, học vị', 'bears no title');
  if (form.text && findSecrecyMark(form.text))
    fault(
      '/files/0',
      'có dấu chỉ độ mật, không được xử lý trên hệ thống',
      'bears a mark of secrecy',
    );
  return faults;
}
