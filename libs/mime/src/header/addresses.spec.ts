import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { field } from '../testing/reading.js';
import { parseMessage } from '../parse-message.js';
import { headerAs } from './forms.js';
import { addressesOf } from './policy-addresses.js';

const inOne = (value: string) =>
  headerAs(field(value), 'Addresses')
    .map(({ name, email }) => (name === null ? email : `${name} | ${email}`))
    .join(' ; ');

describe('An address list', () => {
  it.each([
    // RFC 5322, appendix A.
    ['John Doe <jdoe@machine.example>', 'John Doe | jdoe@machine.example'],
    ['"Joe Q. Public" <john.q.public@example.com>', 'Joe Q. Public | john.q.public@example.com'],
    [
      'Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>',
      'Mary Smith | mary@x.test ; jdoe@example.org ; Who? | one@y.test',
    ],
    [
      '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
      'boss@nil.test ; Giant; "Big" Box | sysservices@example.net',
    ],
    [
      'A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;',
      'Ed Jones | c@a.test ; joe@where.test ; John | jdoe@one.test',
    ],
    ['Undisclosed recipients:;', ''],
    ['Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>', 'Pete | pete@silly.test'],
    [
      "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n   joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
      'Chris Jones | c@public.example ; joe@example.org ; John | jdoe@one.test',
    ],
    ['(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;', ''],
    ['Joe Q. Public <john.q.public@example.com>', 'Joe Q. Public | john.q.public@example.com'],
    [
      'Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example',
      'Mary Smith | mary@example.net ; jdoe@test.example',
    ],
    ['John Doe <jdoe@machine(comment).  example>', 'John Doe | jdoe@machine.example'],
    ['Mary Smith\r\n   \r\n\t<mary@example.net>', 'Mary Smith | mary@example.net'],
    // RFC 8621, 4.1.2.3.
    [
      '"  James Smythe" <james@example.com>, Friends:\r\n  jane@example.com, =?UTF-8?Q?John_Sm=C3=AEth?=\r\n <john@example.com>;',
      'James Smythe | james@example.com ; jane@example.com ; John Smîth | john@example.com',
    ],
    // A comment after the address is the name where there is none.
    ['an@x.vn (Nguyễn Văn An)', 'Nguyễn Văn An | an@x.vn'],
    ['<an@x.vn> (=?utf-8?q?B=C3=ACnh?=)', 'Bình | an@x.vn'],
    // Encoded words in quotes.
    ['"=?utf-8?b?Tmd1eeG7hW4=?= =?utf-8?q?_An?=" <an@x.vn>', 'Nguyễn An | an@x.vn'],
    ['"=?utf-8?q?a?= b" <an@x.vn>', 'a b | an@x.vn'],
    ['=?utf-8?q?Bình,_An?= <an@x.vn>', 'Bình, An | an@x.vn'],
    // Local parts in quotes, literals, letters of RFC 6532.
    [
      '"a b"@x.vn, "ab"@x.vn, c@[10.0.0.1], đ@công.vn',
      '"a b"@x.vn ; ab@x.vn ; c@[10.0.0.1] ; đ@công.vn',
    ],
    // What is no address list at all.
    ['Nguyen Van An an@x.vn', 'Nguyen Van An | an@x.vn'],
    ['an@x.vn; binh@y.vn', 'an@x.vn ; binh@y.vn'],
    ['an@x.vn>', 'an@x.vn'],
    ['<<an@x.vn>>', 'an@x.vn'],
    ['An <an@x.vn, Binh <binh@y.vn>', 'An | an@x.vn ; Binh | binh@y.vn'],
    ['An <an@x.vn> <binh@y.vn>', 'An | an@x.vn ; binh@y.vn'],
    ['<mailto:an@x.vn>', 'an@x.vn'],
    ['nobody', 'nobody'],
    ['An <>', 'An | '],
    ['"never ends <an@x.vn>', 'never ends <an@x.vn>'],
    ['', ''],
  ])('%j', (value, expected) => {
    expect(inOne(value)).toBe(expected);
  });

  it('keeps groups, and null for those outside (RFC 8621, 4.1.2.4)', () => {
    const value = 'a@x, b@x, Nhóm: c@x;, d@x, Trống:;';
    expect(headerAs(field(value), 'GroupedAddresses')).toEqual([
      {
        name: null,
        addresses: [
          { name: null, email: 'a@x' },
          { name: null, email: 'b@x' },
        ],
      },
      { name: 'Nhóm', addresses: [{ name: null, email: 'c@x' }] },
      { name: null, addresses: [{ name: null, email: 'd@x' }] },
      { name: 'Trống', addresses: [] },
    ]);
  });
});

