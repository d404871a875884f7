import { describe, expect, it } from '@jest/globals';
import { PdfError } from '../pdf-error.js';
import { anyCms, signed } from '../testing/attacker.js';
import { makePdf, onePage } from '../testing/made-pdf.js';
import { examinePdf } from './examine.js';

const original = signed(makePdf(onePage));
const [honest] = examinePdf(original).signatures;
const digest = honest!.digest('sha256');

/** True when a verifier would say: intact, and it covers the whole file. */
function isIntact(pdf: Buffer): boolean {
  try {
    return examinePdf(pdf).signatures.some(
      (one) =>
        one.sound &&
        one.reach === 'whole-file' &&
        one.cms.equals(anyCms) &&
        one.digest('sha256').equals(digest),
    );
  } catch (error) {
    if (error instanceof PdfError) return false;
    throw error;
  }
}

/** The signature value is not signed by itself: another spelling of its digits says the same. */
function saysTheSame(pdf: Buffer): boolean {
  return pdf.toString('latin1').toLowerCase() === original.toString('latin1').toLowerCase();
}

const cut = (from: number, to: number, middle = Buffer.alloc(0)) =>
  Buffer.concat([original.subarray(0, from), middle, original.subarray(to)]);

describe('A signed file of which anything was changed is never intact and whole', () => {
  it('is intact as it is', () => expect(isIntact(original)).toBe(true));

  it.each<[string, (at: number) => Buffer]>([
    ['a byte is another one', (at) => cut(at, at + 1, Buffer.of(original[at]! ^ (1 << (at % 8))))],
    ['a byte is white', (at) => cut(at, at + 1, Buffer.of(original[at] === 0x20 ? 0x0a : 0x20))],
    ['a byte is gone', (at) => cut(at, at + 1)],
    ['a byte is added', (at) => cut(at, at, Buffer.of(0x30 + (at % 10)))],
    [
      'two bytes are swapped',
      (at) => cut(at, at + 2, Buffer.of(original[at + 1] ?? 0, original[at]!)),
    ],
    ['the rest is gone', (at) => original.subarray(0, at)],
  ])('when %s, wherever it is', (_, change) => {
    const wrong: number[] = [];
    for (let at = 0; at < original.length; at += 1) {
      const pdf = change(at);
      if (!pdf.equals(original) && !saysTheSame(pdf) && isIntact(pdf)) wrong.push(at);
    }
    expect(wrong).toEqual([]);
  });

  it.each(['\n', ' ', '\0', '%', '%%EOF\n', 'startxref\n0\n%%EOF\n', original.toString('latin1')])(
    'when %j is appended',
    (text) => expect(isIntact(Buffer.concat([original, Buffer.from(text, 'latin1')]))).toBe(false),
  );

  it('when two of its lines changed places', () => {
    const lines = original.toString('latin1').split('\n');
    for (let at = 0; at + 1 < lines.length; at += 1) {
      const swapped = [...lines];
      [swapped[at], swapped[at + 1]] = [lines[at + 1]!, lines[at]!];
      const pdf = Buffer.from(swapped.join('\n'), 'latin1');
      if (!pdf.equals(original)) expect(isIntact(pdf)).toBe(false);
    }
  });
});
