import { composeMessage } from '../compose-message.js';

/** A letter as an office sends it: Vietnamese text and HTML, and a PDF of 13 KB; 24 KB in all. */
export function ordinaryMessage(): Buffer {
  const sentence = 'Căn cứ Quyết định số 43 của Ủy ban nhân dân tỉnh, đề nghị các sở báo cáo. ';
  const trace = (n: number) =>
    `from mx${n}.lamdong.gov.vn (mx${n}.lamdong.gov.vn [10.0.0.${n}])\r\n\tby mail.lamdong.gov.vn with ESMTPS id ${n}; Tue, 24 Nov 2026 09:0${n}:00 +0700`;
  return composeMessage(
    {
      from: [{ name: 'Nguyễn Văn An', email: 'an.nguyen@lamdong.gov.vn' }],
      to: [
        { name: 'Trần Thị Bình', email: 'binh.tran@lamdong.gov.vn' },
        { name: 'Sở Nội vụ', email: 'snv@lamdong.gov.vn' },
      ],
      cc: [{ name: 'Văn thư', email: 'vanthu@lamdong.gov.vn' }],
      subject: 'Về việc báo cáo tình hình sử dụng hộp thư điện tử công vụ quý IV năm 2026',
      references: ['1@lamdong.gov.vn', '2@lamdong.gov.vn'],
      inReplyTo: ['2@lamdong.gov.vn'],
      'header:Received:all': [1, 2, 3].map(trace),
      'header:List-Unsubscribe:asURLs': ['mailto:roi@lamdong.gov.vn', 'https://lamdong.gov.vn/roi'],
      'header:X-Mailer:asText': 'eOffice',
      textBody: [{ partId: 'text' }],
      htmlBody: [{ partId: 'html' }],
      attachments: [{ blobId: 'pdf', type: 'application/pdf', name: 'Báo cáo quý IV.pdf' }],
      bodyValues: {
        text: { value: `${sentence.repeat(12)}\n` },
        html: { value: `<html><body>${`<p>${sentence}</p>\n`.repeat(20)}</body></html>` },
      },
    },
    {
      blobs: new Map([['pdf', Buffer.alloc(13_000, 'eOffice')]]),
      messageId: '3@lamdong.gov.vn',
      date: '2026-11-24T09:00:00+07:00',
    },
  );
}