describe('The addresses that rules look at', () => {
  const found = (...values: string[]) => {
    const fields = values.map((value) => `From:${value}\r\n`).join('');
    const { header } = parseMessage(Buffer.from(`${fields}To: z@z.vn\r\n\r\n`));
    return addressesOf(header, ['from']);
  };
  const places = (...values: string[]) =>
    found(...values).addresses.map(
      ({ place, localPart, domain }) => `${place} ${localPart}@${domain}`,
    );

  it.each<[what: string, value: string, places: string[]]>([
    ['one mailbox', 'An <An@GMAIL.com.>', ['mailbox An@gmail.com']],
    [
      'a name that says otherwise',
      '"vt@lamdong.gov.vn" <x@gmail.com>',
      ['mailbox x@gmail.com', 'hidden vt@lamdong.gov.vn'],
    ],
    ['a comment', 'vt@x.gov.vn (x@gmail.com)', ['mailbox vt@x.gov.vn', 'hidden x@gmail.com']],
    ['a route', '<@gmail.com,@b.vn:vt@x.gov.vn>', ['mailbox vt@x.gov.vn']],
    [
      'an encoded word',
      '=?utf-8?q?x=40gmail.com?= <vt@x.gov.vn>',
      ['mailbox vt@x.gov.vn', 'hidden x@gmail.com'],
    ],
    [
      'an encoded word in pieces of a name',
      '"a=?utf-8?b?eEBnbWFpbC5jb20=?=" <vt@x.gov.vn>',
      ['mailbox vt@x.gov.vn', 'hidden ax@gmail.com'],
    ],
    [
      'a local part in quotes',
      '"x@gmail.com"@x.gov.vn',
      ['mailbox "x@gmail.com"@x.gov.vn', 'hidden x@gmail.com'],
    ],
    [
      'an @ that only looks like one',
      '"x＠gmail．com" <vt@x.gov.vn>',
      ['mailbox vt@x.gov.vn', 'hidden x@gmail.com'],
    ],
    ['letters of other widths', 'x@ｇｍａｉｌ.com', ['mailbox x@gmail.com']],
    ['a domain in letters of its own', 'x@Công.vn', ['mailbox x@xn--cng-kna.vn']],
    ['two brackets', '<vt@x.gov.vn> <x@gmail.com>', ['mailbox vt@x.gov.vn', 'mailbox x@gmail.com']],
    [
      'a bracket that never closes',
      'vt <vt@x.gov.vn x@gmail.com',
      ['mailbox vt@x.gov.vnx@gmail.com', 'hidden vt@x.gov.vn', 'hidden x@gmail.com'],
    ],
    [
      'quotes that never close',
      '"vt <x@gmail.com>',
      ['mailbox vt <x@gmail.com>', 'hidden x@gmail.com'],
    ],
    [
      'more than one @',
      'vt@x.gov.vn@gmail.com',
      ['mailbox vt@x.gov.vn', 'hidden x.gov.vn@gmail.com'],
    ],
  ])('%s', (_, value, expected) => {
    expect(places(value)).toEqual(expected);
  });

  it('are those of every field of the name', () => {
    expect(places('a@x.vn', 'b@gmail.com')).toEqual(['mailbox a@x.vn', 'mailbox b@gmail.com']);
  });

  it.each<[value: string, complete: boolean]>([
    ['An <a@x.vn>, (c) Nhóm: b@x.vn;', true],
    ['', true],
    ['nobody', false],
    ['An <a@x.vn', false],
    ['"a@x.vn', false],
    ['a@x.vn b', false],
    ['<a@x.vn> b', false],
    [`a@x.vn,${'b@x.vn,'.repeat(20_000)}`, false],
  ])('are never complete where something was left over: %.20j', (value, complete) => {
    expect(found(value).complete).toBe(complete);
  });

  it('are found wherever the syntax around them hides them', () => {
    const syntax = fc.array(
      fc.constantFrom(...'"(<>),;:[]\\ @', '\r\n ', 'An ', 'vt@x.gov.vn ', '=?utf-8?q?'),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(syntax, syntax, (before, after) => {
        const value = `${before.join('')} x@gmail.com ${after.join('')}`;
        const domains = found(value).addresses.map(({ domain }) => domain);
        expect(domains).toContain('gmail.com');
      }),
      { numRuns: 500 },
    );
  });
});
