import { deflateSync } from 'node:zlib';
import { PdfDict, PdfName, PdfStream, type PdfValue } from '../reader/objects.js';
import type { Increment } from '../writer/increment.js';
import { numberText } from '../writer/serialize.js';
import type { Appearance } from './appearance.js';
import { EmbeddedFont } from './embedded-font.js';
import type { Picture } from './png.js';

/** A form XObject of that size (ISO 32000-1, 8.10). */
export function formXObject(
  operations: string,
  width: number,
  height: number,
  resources: PdfDict,
): PdfStream {
  const dict = PdfDict.of({
    Type: new PdfName('XObject'),
    Subtype: new PdfName('Form'),
    BBox: [0, 0, width, height],
    Resources: resources,
  });
  return new PdfStream(dict, Buffer.from(operations, 'latin1'));
}

const points = (...values: number[]): string =>
  values.map((value) => numberText(Math.round(value * 1000) / 1000)).join(' ');

/** A picture as large as fits, in the middle, with its transparency. */
export function pictureAppearance(picture: Picture): Appearance {
  return {
    draw(increment, width, height) {
      const scale = Math.min(width / picture.width, height / picture.height);
      const [wide, high] = [picture.width * scale, picture.height * scale];
      const matrix = points(wide, 0, 0, high, (width - wide) / 2, (height - high) / 2);
      const objects = PdfDict.of({ Picture: increment.add(imageXObject(increment, picture)) });
      const resources = PdfDict.of({ XObject: objects });
      return increment.add(formXObject(`q ${matrix} cm /Picture Do Q`, width, height, resources));
    },
  };
}

function imageXObject(increment: Increment, picture: Picture): PdfStream {
  const { alpha, components, samples } = picture;
  const dict = imageDict(picture, components === 1 ? 'DeviceGray' : 'DeviceRGB');
  if (alpha) {
    const mask = new PdfStream(imageDict(picture, 'DeviceGray'), deflateSync(alpha));
    dict.set('SMask', increment.add(mask));
  }
  return new PdfStream(dict, deflateSync(samples));
}

const imageDict = ({ width, height }: Picture, colours: string): PdfDict =>
  PdfDict.of({
    Type: new PdfName('XObject'),
    Subtype: new PdfName('Image'),
    Width: width,
    Height: height,
    ColorSpace: new PdfName(colours),
    BitsPerComponent: 8,
    Filter: new PdfName('FlateDecode'),
  } as Record<string, PdfValue>);

export interface TextStyle {
  /** Bytes of a TrueType or OpenType font that has every character of the text. */
  font: Uint8Array;
  /** In points; smaller only when the text does not fit. */
  size: number;
  align?: 'left' | 'right';
}

const lineHeight = 1.2;

/** Lines of upright black text from the top, shrunk together when they are too long or too many. */
export function textAppearance(lines: readonly string[], style: TextStyle): Appearance {
  return {
    draw(increment, width, height) {
      const font = new EmbeddedFont(style.font);
      const widest = Math.max(1, ...lines.map((line) => font.width(line, style.size)));
      const needed = lines.length * style.size * lineHeight;
      const size = style.size * Math.min(1, width / widest, height / needed);
      const shown = lines.map((line, index) => {
        const x = style.align === 'right' ? width - font.width(line, size) : 0;
        const y = height - size - index * size * lineHeight;
        return `1 0 0 1 ${points(x, y)} Tm <${font.encode(line).toString('hex')}> Tj`;
      });
      const operations = `q BT 0 g /Text ${points(size)} Tf ${shown.join(' ')} ET Q`;
      const resources = PdfDict.of({ Font: PdfDict.of({ Text: font.embed(increment) }) });
      return increment.add(formXObject(operations, width, height, resources));
    },
  };
}
