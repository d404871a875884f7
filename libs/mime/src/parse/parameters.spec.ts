import { describe, expect, it } from '@jest/globals';
import { fileNameOf, readParameterised } from './parameters.js';

const parametersOf = (raw: string) => Object.fromEntries(readParameterised(raw).parameters);

describe('Parameters', () => {
  it.each<[raw: string, parameters: Record<string, string>]>([
    // RFC 2045, 5.1.
    ['text/plain; charset=us-ascii (Plain text)', { charset: 'us-ascii' }],
    ['text/plain; charset="us-ascii"', { charset: 'us-ascii' }],
    // RFC 2231, 3 and 4.
    [
      'message/external-body; access-type=URL;\r\n URL*0="ftp://";\r\n URL*1="cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"',
      { 'access-type': 'URL', url: 'ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar' },
    ],
    [
      "application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
      { title: 'This is ***fun***' },
    ],
    [
      "application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20;\r\n title*1*=%2A%2A%2Afun%2A%2A%2A%20;\r\n title*2=\"isn't it!\"",
      { title: "This is even more ***fun*** isn't it!" },
    ],
    // Letters cut between pieces, pieces out of order, and a gap after which nothing counts.
    ["a/b; n*1*=%BB%87t; n*0*=utf-8''Vi%E1; n*3=x", { n: 'Việt' }],
    ["a/b; n*=windows-1258''Ti%EA%ECng", { n: 'Tiếng' }],
    ['a/b; n*=plain%20words', { n: 'plain words' }],
    ["a/b; n=fallback; n*=utf-8''%E1%BA%A3", { n: 'ả' }],
    // Careless writers.
    ['a/b; name=my file (1).pdf; x=y', { name: 'my file (1).pdf', x: 'y' }],
    ['a/b; name="a;b\\"c"', { name: 'a;b"c' }],
    ['a/b; name="never ends', { name: 'never ends' }],
    ['a/b; name=Báo cáo.pdf', { name: 'Báo cáo.pdf' }],
    ['a/b;; ;x ; =y; A=1; a=2;', { a: '1' }],
    ['a/b; constructor=x; __proto__=y', { constructor: 'x', ['__proto__']: 'y' }],
  ])('%j', (raw, parameters) => {
    expect(parametersOf(raw)).toEqual(parameters);
  });

  it('leave the value before them free of comments', () => {
    expect(readParameterised(' (a (b) \\) c) text (d)/ plain (e); x=y').value).toBe('text / plain');
  });

  it('give names of files also in encoded words', () => {
    const { parameters } = readParameterised(
      'a/b; name="=?utf-8?q?Tie=CC=82=CC=81ng?=\r\n =?utf-8?q?.pdf?="',
    );
    expect(fileNameOf(parameters, 'name')).toBe('Tiếng.pdf');
    expect(fileNameOf(parameters, 'filename')).toBeUndefined();
  });
});
