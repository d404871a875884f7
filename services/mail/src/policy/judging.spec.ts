import { describe, expect, it } from '@jest/globals';
import { judgeMail, type MailFacts } from './judging.js';
import { lookAlikeOf } from './look-alike.js';
import type { Rule, Rules } from './rules.js';

const rule = (code: Rule['code'], action: Rule['action'], words: string[] = []) =>
  [code, { id: crypto.randomUUID(), code, action, words, legalBasis: 'QĐ' }] as const;
const rules: Rules = {
  rules: new Map<string, Rule>([
    rule('private-recipient', 'refuse'),
    rule('private-sender', 'refuse'),
    rule('private-forward', 'refuse'),
    rule('false-name', 'flag'),
    rule('look-alike', 'flag'),
    rule('secrecy-mark', 'refuse', ['[mật]', 'độ mật: tối mật']),
    rule('attachment-type', 'refuse', ['exe', 'docm']),
  ]),
  domains: new Map([
    ['gov.vn', 'official'],
    ['lamdong.gov.vn', 'official'],
    ['gmail.com', 'private'],
    ['googlemail.com', 'private'],
    ['yahoo.*', 'private'],
  ]),
};

const own = { where: 'From', address: 'vanthu@lamdong.gov.vn' };
const codes = (facts: Partial<MailFacts>) =>
  judgeMail({ way: 'out', senders: [own], recipients: [], ...facts }, rules).map(
    ({ code }) => code,
  );
const to = (address: string, name?: string) => [{ where: 'RCPT TO', address, name }];

describe('official mail to private providers', () => {
  it.each([
    'x@gmail.com',
    'X@GMAIL.COM',
    'x@gmail.com.',
    'x@mail.gmail.com',
    'x@googlemail.com',
    'x@yahoo.com.vn',
    'x@yahoo.co.uk',
    'x@ｇｍａｉｌ.com',
    'x@gmail。com',
    '"a@lamdong.gov.vn"@gmail.com',
    'x%lamdong.gov.vn@gmail.com',
  ])('is refused: %s', (address) => {
    expect(codes({ recipients: to(address) })).toContain('private-recipient');
  });

  it.each(['x@bao-loc.lamdong.gov.vn', 'x@yahoo.gov.vn', 'x@example.org', 'x@notgmail.com.vn'])(
    'is not what goes to %s',
    (address) => expect(codes({ recipients: to(address) })).not.toContain('private-recipient'),
  );

  it('may answer who has written in', () => {
    const recipients = to('dan@gmail.com');
    const hasWritten = (address: string) => address === 'dan@gmail.com';
    expect(codes({ recipients, hasWritten })).toEqual([]);
    expect(codes({ way: 'forward', recipients, hasWritten })).toEqual(['private-forward']);
  });

  it('is refused by any address of its sender too, whatever name it shows', () => {
    const senders = [own, { where: 'Reply-To', address: 'x@gmail.com', name: own.address }];
    expect(codes({ senders })).toEqual(['private-sender', 'false-name']);
  });
});

describe('mail from elsewhere', () => {
  it('is welcome from citizens, whoever their provider is', () => {
    const senders = [{ where: 'From', address: 'dan@gmail.com', name: 'Nguyễn Văn Dân' }];
    expect(codes({ way: 'in', senders, recipients: to('vanthu@lamdong.gov.vn') })).toEqual([]);
  });

  it('is flagged when it shows an address that is not its own', () => {
    const name = 'Văn thư vanthu@lamdong.gov.vn';
    const senders = [{ where: 'From', address: 'x@example.org', name }];
    expect(codes({ way: 'in', senders })).toEqual(['false-name']);
    const honest = [{ where: 'From', address: 'x@example.org', name: 'x@example.org' }];
    expect(codes({ way: 'in', senders: honest })).toEqual([]);
  });

  it.each([
    ['lamdong-gov.vn', 'gov.vn'],
    ['lamdong.g0v.vn', 'gov.vn'],
    ['gmail.com.example.org', 'gmail.com'],
    ['grnail.com', 'gmail.com'],
    ['gmaíl.com', 'gmail.com'],
    ['xn--gmal-nza.com', 'gmail.com'],
    ['gmаil.com', 'gmail.com'],
  ])('is flagged when %s is made to be taken for %s', (domain, meant) => {
    expect(lookAlikeOf(domain, rules.domains.keys())).toBe(meant);
  });

  it.each(['example.org', 'chinhphu.vn', 'dalat.gov.vn', 'mail.gmail.com', 'email.com'])(
    'is not when it comes from %s',
    (domain) => expect(lookAlikeOf(domain, rules.domains.keys())).toBeUndefined(),
  );
});

describe('secrets and programs', () => {
  it('are not sent by mail: marks count with their accents, words that look like them do not', () => {
    expect(codes({ subject: 'Báo cáo  [MẬT] tháng 5' })).toEqual(['secrecy-mark']);
    expect(codes({ subject: 'Báo cáo [mật]' })).toEqual(['secrecy-mark']);
    expect(codes({ text: 'ĐỘ MẬT:\n TỐI MẬT' })).toEqual(['secrecy-mark']);
    expect(codes({ subject: 'Chống nóng, cho mát; bảo mật thông tin' })).toEqual([]);
  });

  it('are known by the last ending of their name', () => {
    const fileNames = ['a.pdf', 'bao-cao.pdf.exe', 'b.EXE .', 'c.docm', 'exe'];
    expect(codes({ fileNames })).toEqual(Array(3).fill('attachment-type'));
  });
});
