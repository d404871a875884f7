import { describe, expect, it } from '@jest/globals';
import { bodiesOf } from './bodies.js';
import type { ParsedMessage, Part } from './message.js';
import { parseMessage } from './parse-message.js';
import { message } from './testing/reading.js';

/** A part of the picture that RFC 8621 draws: type, disposition, and the letter that names it. */
function leaf(letter: string, type: string, more: Partial<Part> = {}): Part {
  return {
    partId: letter,
    headerStart: 0,
    start: 0,
    end: 0,
    header: [],
    type,
    charset: null,
    disposition: null,
    name: null,
    cid: null,
    language: null,
    location: null,
    encoding: '7bit',
    subParts: null,
    ...more,
  };
}
const multipart = (subtype: string, ...subParts: Part[]) =>
  leaf('', `multipart/${subtype}`, { partId: null, subParts });
const inline = { disposition: 'inline' };
const attachment = { disposition: 'attachment' };

function listed(root: Part): Record<string, string> {
  const parsed: ParsedMessage = { header: [], root, size: 0, defects: [] };
  const { textBody, htmlBody, attachments } = bodiesOf(parsed);
  const letters = (parts: Part[]) => parts.map(({ partId }) => partId).join('');
  return { text: letters(textBody), html: letters(htmlBody), attached: letters(attachments) };
}

describe('The lists of RFC 8621, 4.1.4', () => {
  it('are those of its example', () => {
    const root = multipart(
      'mixed',
      leaf('A', 'text/plain', inline),
      multipart(
        'mixed',
        multipart(
          'alternative',
          multipart(
            'mixed',
            leaf('B', 'text/plain', inline),
            leaf('C', 'image/jpeg', inline),
            leaf('D', 'text/plain', inline),
          ),
          multipart('related', leaf('E', 'text/html'), leaf('F', 'image/jpeg')),
        ),
        leaf('G', 'image/jpeg', attachment),
        leaf('H', 'application/x-excel'),
        leaf('J', 'message/rfc822'),
      ),
      leaf('K', 'text/plain', inline),
    );
    expect(listed(root)).toEqual({ text: 'ABCDK', html: 'AEK', attached: 'CFGHJ' });
  });

  it.each<[what: string, root: Part, lists: Record<string, string>]>([
    ['plain text', leaf('A', 'text/plain'), { text: 'A', html: 'A', attached: '' }],
    ['HTML', leaf('A', 'text/html'), { text: 'A', html: 'A', attached: '' }],
    ['a picture', leaf('A', 'image/png'), { text: 'A', html: 'A', attached: '' }],
    ['a PDF', leaf('A', 'application/pdf'), { text: '', html: '', attached: 'A' }],
    [
      'text to download',
      leaf('A', 'text/plain', attachment),
      { text: '', html: '', attached: 'A' },
    ],
    [
      'HTML as the only alternative',
      multipart('alternative', leaf('A', 'text/html')),
      { text: 'A', html: 'A', attached: '' },
    ],
    [
      'an invitation among alternatives',
      multipart(
        'alternative',
        leaf('A', 'text/plain'),
        leaf('B', 'text/html'),
        leaf('C', 'text/calendar'),
      ),
      { text: 'A', html: 'B', attached: 'C' },
    ],
    [
      'a named text beside the first',
      multipart(
        'mixed',
        leaf('A', 'text/plain'),
        leaf('B', 'text/plain', { name: 'b.txt' }),
        leaf('C', 'text/plain'),
      ),
      { text: 'AC', html: 'AC', attached: 'B' },
    ],
    [
      'a named text that comes first',
      multipart('mixed', leaf('A', 'text/plain', { name: 'a.txt' })),
      { text: 'A', html: 'A', attached: '' },
    ],
    [
      'pictures that go with HTML',
      multipart('related', leaf('A', 'text/html'), leaf('B', 'image/png', { cid: 'b' })),
      { text: 'A', html: 'A', attached: 'B' },
    ],
  ])('hold %s where a reader looks for it', (_, root, lists) => {
    expect(listed(root)).toEqual(lists);
  });

  it.each<[what: string, more: Partial<Part>, has: boolean]>([
    ['a file', {}, true],
    ['what is declared inline', inline, false],
    ['a picture within the HTML', { type: 'image/png', cid: 'b' }, false],
    ['a picture to download', { type: 'image/png', cid: 'b', ...attachment }, true],
  ])('say whether something is attached: %s', (_, more, has) => {
    const root = multipart('related', leaf('A', 'text/html'), leaf('B', 'application/pdf', more));
    const parsed: ParsedMessage = { header: [], root, size: 0, defects: [] };
    expect(bodiesOf(parsed).hasAttachment).toBe(has);
  });

  it('leave uuencode in the text where it stands', () => {
    const octets = message('Subject: x', '', 'begin 644 a.txt', '#0V%T', '`', 'end');
    const { textBody, attachments } = bodiesOf(parseMessage(octets));
    expect([textBody.length, attachments.length]).toEqual([1, 0]);
  });
});
