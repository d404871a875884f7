import { describe, it, expect } from '@jest/globals';
import fc from 'fast-check';
import { bodiesOf } from './bodies.js';
import { contentOf, textOf } from './content/content.js';
import { previewOf } from './content/preview.js';
import { addressesOf } from './header/policy-addresses.js';
import { type HeaderForm, headerAs } from './header/forms.js';
import type { Part } from './message.js';
import { parseMessage } from './parse-message.js';
import { hostileMessages } from './testing/hostile.js';
import { ordinaryMessage } from './testing/ordinary.js';
import { allParts } from './testing/reading.js';

const forms: HeaderForm[] = [
  'Raw',
  'Text',
  'Addresses',
  'GroupedAddresses',
  'MessageIds',
  'Date',
  'URLs',
];

/** Reads all there is to read, and checks what must hold of whatever was read. */
function readAll(octets: Buffer): void {
  const message = parseMessage(octets, { depth: 5, parts: 30, headerFields: 100 });
  const { root, header } = message;
  expect(root.end).toBe(octets.length);
  expect(allParts(root).filter((part) => !isInOrder(part))).toEqual([]);
  const leaves = allParts(root).filter(({ subParts }) => !subParts);
  expect(leaves.map(({ partId }) => partId)).toEqual(leaves.map((_, index) => String(index + 1)));
  const bodies = bodiesOf(message);
  const listed = [...bodies.textBody, ...bodies.htmlBody, ...bodies.attachments];
  expect(listed.filter((part) => !leaves.includes(part))).toEqual([]);
  const wrong = leaves.filter(
    (part) =>
      contentOf(octets, part).length > part.end - part.start ||
      !textOf(octets, part).value.isWellFormed(),
  );
  expect(wrong).toEqual([]);
  expect(previewOf(octets, bodies).length).toBeLessThanOrEqual(256);
  for (const field of header) for (const form of forms) headerAs(field, form);
  addressesOf(header, ['from', 'to', 'x']);
}

/** Whether a part lies behind its header, its fields in that, and its own parts in it, in order. */
function isInOrder({ headerStart, start, end, header, subParts }: Part): boolean {
  const places = [headerStart];
  for (const field of header) places.push(field.start, field.valueStart, field.end);
  places.push(start);
  for (const each of subParts ?? []) places.push(each.headerStart, each.end);
  places.push(end);
  return places.every((place, index) => index === 0 || places[index - 1]! <= place);
}

const pieces = [
  'Content-Type: multipart/mixed; boundary=b\r\n',
  'Content-Type: multipart/alternative; boundary="c"\n',
  'Content-Type: text/html; charset=windows-1258\r\n',
  'Content-Type: message/rfc822\r\n',
  'Content-Type',
  'X: y\r\n',
  '--b\r\n',
  ': ',
  ';',
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '--b',
  '--c',
  '--',
  '--b--\r\n',
  '--c\n',
  'From: ',
  'To: ',
  '"',
  '<',
  '>',
  '@',
  ',',
  '(',
  ')',
  '[',
  ']',
  '\\',
  '=?utf-8?q?',
  '=?utf-8?b?4bo=?=',
  '?=',
  '=',
  'a',
  'ế',
  ' ',
  '\t',
  '\0',
  '\xff',
  'Content-Transfer-Encoding: base64\r\n',
  'name*0*=',
  "utf-8''%C4%91",
  'Content-Transfer-Encoding: quoted-printable\r\n',
  '=\r\n',
  'Date: ',
  '1 Jan 2026 10:00 +0700',
  '&#x1EBF;',
  '<script>',
];

describe('Whatever octets a message has', () => {
  it('it is read, and its ranges lie within one another', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 80 }), (chosen) => {
        readAll(Buffer.from(chosen.join('')));
      }),
      { numRuns: 700 },
    );
  });

  it('and also after any change of an ordinary one', () => {
    const ordinary = ordinaryMessage();
    const change = fc.record({
      at: fc.nat(ordinary.length),
      cut: fc.nat(200),
      put: fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 5 })),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        let octets = ordinary;
        for (const { at, cut, put } of changes) {
          octets = Buffer.concat([
            octets.subarray(0, at),
            Buffer.from(put),
            octets.subarray(at + cut),
          ]);
        }
        readAll(octets);
      }),
      { numRuns: 150 },
    );
  });

  it('and also where a hostile one ends early', () => {
    for (const make of Object.values(hostileMessages).slice(0, 5)) {
      readAll(Buffer.from(make().slice(0, 2_000)));
    }
  });
});
