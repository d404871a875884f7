import { describe, expect, it } from '@jest/globals';
import { berLength, derOf } from './ber.js';
import { DerError } from './der.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('BER', () => {
  it.each([
    ['indefinite lengths', '30 80 02 01 05 a0 80 05 00 00 00 00 00', '30 07 02 01 05 a0 02 05 00'],
    ['segments of a string', '24 80 04 02 61 62 04 01 63 00 00', '04 03 61 62 63'],
    ['segments in segments', '24 80 24 04 04 02 61 62 04 01 63 00 00', '04 03 61 62 63'],
    ['needless octets of a length', '30 84 00 00 00 05 02 82 00 01 05', '30 03 02 01 05'],
    ['DER as it is', '30 03 02 01 05', '30 03 02 01 05'],
  ])('becomes DER: %s', (_, from, to) => {
    expect(derOf(hex(from))).toEqual(hex(to));
  });
  it.each([
    ['a primitive of indefinite length', '04 80 61 00 00'],
    ['no end of contents', '30 80 02 01 05'],
    ['a segment of another type', '24 80 02 01 05 00 00'],
    ['something behind', '30 00 00'],
    ['an element that is too long', '30 05 02 01 05'],
    ['nothing', ''],
  ])('is refused with %s', (_, from) => {
    expect(() => derOf(hex(from))).toThrow(DerError);
  });
  it('is refused when nested too deep, and ends in padded places', () => {
    expect(() => derOf(Buffer.alloc(1000, Buffer.of(0x30, 0x80)))).toThrow('too deep');
    expect(berLength(hex('30 80 02 01 05 00 00 00 00 00'))).toBe(7);
  });
});
