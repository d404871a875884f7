import { describe, expect, it } from '@jest/globals';
import { bodiesOf } from './bodies.js';
import { type EmailInput, composeMessage } from './compose-message.js';
import { contentOf, textOf } from './content/content.js';
import { headerAs, type HeaderForm } from './header/forms.js';
import { parseMessage } from './parse-message.js';
import { outline } from './testing/reading.js';

const pdf = Buffer.from('%PDF-1.7\n\u0000\u00ff', 'latin1');
const composing = {
  blobs: new Map([
    ['pdf', pdf],
    ['eml', Buffer.from('Subject: within\r\n\r\nwords\r\n')],
    ['eml8', Buffer.from('Subject: within\r\n\r\nchữ\r\n')],
    ['torn', Buffer.from('Subject: within\n\nbare')],
  ]),
  messageId: '1@lamdong.gov.vn',
  date: '2026-11-24T09:00:00+07:00',
};
const compose = (email: EmailInput) => composeMessage(email, composing);
const headerOf = (email: EmailInput) => {
  const text = compose(email).toString();
  return text.slice(0, text.indexOf('\r\n\r\n'));
};

function readField(email: EmailInput, name: string, form: HeaderForm): unknown {
  const found = parseMessage(compose(email)).header.find((each) => each.name === name);
  return found && headerAs(found, form);
}

describe('A header', () => {
  it('has what whoever composes gives, in the order a reader expects', () => {
    expect(headerOf({ from: [{ name: 'An', email: 'an@x.vn' }], subject: 'Chao' })).toBe(
      [
        'Date: Tue, 24 Nov 2026 09:00:00 +0700',
        'From: An <an@x.vn>',
        'Subject: Chao',
        'Message-ID: <1@lamdong.gov.vn>',
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
      ].join('\r\n'),
    );
  });

  it('takes a date and an id of its own, whichever way they are given', () => {
    const header = headerOf({
      sentAt: '2026-01-02T03:04:05Z',
      'header:Message-ID:asMessageIds': ['2@x'],
    });
    expect(header).toContain('Date: Fri, 2 Jan 2026 03:04:05 +0000\r\nMessage-ID: <2@x>');
  });

  it('is ASCII, in lines of at most 78 characters, whatever it says', () => {
    const subject = 'Về việc báo cáo tình hình sử dụng hộp thư điện tử công vụ '.repeat(10).trim();
    const to = Array.from({ length: 50 }, (_, n) => ({
      name: `Nguyễn Văn ${n}`,
      email: `a${n}@x.vn`,
    }));
    const email: EmailInput = { subject, to, references: to.map(({ email }) => email) };
    for (const line of headerOf(email).split('\r\n')) expect(line).toMatch(/^[\x20-\x7e]{1,78}$/);
    expect(readField(email, 'Subject', 'Text')).toBe(subject);
    expect(readField(email, 'To', 'Addresses')).toEqual(to);
  });

  it.each<[property: string, form: HeaderForm, value: unknown]>([
    ['header:X-A:asText', 'Text', 'a  b =?utf-8?q?c?= đ'],
    ['header:X-A:asText', 'Text', 'x'.repeat(3000)],
    ['header:X-A:asRaw', 'Raw', ' a\r\n b'],
    ['header:X-A', 'Raw', 'a'],
    ['header:X-A:asDate', 'Date', '1999-12-31T23:59:59-03:30'],
    ['header:X-A:asURLs', 'URLs', ['http://a/', 'mailto:b@c']],
    ['header:X-A:asMessageIds', 'MessageIds', ['1@a', '"b"@c']],
    [
      'header:X-A:asGroupedAddresses',
      'GroupedAddresses',
      [
        { name: null, addresses: [{ name: 'Bình, "An"', email: '"b c"@x.vn' }] },
        { name: 'Nhóm', addresses: [{ name: null, email: 'c@x.vn' }] },
        { name: 'Trống', addresses: [] },
      ],
    ],
  ])('gives back what %s says: %#', (property, form, value) => {
    expect(readField({ [property]: value }, 'X-A', form)).toEqual(value);
  });

  it('has a field for each value of :all, and none for null', () => {
    const header = headerOf({ 'header:X-A:asText:all': ['1', '2'], 'header:X-B': null });
    expect(header).toContain('X-A: 1\r\nX-A: 2\r\n');
    expect(header).not.toContain('X-B');
  });

  it('writes a domain in A-labels where the local part is ASCII', () => {
    expect(headerOf({ to: [{ name: null, email: 'an@công.vn' }] })).toContain(
      'To: an@xn--cng-kna.vn',
    );
    expect(headerOf({ to: [{ name: null, email: 'đ@công.vn' }] })).toContain('To: đ@công.vn');
  });
});

