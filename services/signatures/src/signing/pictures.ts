import { Invalid, type Sentence } from '@eoffice/contracts';
import type { Appearance } from '@eoffice/signing/pdf/appearance/appearance';
import { pictureAppearance } from '@eoffice/signing/pdf/appearance/drawings';
import { type Picture, readPng } from '@eoffice/signing/pdf/appearance/png';
import { PdfError } from '@eoffice/signing/pdf/pdf-error';

const least = 24;
/** Thinner than this a pixel shows no colour of its own. */
const opaque = 128;

/**
 * The picture of a signature in blue, or of a seal in red, on nothing: PNG with transparency, as the
 * form of administrative documents wants it (Nghị định 30/2020/NĐ-CP, Phụ lục I). Throws Invalid.
 */
export function pictureOf(png: Buffer, colour: 'blue' | 'red'): Appearance {
  const picture = read(png);
  if (!picture.alpha?.includes(0)) {
    throw wrong({ vi: 'phải có nền trong suốt', en: 'must be transparent around the drawing' });
  }
  const [red, green, blue] = meanOf(picture);
  const right =
    colour === 'red'
      ? red > green + least && red > blue + least
      : blue > red + least && blue > green + least;
  if (right) return pictureAppearance(picture);
  throw wrong(
    colour === 'red'
      ? { vi: 'hình con dấu phải màu đỏ', en: 'must be red: it is a seal' }
      : { vi: 'hình chữ ký phải màu xanh', en: 'must be blue: it is a signature' },
  );
}

function read(png: Buffer): Picture {
  try {
    return readPng(png);
  } catch (error) {
    if (!(error instanceof PdfError)) throw error;
    throw wrong({ vi: 'không phải ảnh PNG đọc được', en: error.message.slice(0, 200) });
  }
}

function meanOf({ samples, alpha, components }: Picture): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let pixel = 0; pixel < alpha!.length; pixel++) {
    if (alpha![pixel]! < opaque) continue;
    count++;
    for (let channel = 0; channel < 3; channel++) {
      sums[channel]! += samples[pixel * components + (components === 3 ? channel : 0)]!;
    }
  }
  return sums.map((sum) => sum / Math.max(1, count)) as [number, number, number];
}

const wrong = (detail: Sentence) => new Invalid([{ pointer: '/image', detail }]);
