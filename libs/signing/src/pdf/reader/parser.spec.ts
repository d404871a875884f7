import { describe, expect, it } from '@jest/globals';
import { PdfName, PdfString, type PdfValue } from './objects.js';
import { Parser } from './parser.js';

const read = (text: string): PdfValue => new Parser(Buffer.from(text, 'latin1')).value();
const nameIn = (text: string) => (read(text) as PdfName).text;
const bytesIn = (text: string) => Buffer.from((read(text) as PdfString).bytes).toString('latin1');

describe('What is read of a PDF, token by token', () => {
  it('is the same name, however long, and wherever its escapes are', () => {
    for (let before = 245; before < 265; before += 1) {
      const head = 'a'.repeat(before);
      expect(nameIn(`/${head}#42#4`)).toBe(`${head}B#4`);
      expect(nameIn(`/${head}#4x#43/D`)).toBe(`${head}#4xC`);
    }
  });

  it.each([
    ['(a\\(b\\)(c)\\\\)', 'a(b)(c)\\'],
    ['(\\101\\60\\7x\\n)', 'A0\x07x\n'],
    ['(a\\\r\nb\r\nc\rd)', 'ab\nc\nd'],
    ['<4 1 4>', 'A@'],
    ['<41zz42>', 'AB'],
  ])('is the string that %j stands for', (text, expected) => {
    expect(bytesIn(text)).toBe(expected);
  });

  it('is a reference only where it is one', () => {
    const plain = read('[0 0 R 12 0 R 12 0 obj 3 100000 R 1 0 RG]') as PdfValue[];
    expect(plain).toMatchObject([
      { number: 0, generation: 0 },
      { number: 12, generation: 0 },
      ...[12, 0, 3, 100_000, 1, 0],
    ]);
  });
});
