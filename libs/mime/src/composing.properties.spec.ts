import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bodiesOf } from './bodies.js';
import { type EmailInput, composeMessage } from './compose-message.js';
import { ComposeError } from './compose/compose-error.js';
import { textOf } from './content/content.js';
import { type Forms, type HeaderForm, headerAs } from './header/forms.js';
import { addressesOf } from './header/policy-addresses.js';
import { parseMessage } from './parse-message.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 120 }),
  fc
    .array(
      fc.constantFrom(
        'Ủy',
        'ban',
        'nhân',
        ' ',
        '  ',
        '=?',
        '?=',
        '"',
        '\\',
        ',',
        'x'.repeat(90),
        '😀',
        '(',
        '@',
      ),
      { maxLength: 30 },
    )
    .map((words) => words.join(' ')),
);
const atom = fc.stringMatching(/^[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,10}$/);
const domain = fc.stringMatching(/^[a-z]([a-z0-9]{0,8})(\.[a-z]{2,5}){1,3}$/);
const localPart = fc.oneof(
  atom,
  fc.tuple(atom, atom).map(([a, b]) => `${a}.${b}`),
  fc.stringMatching(/^[a-z ,;:<>@()[\]]{1,10}$/).map((words) => `"x ${words}"`),
);
const address = fc.record({
  name: fc.option(text),
  email: fc.tuple(localPart, domain).map((both) => both.join('@')),
});

/** What a value becomes on its way: NFC, control characters refused, white space at the ends gone. */
function composedOrRefused(email: EmailInput): Buffer | undefined {
  try {
    return composeMessage(email, {
      blobs: new Map([['blob', Buffer.from('blob')]]),
      messageId: '1@x.vn',
      date: '2026-01-01T00:00:00Z',
    });
  } catch (error) {
    if (error instanceof ComposeError) return undefined;
    throw error;
  }
}

function readBack<F extends HeaderForm>(octets: Buffer, name: string, form: F): Forms[F] {
  return headerAs(
    parseMessage(octets).header.find((each) => each.name === name)!,
    form,
  );
}

const refused = /[\0-\x08\x0a-\x1f\x7f\u2028\u2029]/;
// What no line of a header can hold after decoding (RFC 8621, 4.1.2.2).
const gone = /\t/g;

describe('Whatever is composed', () => {
  it('is read again as what was given: subjects', () => {
    fc.assert(
      fc.property(text, (subject) => {
        const octets = composedOrRefused({ subject });
        if (!octets) return expect(refused.test(subject)).toBe(true);
        const read = readBack(octets, 'Subject', 'Text');
        expect(read.replace(gone, '')).toBe(subject.normalize('NFC').replace(gone, ''));
      }),
      { numRuns: 400 },
    );
  });

  it('is read again as what was given: addresses', () => {
    fc.assert(
      fc.property(fc.array(address, { minLength: 1, maxLength: 8 }), (to) => {
        const octets = composedOrRefused({ to });
        if (!octets) return expect(to.some(({ name }) => refused.test(name ?? ''))).toBe(true);
        const clean = (name: string | null) =>
          name?.normalize('NFC').trim().replace(gone, '') || null;
        const read = readBack(octets, 'To', 'Addresses');
        expect(read.map(({ name, email }) => [clean(name), email])).toEqual(
          to.map(({ name, email }) => [clean(name), email]),
        );
        const { complete, addresses } = addressesOf(parseMessage(octets).header, ['to']);
        const mailboxes = addresses.filter(({ place }) => place === 'mailbox');
        expect(complete).toBe(true);
        expect(new Set(mailboxes.map((each) => each.address))).toEqual(
          new Set(to.map(({ email }) => email)),
        );
      }),
      { numRuns: 400 },
    );
  });

  it('is read again as what was given: texts and names of files', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text, (value, name) => {
        const octets = composedOrRefused({
          textBody: [{ partId: 't' }],
          attachments: [{ blobId: 'blob', type: 'application/pdf', name }],
          bodyValues: { t: { value } },
        });
        if (!octets) return expect(refused.test(name)).toBe(true);
        const { textBody, attachments } = bodiesOf(parseMessage(octets));
        const given = value
          .replace(/\r\n|\r/g, '\n')
          .normalize('NFC')
          .replace(/^\ufeff/, '');
        expect(textOf(octets, textBody[0]!).value).toBe(given);
        expect(attachments[0]!.name).toBe(name.normalize('NFC'));
        const lines = octets.toString('latin1').split('\r\n');
        expect(lines.filter((line) => /[\r\n\0\x80-\xff]|^.{999}/.test(line))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('has no field that was not given', () => {
    const anything = fc.oneof(
      text,
      fc.constantFrom('a\r\nBcc: x@y', '\r\n\r\n', 'a\nb', 'a\rb', '\0'),
    );
    fc.assert(
      fc.property(anything, anything, anything, (subject, name, raw) => {
        const octets = composedOrRefused({
          subject,
          from: [{ name, email: 'a@x.vn' }],
          'header:X-Raw': raw,
        });
        if (!octets) return;
        const { header, defects } = parseMessage(octets);
        expect(defects).toEqual([]);
        expect(header.map((each) => each.name)).toEqual([
          'Date',
          'From',
          'Subject',
          'Message-ID',
          'X-Raw',
          'MIME-Version',
          'Content-Type',
        ]);
      }),
      { numRuns: 400 },
    );
  });
});
