import { printLetter } from './letter.js';

// The two documents of the demonstration. People and numbers are invented; offices are those of the
// seed.

const dateLine = (place: string, day: string) => {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const two = (value: number) => String(value).padStart(2, '0');
  return `${place}, ngày ${two(date)} tháng ${month < 3 ? two(month) : month} năm ${year}`;
};

/** The official letter that asks the ward to report. */
export function requestForReport(day: string): Promise<Buffer> {
  return printLetter({
    parent: 'UBND tỉnh Lâm Đồng',
    agency: 'Sở Khoa học và Công nghệ',
    reference: '1042/SKHCN-CĐS',
    dateLine: dateLine('Lâm Đồng', day),
    abstract: 'báo cáo hiện trạng ứng dụng công nghệ thông tin',
    to: ['Ủy ban nhân dân phường 1 Bảo Lộc'],
    paragraphs: [
      'Thực hiện chương trình công tác năm, Sở Khoa học và Công nghệ tổ chức đoàn công tác tìm hiểu hiện trạng ứng dụng công nghệ thông tin tại các phường của Bảo Lộc và các xã phía Nam tỉnh.',
      'Để chuẩn bị nội dung làm việc, đề nghị Ủy ban nhân dân phường báo cáo việc sử dụng hộp thư điện tử công vụ, rà soát chữ ký số còn thiếu của cơ quan và cá nhân, hoạt động của trang thông tin điện tử và văn phòng điện tử.',
      'Báo cáo gửi về Sở trước ngày đoàn đến làm việc.',
    ],
    signer: { position: 'KT. Giám đốc\nPhó Giám đốc', name: 'Phan Đức Dũng' },
    recipients: ['Như trên', 'Lưu: VT, CĐS'],
  });
}

/** The ward's answer as it is drafted: number and date are given when it is issued. */
export function report(share: number, signer: string): Promise<Buffer> {
  return printLetter({
    agency: 'Ủy ban nhân dân phường 1 Bảo Lộc',
    reference: '      /BC-UBND',
    dateLine: 'Phường 1 Bảo Lộc, ngày       tháng       năm',
    title: 'Báo cáo',
    abstract: 'Hiện trạng ứng dụng công nghệ thông tin tại phường 1 Bảo Lộc',
    paragraphs: [
      'Thực hiện Công văn số 1042/SKHCN-CĐS, Ủy ban nhân dân phường 1 Bảo Lộc báo cáo như sau:',
      `Cán bộ, công chức có hộp thư điện tử công vụ đạt ${share} phần trăm; không còn dùng thư điện tử của nhà cung cấp tư nhân trong công việc.`,
      'Phường đã rà soát và đăng ký chữ ký số cho người có thẩm quyền ký; trang thông tin điện tử đăng đủ các mục theo quy định.',
    ],
    signer: { position: 'Chủ tịch', name: signer },
    recipients: ['Sở Khoa học và Công nghệ', 'Lưu: VT, KT'],
  });
}
