import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Invalid } from '@eoffice/contracts';
import { pictureOf } from './pictures.js';

type Pixel = [red: number, green: number, blue: number, alpha: number];

/** A PNG of two pixels by two, in RGBA. */
function png(...pixels: [Pixel, Pixel, Pixel, Pixel]): Buffer {
  const [one, two, three, four] = pixels;
  const rows = Buffer.from([0, ...one, ...two, 0, ...three, ...four]);
  const header = Buffer.from([0, 0, 0, 2, 0, 0, 0, 2, 8, 6, 0, 0, 0]);
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND')];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]);
}

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

const nothing: Pixel = [255, 255, 255, 0];
const [blue, red, black]: Pixel[] = [
  [20, 40, 160, 255],
  [200, 20, 30, 255],
  [10, 10, 10, 255],
];

describe('pictures of signatures and seals', () => {
  it('are blue signatures and red seals on nothing', () => {
    expect(pictureOf(png(blue!, nothing, nothing, blue!), 'blue')).toBeDefined();
    expect(pictureOf(png(nothing, red!, red!, nothing), 'red')).toBeDefined();
  });

  it.each<[string, Buffer, 'blue' | 'red', RegExp]>([
    ['a red signature', png(red!, nothing, nothing, red!), 'blue', /blue/],
    ['a blue seal', png(blue!, nothing, nothing, blue!), 'red', /red/],
    ['a black seal', png(black!, nothing, nothing, black!), 'red', /red/],
    ['a signature on white', png(blue!, [255, 255, 255, 255], blue!, blue!), 'blue', /transparent/],
    ['nothing at all', png(nothing, nothing, nothing, nothing), 'blue', /blue/],
    ['what is no picture', Buffer.from('%PDF-1.7'), 'blue', /PNG/],
    ['a picture that was cut', png(blue!, nothing, blue!, blue!).subarray(0, 50), 'blue', /./],
  ])('are not %s', (_, content, colour, why) => {
    try {
      pictureOf(content, colour);
    } catch (error) {
      const { type, errors } = error as Invalid;
      expect([type, errors![0]!.pointer]).toEqual(['invalid', '/image']);
      expect(errors![0]!.detail.en).toMatch(why);
      return;
    }
    throw new Error('it was taken');
  });
});
