import { describe, expect, it } from '@jest/globals';
import { parseMessage } from './parse-message.js';
import { allParts, message, outline } from './testing/reading.js';

const mixed = (...lines: string[]) =>
  message('Content-Type: multipart/mixed; boundary="b"', '', ...lines);
const bodies = (octets: Buffer) =>
  allParts(parseMessage(octets).root)
    .filter(({ subParts }) => !subParts)
    .map(({ start, end }) => octets.toString('latin1', start, end));

describe('A message as RFC 2046, 5.1.1, has it', () => {
  const octets = message(
    'From: Nathaniel Borenstein <nsb@bellcore.com>',
    'MIME-Version: 1.0',
    'Content-type: multipart/mixed; boundary="simple boundary"',
    '',
    'This is the preamble.  It is to be ignored, though it',
    'is a handy place for composition agents to include an',
    'explanatory note to non-MIME conformant readers.',
    '',
    '--simple boundary',
    '',
    'This is implicitly typed plain US-ASCII text.',
    'It does NOT end with a linebreak.',
    '--simple boundary',
    'Content-type: text/plain; charset=us-ascii',
    '',
    'This is explicitly typed plain US-ASCII text.',
    'It DOES end with a linebreak.',
    '',
    '--simple boundary--',
    '',
    'This is the epilogue.  It is also to be ignored.',
  );

  it('has the parts with exactly the octets they have', () => {
    expect(bodies(octets)).toEqual([
      'This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.',
      'This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n',
    ]);
    expect(parseMessage(octets).defects).toEqual([]);
  });

  it('reads the same with lines ended by LF alone', () => {
    const bare = Buffer.from(octets.toString().replaceAll('\r\n', '\n'));
    expect(bodies(bare)[1]).toBe(
      'This is explicitly typed plain US-ASCII text.\nIt DOES end with a linebreak.\n',
    );
  });

  it('says where each field lies', () => {
    const { header } = parseMessage(octets);
    const { start, valueStart, end, name, raw } = header[1]!;
    expect(octets.toString('latin1', start, end)).toBe('MIME-Version: 1.0');
    expect(octets.toString('latin1', valueStart, end)).toBe(raw);
    expect([name, raw]).toEqual(['MIME-Version', ' 1.0']);
  });
});

describe('Beyond the limits', () => {
  it('the rest is one opaque leaf, and a defect says so', () => {
    const octets = mixed('--b', '', 'x', '--b', '', 'y', '--b', '', 'z', '--b--');
    const { root, defects } = parseMessage(octets, { parts: 3 });
    expect(outline(root)).toBe('mixed(text/plain text/plain application/octet-stream)');
    expect(defects).toContain('too-many-parts');
    const rest = root.subParts![2]!;
    expect(octets.toString('latin1', rest.start, rest.end)).toBe('\r\nz\r\n--b--');
  });

  it('a multipart too deep is a leaf', () => {
    const octets = mixed(
      '--b',
      'Content-Type: multipart/mixed; boundary=c',
      '',
      '--c',
      '',
      'x',
      '--c--',
      '--b',
      '',
      'y',
      '--b--',
    );
    const { root, defects } = parseMessage(octets, { depth: 1 });
    expect(outline(root)).toBe('mixed(application/octet-stream text/plain)');
    expect(defects).toEqual(['too-deep']);
  });

  it('fields are left out, and the value that crosses the limit is cut', () => {
    const octets = message('A: b', 'C: defgh', 'E: f', '', 'x');
    const few = parseMessage(octets, { headerFields: 1 });
    expect(few.header.map(({ name }) => name)).toEqual(['A']);
    expect(few.defects).toEqual(['too-many-header-fields']);
    const short = parseMessage(octets, { headerOctets: 9 });
    expect(short.header.map(({ raw }) => raw)).toEqual([' b', ' de']);
    expect(short.defects).toEqual(['header-too-large']);
    expect(octets.toString('latin1', short.root.start)).toBe('x');
  });
});
