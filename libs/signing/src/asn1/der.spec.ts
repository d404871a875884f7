import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { context, Der, DerError, tags } from './der.js';
import * as encode from './encode.js';
import { preciseTimeOf, textOf, timeOf } from './values.js';

const read = (hex: string) => Der.read(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

describe('the DER reader', () => {
  it.each([
    ['an indefinite length', '30 80 00 00'],
    ['a long form for a short length', '04 81 01 00'],
    ['a length with a leading zero', '04 82 00 80'],
    ['a length beyond the source', '04 05 00'],
    ['a length of nine octets', '04 89 01 00 00 00 00 00 00 00 00 00'],
    ['something after the element', '05 00 00'],
    ['a high tag number written short', '1f 1e 00'],
    ['a tag number with leading zeros', '1f 80 1f 00'],
    ['a tag number cut short', '1f 81'],
    ['nothing at all', ''],
    ['an identifier alone', '30'],
  ])('refuses %s', (_, hex) => {
    expect(() => read(hex)).toThrow(DerError);
  });

  it.each([
    ['BOOLEAN 01', () => read('01 01 01').boolean()],
    ['BOOLEAN of two octets', () => read('01 02 00 00').boolean()],
    ['INTEGER without octets', () => read('02 00').integer()],
    ['INTEGER 00 01', () => read('02 02 00 01').integer()],
    ['INTEGER FF 80', () => read('02 02 ff 80').integer()],
    ['NULL with contents', () => read('05 01 00').null()],
    ['OBJECT IDENTIFIER with 80', () => read('06 03 2a 80 01').oid()],
    ['OBJECT IDENTIFIER cut short', () => read('06 02 2a 81').oid()],
    ['empty OBJECT IDENTIFIER', () => read('06 00').oid()],
    ['BIT STRING of nothing', () => read('03 00').bitStringBytes()],
    ['BIT STRING with unused bits where octets belong', () => read('03 02 01 80').bitStringBytes()],
    ['named bits with a trailing zero bit', () => read('03 02 00 80').namedBits()],
    ['named bits whose unused bits are set', () => read('03 02 07 ff').namedBits(true)],
    ['named bits with a trailing zero octet', () => read('03 03 00 01 00').namedBits()],
    ['SET OF out of order', () => read('31 06 02 01 02 02 01 01').mustBeSetOf()],
    ['an explicit tag around two', () => read('a0 04 05 00 05 00').only()],
  ])('refuses %s', (_, act) => {
    expect(act).toThrow(DerError);
  });

  it('says where the fault is', () => {
    expect(() => read('30 04 05 00 05 01').list()).toThrow('at byte 4');
    expect(() => read('30 03 01 01 07').only().boolean()).toThrow('at byte 2');
  });

  it('shows the very octets, copying nothing', () => {
    const source = Buffer.from('3003020105', 'hex');
    const outer = Der.read(source);
    const inner = outer.only(tags.integer);
    expect(outer.whole.buffer).toBe(source.buffer);
    expect(inner.whole).toEqual(source.subarray(2));
    expect(inner.content).toEqual(Buffer.of(5));
  });

  it('ends on elements nested without end', () => {
    const deep = Buffer.concat(Array.from({ length: 65 }, () => Buffer.of(0x30, 0x80)));
    for (let at = 0; at < 65; at++) deep[2 * at + 1] = 2 * (64 - at);
    const descend = (element: Der): void =>
      element.length > 0 ? descend(element.only()) : undefined;
    expect(() => descend(Der.read(deep.subarray(0, 130)))).toThrow(DerError);
  });
});

describe('times', () => {
  const at = (tag: number, text: string) => Der.read(encode.tlv(tag, Buffer.from(text)));
  it('are whole seconds in UTC', () => {
    expect(timeOf(at(tags.utcTime, '491231235959Z')).getUTCFullYear()).toBe(2049);
    expect(timeOf(at(tags.utcTime, '500101000000Z')).getUTCFullYear()).toBe(1950);
    expect(timeOf(at(tags.generalizedTime, '99991231235959Z')).getUTCFullYear()).toBe(9999);
  });
  it.each([
    [tags.utcTime, '260230000000Z'],
    [tags.utcTime, '2601010000Z'],
    [tags.utcTime, '260101000000+0700'],
    [tags.utcTime, '261301000000Z'],
    [tags.utcTime, '260101240000Z'],
    [tags.generalizedTime, '20260101000000.5Z'],
    [tags.generalizedTime, '20260101000060Z'],
    [tags.generalizedTime, '20260101000000'],
    [tags.ia5String, '20260101000000Z'],
  ])('refuse %i %s', (tag, text) => {
    expect(() => timeOf(at(tag, text))).toThrow(DerError);
  });
  it('carry a fraction in time stamps, without a trailing zero', () => {
    expect(preciseTimeOf(at(tags.generalizedTime, '20260101000000.25Z')).getTime() % 1000).toBe(
      250,
    );
    expect(() => preciseTimeOf(at(tags.generalizedTime, '20260101000000.50Z'))).toThrow(DerError);
  });
});

describe('texts', () => {
  it('are read by their type', () => {
    expect(textOf(Der.read(encode.utf8String('Đà Lạt')))).toBe('Đà Lạt');
    expect(textOf(read('1e 04 01 10 00 e0'))).toBe('Đà');
    expect(textOf(read('1c 04 00 01 f6 00'))).toBe('😀');
    expect(textOf(read('05 00'))).toBeUndefined();
  });
  it.each(['13 01 7f', '0c 02 c3 28', '1e 01 41', '1e 02 d8 00', '1c 04 00 11 00 00', '16 01 80'])(
    'refuse %s',
    (hex) => {
      expect(() => textOf(read(hex))).toThrow(DerError);
    },
  );
});

describe('what is written', () => {
  it('is read again as it was', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (value) => {
        expect(Der.read(encode.integer(value)).integer()).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.nat(0x7fffffff), (mask) => {
        expect(Der.read(encode.namedBits(mask)).namedBits()).toBe(mask);
      }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 }),
        fc.nat(39),
        fc.array(fc.nat()),
        (root, second, more) => {
          const dotted = [root, second, ...more].join('.');
          if (more.length > 20) return;
          expect(Der.read(encode.oid(dotted)).oid()).toBe(dotted);
        },
      ),
    );
    for (const size of [0, 127, 128, 255, 256, 65_535, 65_536, 70_000]) {
      const element = Der.read(encode.octetString(Buffer.alloc(size, 7)));
      expect(element.octets()).toEqual(Buffer.alloc(size, 7));
    }
  });

  it('keeps sets in order and tags replaced', () => {
    const set = encode.setOf(encode.integer(300), encode.integer(2), encode.integer(1));
    expect(
      Der.read(set)
        .mustBeSetOf()
        .map((one) => one.integer()),
    ).toEqual([1n, 2n, 300n]);
    expect(
      Der.read(encode.implicit(1, encode.integer(7)))
        .as(tags.integer)
        .integer(),
    ).toBe(7n);
    expect(Der.read(encode.implicit(3, encode.octetString())).tag).toBe(context(3));
    expect(Der.read(encode.unsigned(Buffer.of(0, 0x80))).integer()).toBe(128n);
  });

  it('is the one encoding: whatever is read and accepted is written the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 12 }), (bytes) => {
        bytes[0] = tags.integer;
        bytes[1] = bytes.length - 2;
        let value: bigint;
        try {
          value = Der.read(bytes).integer();
        } catch {
          return;
        }
        expect(encode.integer(value)).toEqual(Buffer.from(bytes));
      }),
    );
  });
});
