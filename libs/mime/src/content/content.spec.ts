import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { bodiesOf } from '../bodies.js';
import { parseMessage } from '../parse-message.js';
import { message } from '../testing/reading.js';
import { contentHashOf, contentOf, textOf } from './content.js';
import { previewOf } from './preview.js';

function decoded(encoding: string, ...lines: string[]): string {
  const octets = message(`Content-Transfer-Encoding: ${encoding}`, '', ...lines);
  return contentOf(octets, parseMessage(octets).root).toString('latin1');
}

describe('Content', () => {
  it.each<[encoding: string, written: string, content: string]>([
    [
      'quoted-printable',
      "Now's the time =\r\nfor all folk to come=\r\n to the aid.",
      "Now's the time for all folk to come to the aid.",
    ],
    ['quoted-printable', 'a=3D=3d \t\r\nb =20\r\n', 'a==\r\nb  \r\n'],
    ['quoted-printable', 'a= \t\r\nb=\nc=', 'abc'],
    ['quoted-printable', '=ZZ =1 =', '=ZZ =1 '],
    ['quoted-printable ', 'a=\r\n=\r\nb', 'ab'],
    ['Base64', 'QUJD\r\nREVG\r\n', 'ABCDEF'],
    ['base64 (what)', 'QUI=\r\nQw==', 'ABC'],
    ['base64', 'Q!U*J D-', 'ABC'],
    ['base64', 'QQ', 'A'],
    ['8bit', 'a=3D', 'a=3D'],
    ['x-uuencode', 'a=3D', 'a=3D'],
  ])('of %s: %j', (encoding, written, content) => {
    expect(decoded(encoding, written)).toBe(content);
  });

  it('is not copied where it is not encoded, and is named by its hash', () => {
    const octets = message('A: b', '', 'words');
    const { root } = parseMessage(octets);
    expect(contentOf(octets, root).buffer).toBe(octets.buffer);
    expect(contentHashOf(octets, root)).toBe(createHash('sha256').update('words').digest('hex'));
  });
});

describe('Text', () => {
  const read = (charset: string, octets: Buffer, encoding = '8bit') => {
    const head = `Content-Type: text/plain${charset && `; charset=${charset}`}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
    const all = Buffer.concat([Buffer.from(head), octets]);
    return textOf(all, parseMessage(all).root);
  };
  const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');

  it.each<[charset: string, octets: string, value: string]>([
    ['utf-8', '5469e1babf6e67', 'Tiếng'],
    ['UTF8', 'efbbbf61', 'a'],
    ['windows-1258', '5469 ea ec 6e67', 'Tiếng'],
    ['cp1258', '56 69 ea f2 74', 'Việt'],
    ['viscii', '5469 aa 6e67 20 56 69 ae 74', 'Tiếng Việt'],
    ['x-viet-tcvn5712', '5469 d5 6e67 20 56 69 d6 74', 'Tiếng Việt'],
    ['utf-7', '5469 2b 4872 382d 6e67', 'Tiếng'],
    ['utf-16', 'feff 0054 1ebf', 'Tế'],
    ['utf-16', 'fffe 5400 bf1e', 'Tế'],
    ['utf-16', '5400 6900', 'Ti'],
    ['gb18030', 'd6d0 81368335', '中ế'],
    ['gb2312', 'd6d0', '中'],
    ['iso-2022-jp', '1b2442 2422 1b2842', 'あ'],
    ['iso-8859-1', 'e9', 'é'],
    ['koi8-r', 'c1', 'а'],
    ['us-ascii', '61 0d0a 62 0a', 'a\nb\n'],
    ['', '61', 'a'],
    ['utf-8', '6f 31 0d 32', 'o1\r2'],
    ['utf-8', '65 cc82 cc81', 'ế'],
  ])('in %s: %s', (charset, octets, value) => {
    expect(read(charset, hex(octets))).toEqual({ value, isEncodingProblem: false });
  });

  it.each<[what: string, charset: string, octets: string, value: string]>([
    ['no UTF-8', 'utf-8', '61ff62', 'a\ufffdb'],
    ['eight bits in ASCII', 'us-ascii', 'e1babf', 'ế'],
    ['a charset nobody knows', 'x-none', '61e1babf', 'aế'],
    ['half a letter', 'gb18030', '61d6', 'a\ufffd'],
    ['half a unit', 'utf-16be', '006100', 'a\ufffd'],
    ['a name that is none', '"constructor"', '61', 'a'],
  ])('with a problem: %s', (_, charset, octets, value) => {
    expect(read(charset, hex(octets))).toEqual({ value, isEncodingProblem: true });
  });

  it('has a problem where the encoding is not known', () => {
    expect(read('utf-8', Buffer.from('a'), 'x-none').isEncodingProblem).toBe(true);
  });
});

describe('A preview', () => {
  const previewed = (...lines: string[]) => {
    const octets = message(...lines);
    return previewOf(octets, bodiesOf(parseMessage(octets)));
  };
  const html = (text: string) => previewed('Content-Type: text/html; charset=utf-8', '', text);

  it('is the first words of the text, without what is only quoted', () => {
    expect(previewed('A: b', '', '> quoted', '', 'Kinh   gui', '  cac so')).toBe('Kinh gui cac so');
    expect(previewed('A: b', '', '> quoted')).toBe('> quoted');
  });

  it('never has more than 256 characters, nor half of one', () => {
    expect(previewed('A: b', '', 'a '.repeat(1000))).toHaveLength(255);
    const faces = html('x' + '😀'.repeat(1000));
    expect(faces).toHaveLength(255);
    expect(faces.isWellFormed()).toBe(true);
  });

  it.each([
    ['<p>K&iacute;nh g&#7917;i</p><p>c&aacute;c s&#x1EDF;</p>', 'Kính gửi các sở'],
    ['<style>p { }</style><!-- x > --><script>a<b</SCRIPT >Chào<b>!</b><br>bạn', 'Chào! bạn'],
    ['a < b &amp; c &unknown; &#0; &lt;p&gt;', 'a < b & c &unknown; \ufffd <p>'],
    ['<p title=">">x', '">x'],
    ['x<script>never ends', 'x'],
    ['x<p', 'x'],
    ['a&nbsp;\u200bb&shy;c', 'a bc'],
  ])('of HTML is what its reader sees: %j', (text, expected) => {
    expect(html(text)).toBe(expected);
  });
});
