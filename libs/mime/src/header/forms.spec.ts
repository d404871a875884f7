import { describe, expect, it } from '@jest/globals';
import { field } from '../testing/reading.js';
import { allowsForm, readHeaderProperty } from './allowed-forms.js';
import { headerAs } from './forms.js';

describe('The text of a field', () => {
  const textOf = (value: string) => headerAs(field(value), 'Text');

  it.each([
    // RFC 2047, 8, as the unstructured text it is displayed as.
    ['=?ISO-8859-1?Q?a?=', 'a'],
    ['=?ISO-8859-1?Q?a?= b', 'a b'],
    ['=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=', 'ab'],
    ['=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=', 'ab'],
    ['=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=', 'ab'],
    ['=?ISO-8859-1?Q?a_b?=', 'a b'],
    ['=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=', 'a b'],
    ['=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>', 'Keith Moore <moore@cs.utk.edu>'],
    ['=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=', 'Keld Jørn Simonsen'],
    [
      '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=',
      'If you can read this you understand the example.',
    ],
    // RFC 2231, 5: with a language.
    ['=?US-ASCII*EN?Q?Keith_Moore?=', 'Keith Moore'],
    // A letter cut in two by its writer: ế is E1 BA BF.
    ['=?utf-8?b?4bo=?= =?utf-8?b?vw==?=', 'ế'],
    ['=?windows-1258?q?Ti=EA=ECng?=', 'Tiếng'],
    // What stands in the wrong place stays as it is written.
    ['a=?utf-8?q?b?=', 'a=?utf-8?q?b?='],
    ['=?utf-8?q?a?=b', '=?utf-8?q?a?=b'],
    ['(=?utf-8?q?a?=)', '(=?utf-8?q?a?=)'],
    ['=?utf-8?q?a b?=', '=?utf-8?q?a b?='],
    // What nobody knows stays as it is written.
    ['=?x-unheard-of?q?a?= =?utf-8?x?a?=', '=?x-unheard-of?q?a?= =?utf-8?x?a?='],
    // Control characters are no part of a line, however they come in.
    ['=?utf-8?q?a=0D=0ABcc:_b=00?=', 'aBcc: b'],
    // NFC, and leading spaces gone, but folded ones kept.
    ['   Tie\u0302\u0301ng\r\n  Viê\u0323t ', 'Tiếng  Việt '],
    ['', ''],
  ])('%j reads %j', (value, expected) => {
    expect(textOf(value)).toBe(expected);
  });
});

describe('Ids of messages', () => {
  it.each<[value: string, ids: string[] | null]>([
    [' <1@a>', ['1@a']],
    [' <1@a>\r\n (no) <"x y"@[b]><2.3@c>', ['1@a', '"x y"@[b]', '2.3@c']],
    [' 1@a', null],
    [' <1@a', null],
    [' <1@a> b', null],
    [' <>', null],
    ['', null],
  ])('%j', (value, ids) => {
    expect(headerAs(field(value), 'MessageIds')).toEqual(ids);
  });
});

describe('URLs of lists', () => {
  it.each<[value: string, urls: string[] | null]>([
    [
      ' <mailto:a@b?subject=x> (Use, this), <http://c/\r\n  d>',
      ['mailto:a@b?subject=x', 'http://c/d'],
    ],
    [' NO (none)', null],
    [' http://a', null],
    [' <http://a', null],
    ['', null],
  ])('%j', (value, urls) => {
    expect(headerAs(field(value), 'URLs')).toEqual(urls);
  });
});

describe('Dates', () => {
  it.each<[value: string, date: string | null]>([
    // RFC 5322, appendix A.
    [' Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T09:55:06-06:00'],
    [
      ' Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)',
      '1969-02-13T23:32:00-03:30',
    ],
    [' 21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06Z'],
    [' Fri, 21 Nov 1997 09(comment):   55  :  06 -0600', '1997-11-21T09:55:06-06:00'],
    // RFC 8621, 4.1.2.6.
    [' Tue, 1 Jul 2003 10:52:37 +0200', '2003-07-01T10:52:37+02:00'],
    [' 1 Jan 49 0:00 EST', '2049-01-01T00:00:00-05:00'],
    [' 1 Jan 101 00:00:60 -0000', '2001-01-01T00:00:59Z'],
    [' Mon, 1 Jan 2024 00:00:00 XYZ', '2024-01-01T00:00:00Z'],
    [' 29 Feb 2023 00:00:00 +0700', null],
    [' 1 Jan 2024 24:00:00 +0700', null],
    [' 1 Jan 2024 10:00:00 +0760', null],
    [' 1 Foo 2024 10:00:00 +0700', null],
    [' 2024-01-01T00:00:00Z', null],
    ['', null],
  ])('%j', (value, date) => {
    expect(headerAs(field(value), 'Date')).toBe(date);
  });
});

describe('The forms that JMAP allows', () => {
  it('are those of RFC 8621, 4.1.2, and every form for fields it does not know', () => {
    expect(allowsForm('From', 'Addresses')).toBe(true);
    expect(allowsForm('from', 'Text')).toBe(false);
    expect(allowsForm('Received', 'Text')).toBe(false);
    expect(allowsForm('X-Any', 'Date')).toBe(true);
    expect(allowsForm('constructor', 'Date')).toBe(true);
  });

  it.each([
    ['header:Subject', { name: 'Subject', form: 'Raw', all: false }],
    ['header:X-A:asURLs:all', { name: 'X-A', form: 'URLs', all: true }],
    ['header:To:all', { name: 'To', form: 'Raw', all: true }],
    ['header:Subject:asDate', undefined],
    ['header:X-A:asNothing', undefined],
    ['header:X A', undefined],
    ['header:', undefined],
    ['subject', undefined],
  ])('are read from %j', (property, expected) => {
    expect(readHeaderProperty(property)).toEqual(expected);
  });
});