describe('A body', () => {
  const structure = (email: EmailInput) => outline(parseMessage(compose(email)).root);
  const bodyValues = { t: { value: 'Kính gửi\ncác sở' }, h: { value: '<p>Kính gửi</p>' } };
  const attachments = [{ blobId: 'pdf', type: 'application/pdf', name: 'Báo cáo.pdf' }];
  const textBody = [{ partId: 't' }];
  const htmlBody = [{ partId: 'h' }];

  it('is made of what is shown and what is attached', () => {
    const picture = { blobId: 'pdf', type: 'image/png', cid: 'p@x' };
    expect(structure({})).toBe('text/plain');
    expect(structure({ textBody, bodyValues })).toBe('text/plain');
    expect(structure({ htmlBody, bodyValues })).toBe('text/html');
    expect(structure({ textBody, htmlBody, bodyValues })).toBe('alternative(text/plain text/html)');
    expect(structure({ attachments })).toBe('application/pdf');
    expect(
      structure({ textBody, htmlBody, bodyValues, attachments: [picture, ...attachments] }),
    ).toBe('mixed(alternative(text/plain related(text/html image/png)) application/pdf)');
  });

  it('is read again as it was given', () => {
    const octets = compose({ textBody, htmlBody, bodyValues, attachments });
    const bodies = bodiesOf(parseMessage(octets));
    expect(textOf(octets, bodies.textBody[0]!).value).toBe('Kính gửi\ncác sở');
    expect(textOf(octets, bodies.htmlBody[0]!).value).toBe('<p>Kính gửi</p>');
    const [attached] = bodies.attachments;
    expect(attached).toMatchObject({ name: 'Báo cáo.pdf', disposition: 'attachment' });
    expect(contentOf(octets, attached!).equals(pdf)).toBe(true);
  });

  it('takes a structure as it is', () => {
    const bodyStructure = {
      type: 'multipart/mixed',
      'header:X-Root:asText': 'gốc',
      subParts: [
        {
          partId: 't',
          language: ['vi'],
          location: 'http://a/',
          cid: 'c@x',
          'header:X-A:asText': 'đ',
        },
        { type: 'multipart/digest', subParts: [{ blobId: 'eml', type: 'message/rfc822' }] },
      ],
    };
    const octets = compose({ bodyStructure, bodyValues });
    const { root, header } = parseMessage(octets);
    expect(outline(root)).toBe('mixed(text/plain digest(message/rfc822))');
    expect(root.subParts![0]).toMatchObject({
      language: ['vi'],
      location: 'http://a/',
      cid: 'c@x',
    });
    expect(
      headerAs(
        header.find(({ name }) => name === 'X-Root')!,
        'Text',
      ),
    ).toBe('gốc');
    expect(headerAs(root.subParts![0]!.header.at(-1)!, 'Text')).toBe('đ');
  });

  it.each([
    ['eml', '7bit'],
    ['eml8', '8bit'],
    ['torn', 'base64'],
  ])('carries a message within it unencoded if it can: %s', (blobId, encoding) => {
    const octets = compose({ attachments: [{ blobId, type: 'message/rfc822' }] });
    const { root } = parseMessage(octets);
    expect(root.encoding).toBe(encoding);
    expect(contentOf(octets, root).equals(composing.blobs.get(blobId)!)).toBe(true);
  });

  it.each([
    ['plain words\n', '7bit'],
    ['From here\n', 'quoted-printable'],
    ['white space at the end \n', 'quoted-printable'],
    [`${'x'.repeat(2000)}\n`, 'quoted-printable'],
    [`${'plain words '.repeat(5)}ạ\n`, 'quoted-printable'],
    ['Ủy ban nhân dân tỉnh Lâm Đồng đề nghị\n', 'base64'],
    ['\0\n', 'base64'],
  ])('of text, case %#, goes as it should', (value, encoding) => {
    const octets = compose({ textBody, bodyValues: { t: { value } } });
    const { root } = parseMessage(octets);
    expect(root.encoding).toBe(encoding);
    expect(textOf(octets, root)).toEqual({ value, isEncodingProblem: false });
    for (const line of octets.toString().split('\r\n'))
      expect(line).toMatch(/^[\t\x20-\x7e]{0,78}$/);
  });
});
