import { describe, expect, it } from '@jest/globals';
import { parseMessage } from '../parse-message.js';
import { allParts, message, outline } from '../testing/reading.js';

const mixed = (...lines: string[]) =>
  message('Content-Type: multipart/mixed; boundary="b"', '', ...lines);

describe('Parts that others wrote carelessly', () => {
  it.each<[what: string, octets: Buffer, outline: string, defects: string[]]>([
    ['no final boundary', mixed('--b', '', 'x'), 'mixed(text/plain)', ['final-boundary-missing']],
    [
      'white space after boundaries',
      mixed('--b \t', '', 'x', '--b--  ', 'y'),
      'mixed(text/plain)',
      [],
    ],
    [
      'boundaries that only begin alike',
      mixed('--b', '', '--bc', '--b-', '--b--'),
      'mixed(text/plain)',
      [],
    ],
    ['a boundary in the first line', mixed('--b', '', 'x', '--b--'), 'mixed(text/plain)', []],
    ['empty parts', mixed('--b', '--b', '', '--b--'), 'mixed(text/plain text/plain)', []],
    ['nothing within', mixed(''), 'mixed()', ['final-boundary-missing']],
    [
      'a preamble only',
      mixed('words'),
      'text/plain',
      ['final-boundary-missing', 'boundary-never-appears'],
    ],
    [
      'no boundary said, but one there',
      message('Content-Type: multipart/mixed', '', '--q', '', 'x', '--q--'),
      'mixed(text/plain)',
      ['boundary-missing'],
    ],
    [
      'an inner multipart that never ends',
      mixed(
        '--b',
        'Content-Type: multipart/alternative; boundary=c',
        '',
        '--c',
        '',
        'x',
        '--b',
        '',
        'y',
        '--b--',
      ),
      'mixed(alternative(text/plain) text/plain)',
      [],
    ],
    [
      'one boundary for two multiparts within one another',
      mixed(
        '--b',
        'Content-Type: multipart/alternative; boundary=b',
        '',
        '--b',
        '',
        'x',
        '--b--',
        '--b',
        'Content-Type: image/gif',
        '',
        'y',
        '--b--',
      ),
      'mixed(alternative(text/plain) image/gif)',
      [],
    ],
    [
      'an encoding on a multipart',
      message(
        'Content-Transfer-Encoding: base64',
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        '',
        'x',
        '--b--',
      ),
      'mixed(text/plain)',
      ['encoding-on-multipart'],
    ],
    [
      'two types',
      message('Content-Type: text/html', 'Content-Type: text/plain', '', 'x'),
      'text/html',
      ['repeated-content-type'],
    ],
    [
      'a type that is none',
      message('Content-Type: nonsense', '', 'x'),
      'application/octet-stream',
      ['content-type-unreadable'],
    ],
    [
      'the type of times before MIME',
      message('Content-Type: text', '', 'x'),
      'text/plain',
      ['content-type-unreadable'],
    ],
    [
      'an unknown encoding',
      message('Content-Transfer-Encoding: x-rot13', '', 'x'),
      'text/plain',
      ['encoding-unknown'],
    ],
    [
      'a digest',
      message(
        'Content-Type: multipart/digest; boundary=b',
        '',
        '--b',
        '',
        'From: a@b',
        '',
        'x',
        '--b',
        'Content-Type: text/plain',
        '',
        'y',
        '--b--',
      ),
      'digest(message/rfc822 text/plain)',
      [],
    ],
    [
      'a message within, which stays closed',
      mixed(
        '--b',
        'Content-Type: message/rfc822',
        '',
        'Content-Type: multipart/mixed; boundary=c',
        '',
        '--c',
        '',
        'x',
        '--c--',
        '--b--',
      ),
      'mixed(message/rfc822)',
      [],
    ],
    [
      'comments, quotes and folds in structured fields',
      message(
        'Content-Type: (a) multipart (b) / (c) MIXED (d);',
        ' boundary (e) = "b" (f)',
        '',
        '--b',
        '',
        'x',
        '--b--',
      ),
      'mixed(text/plain)',
      [],
    ],
    ['no octets at all', Buffer.alloc(0), 'text/plain', []],
  ])('%s', (_, octets, expected, defects) => {
    const parsed = parseMessage(octets);
    expect(outline(parsed.root)).toBe(expected);
    expect(parsed.defects).toEqual(defects);
  });

  it('keeps within its multipart a part that has a header only', () => {
    const { root } = parseMessage(
      mixed('--b', 'Content-Type: multipart/mixed; boundary=c', '', '--c', 'A: b', '--b--', ''),
    );
    const [inner] = root.subParts!;
    const [leaf] = inner!.subParts!;
    expect([leaf!.start, leaf!.end]).toEqual([inner!.end, inner!.end]);
  });

  it('counts leaves in the order of reading, and multiparts not at all', () => {
    const { root } = parseMessage(
      mixed(
        '--b',
        'Content-Type: multipart/alternative; boundary=c',
        '',
        '--c',
        '',
        'x',
        '--c',
        '',
        'y',
        '--c--',
        '--b',
        '',
        'z',
        '--b--',
      ),
    );
    expect(allParts(root).map(({ partId }) => partId)).toEqual([null, null, '1', '2', '3']);
  });

  it('describes a part as RFC 8621 has it', () => {
    const { root } = parseMessage(
      message(
        'Content-Type: IMAGE/PNG; name="=?utf-8?q?=E1=BA=A3nh?="',
        "Content-Disposition: Inline; filename*=utf-8'vi'%E1%BA%A3nh%20%C4%91%E1%BA%B9p.png",
        'Content-ID: <1@x> (one)',
        'Content-Language: vi, en (some)',
        'Content-Location: http://a.vn/',
        ' b.png',
        'Content-Transfer-Encoding: BASE64',
        '',
        '',
      ),
    );
    expect(root).toMatchObject({
      type: 'image/png',
      charset: null,
      disposition: 'inline',
      name: 'ảnh đẹp.png',
      cid: '1@x',
      language: ['vi', 'en'],
      location: 'http://a.vn/b.png',
      encoding: 'base64',
    });
  });
});
