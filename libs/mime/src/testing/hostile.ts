const crlf = '\r\n';
const lines = (...all: string[]) => `${all.join(crlf)}${crlf}`;
const mixed = lines('From: a@b.vn', 'Content-Type: multipart/mixed; boundary=b', '');

function nested(depth: number): string {
  let text = '';
  for (let level = 0; level < depth; level++) {
    text += lines(`Content-Type: multipart/mixed; boundary=b${level}`, '', `--b${level}`);
  }
  return text + lines('', 'the core');
}

/** Messages made to cost as much as they can, by what they have too much of. */
export const hostileMessages: Record<string, () => string> = {
  'fifty thousand parts': () => mixed + lines('--b', '', 'x').repeat(50_000),
  'fifty thousand parts with headers': () =>
    mixed + lines('--b', 'Content-Type: text/plain; charset=utf-8', '', 'x').repeat(50_000),
  'multiparts ten thousand deep': () => nested(10_000),
  'multiparts of one boundary ten thousand deep': () =>
    lines('Content-Type: multipart/mixed; boundary=b', '', '--b').repeat(10_000),
  'a hundred open boundaries and two million lines like them': () =>
    nested(100) + '--b\n'.repeat(2_000_000),
  'two million lines that begin like a boundary': () => mixed + '\n--bx'.repeat(2_000_000),
  'a hundred thousand addresses': () =>
    `To: ${'"Ông, A" <nguyen.van.a@lamdong.gov.vn>,\r\n '.repeat(100_000)}x@y.vn\r\n\r\nx`,
  'a hundred thousand groups': () => `To: ${'a:;'.repeat(100_000)}\r\n\r\nx`,
  'a million brackets': () => `From: ${'<'.repeat(500_000)}${'(@,'.repeat(170_000)}\r\n\r\nx`,
  'a million colons after an address': () => `From: a@b${':'.repeat(1_000_000)}\r\n\r\nx`,
  'two hundred thousand header fields': () => `${'X-A: b\r\n'.repeat(200_000)}\r\nx`,
  'one field of ten megabytes': () => `Subject: ${'a '.repeat(5_000_000)}\r\n\r\nx`,
  'one line of ten megabytes': () => `Subject: x\r\n\r\n${'a'.repeat(10_000_000)}`,
  'a hundred thousand encoded words of unknown charsets': () =>
    `Subject: ${Array.from({ length: 60_000 }, (_, n) => `=?iso-8859-x${n}?q?a?=`).join(' ')}\r\n\r\nx`,
  'encoded words that never end': () => `Subject: ${'=?utf-8?q?a'.repeat(150_000)}\r\n\r\nx`,
  'a hundred thousand parameters': () =>
    `Content-Type: text/plain${'; a="b" (c)'.repeat(100_000)}${'; n*1="x"'.repeat(60_000)}\r\n\r\nx`,
  'comments without end': () => `Content-Type: text/plain ${'(a) '.repeat(400_000)}\r\n\r\nx`,
  'html of nothing but open tags': () =>
    `Content-Type: text/html\r\n\r\n${'<script></scrip'.repeat(400_000)}${'<a '.repeat(1_000_000)}`,
  'quoted-printable of nothing but white space': () =>
    `Content-Transfer-Encoding: quoted-printable\r\n\r\n${`=${' '.repeat(500)}`.repeat(20_000)}`,
  'base64 of nothing but padding': () =>
    `Content-Transfer-Encoding: base64\r\n\r\n${'QQ==\r\n'.repeat(1_000_000)}`,
  'an attachment of twenty-five megabytes': () =>
    mixed +
    lines('--b', 'Content-Type: application/pdf', 'Content-Transfer-Encoding: base64', '') +
    `${'QUJD'.repeat(19)}\r\n`.repeat(336_000) +
    lines('--b--'),
};
