import { describe, expect, it } from '@jest/globals';
import { parseMessage } from '../parse-message.js';
import { allParts, message } from '../testing/reading.js';

const mixed = (...lines: string[]) =>
  message('Content-Type: multipart/mixed; boundary="b"', '', ...lines);
const bodies = (octets: Buffer) =>
  allParts(parseMessage(octets).root)
    .filter(({ subParts }) => !subParts)
    .map(({ start, end }) => octets.toString('latin1', start, end));

describe('A header', () => {
  const headerOf = (...lines: string[]) => {
    const { header, defects, root } = parseMessage(message(...lines));
    return { fields: header.map(({ name, raw }) => [name, raw]), defects, start: root.start };
  };

  it('keeps folds as they came, and lines of white space with them', () => {
    expect(headerOf('A: b', ' c', '\t', '  d', 'E:f', '', 'x').fields).toEqual([
      ['A', ' b\r\n c\r\n\t\r\n  d'],
      ['E', 'f'],
    ]);
  });

  it('allows white space before the colon (RFC 5322, 4.5)', () => {
    expect(headerOf('Subject \t: x', '', '').fields).toEqual([['Subject', ' x']]);
  });

  it('passes over lines without a colon, and the line of an mbox', () => {
    const { fields, defects } = headerOf(
      'From a@b Mon Jan 1',
      'A: b',
      'no field',
      ' fold',
      'C: d',
      '',
      '',
    );
    expect(fields).toEqual([
      ['A', ' b'],
      ['C', ' d'],
    ]);
    expect(defects).toEqual(['mbox-from-line', 'line-without-colon']);
  });

  it('ends where its empty line was forgotten, so that nothing is hidden', () => {
    const octets = mixed('--b', 'Content-Type: text/plain', 'bar', '', 'baz', '--b--');
    expect(bodies(octets)).toEqual(['bar\r\n\r\nbaz']);
    expect(parseMessage(octets).defects).toEqual(['empty-line-missing']);
  });

  it('is missing where the first line is no field', () => {
    expect(bodies(message('Hello there', 'A: b', '', 'x'))).toEqual([
      'Hello there\r\nA: b\r\n\r\nx',
    ]);
    expect(bodies(message('', 'A: b'))).toEqual(['A: b']);
  });

  it('drops NUL, and shows what is no UTF-8 as U+FFFD and in the charset of the text', () => {
    const octets = Buffer.concat([
      Buffer.from(
        'Subject: Ti\xea\xecng\0\r\nContent-Type: text/plain; charset=windows-1258\r\n\r\n',
        'latin1',
      ),
    ]);
    const { header, defects } = parseMessage(octets);
    expect(header[0]!.raw).toBe(' Ti\ufffd\ufffdng');
    expect(header[0]!.legacy).toBe(' Tiếng');
    expect(defects).toEqual(['octets-not-utf8']);
    const utf8 = parseMessage(Buffer.from('Subject: Tiếng\r\n\r\n'));
    expect(utf8.header[0]).toMatchObject({ raw: ' Tiếng' });
    expect(utf8.header[0]!.legacy).toBeUndefined();
  });
});
