import { deflateSync } from 'node:zlib';

// PDFs made by hand, byte for byte, so that specs can put one thing wrong and leave the rest right.

/** Numbered objects in PDF syntax, without `obj` and `endobj`. */
export type Objects = Record<number, string | Buffer>;

export interface Making {
  section?: 'table' | 'stream' | 'hybrid';
  /** Objects kept in an object stream. */
  packed?: number[];
  /** What its `First` is, unless the number that it should be. */
  first?: string;
  /** What is written into the trailer besides Root and Size. */
  trailer?: string;
  before?: string;
  newLine?: string;
}

const content = 'BT /F1 14 Tf 72 760 Td (Amount: 100 dong) Tj ET';

const bytesOf = (data: string | Buffer): Buffer =>
  typeof data === 'string' ? Buffer.from(data, 'utf8') : data;

/** A stream object. */
export const stream = (data: string | Buffer, dict = ''): Buffer => {
  const bytes = bytesOf(data);
  const head = Buffer.from(`<<${dict}/Length ${bytes.length}>>\nstream\n`, 'latin1');
  return Buffer.concat([head, bytes, Buffer.from('\nendstream')]);
};

/** A page with one line of text. */
export const onePage: Objects = {
  1: '<</Type/Catalog/Pages 2 0 R>>',
  2: '<</Type/Pages/Kids[3 0 R]/Count 1>>',
  3: '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
  4: stream(content),
  5: '<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>',
};

/** One page and a form with a text field (`amount`) and an empty signature field (`approval`). */
export const formPage: Objects = {
  ...onePage,
  1: '<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R>>',
  3: `${(onePage[3] as string).slice(0, -2)}/Annots[7 0 R 8 0 R]>>`,
  6: '<</Fields[7 0 R 8 0 R]/DR<</Font<</Helv 5 0 R>>>>/DA(/Helv 12 Tf 0 g)>>',
  7: '<</Type/Annot/Subtype/Widget/FT/Tx/T(amount)/V(100)/Rect[72 600 200 620]/F 4/P 3 0 R/AP<</N 9 0 R>>>>',
  8: '<</Type/Annot/Subtype/Widget/FT/Sig/T(approval)/Rect[300 100 500 180]/F 4/P 3 0 R>>',
  9: fieldAppearance('100'),
};

/** An appearance of a text field that shows the text. */
export function fieldAppearance(text: string, font = '5 0 R'): Buffer {
  const operations = `/Tx BMC q BT /Helv 12 Tf 2 5 Td (${text}) Tj ET Q EMC`;
  const dict = `/Type/XObject/Subtype/Form/BBox[0 0 128 20]/Resources<</Font<</Helv ${font}>>>>`;
  return stream(operations, dict);
}

/** Writes the objects as a file. */
export function makePdf(objects: Objects, making: Making = {}): Buffer {
  const { section = 'table', packed = [], before = '', newLine = '\n' } = making;
  const numbers = Object.keys(objects).map(Number);
  let size = Math.max(...numbers) + 1;
  const parts: Buffer[] = [Buffer.from(`${before}%PDF-1.6\n%\xe2\xe3\xcf\xd3\n`, 'latin1')];
  const places = new Map<number, number>();
  const put = (number: number, body: string | Buffer) => {
    places.set(number, length(parts) - before.length);
    parts.push(Buffer.from(`${number} 0 obj${newLine}`), bytesOf(body));
    parts.push(Buffer.from(`${newLine}endobj${newLine}`));
  };
  for (const number of numbers) if (!packed.includes(number)) put(number, objects[number]!);
  const container = size;
  if (packed.length > 0) {
    put(container, packOf(objects, packed, making.first));
    size += 1;
  }
  const compressed = new Map(packed.map((number, index) => [number, { container, index }]));
  const trailer = `/Root 1 0 R${making.trailer ?? ''}`;
  const start = (): number => length(parts) - before.length;
  let startXref = start();
  if (section === 'stream') parts.push(xrefStream(size, places, compressed, trailer, startXref));
  else {
    let hidden = '';
    if (section === 'hybrid') {
      hidden = `/XRefStm ${startXref}`;
      parts.push(xrefStream(size, new Map(), compressed, '', startXref));
      startXref = start();
    }
    parts.push(xrefTable(size, places, `${trailer}${hidden}`, newLine));
  }
  parts.push(Buffer.from(`startxref${newLine}${startXref}${newLine}%%EOF${newLine}`));
  return Buffer.concat(parts);
}

const length = (parts: Buffer[]): number => parts.reduce((sum, part) => sum + part.length, 0);

function packOf(objects: Objects, numbers: number[], first?: string): Buffer {
  let head = '';
  let body = '';
  for (const number of numbers) {
    head += `${number} ${body.length} `;
    body += `${objects[number]!.toString()} `;
  }
  const place = first ?? head.length;
  const dict = `/Type/ObjStm/N ${numbers.length}/First ${place}/Filter/FlateDecode`;
  return stream(deflateSync(head + body), dict);
}

function xrefTable(
  size: number,
  places: Map<number, number>,
  trailer: string,
  newLine: string,
): Buffer {
  const end = newLine.length === 2 ? newLine : ` ${newLine}`;
  let text = `xref${newLine}0 ${size}${newLine}0000000000 65535 f${end}`;
  for (let number = 1; number < size; number += 1) {
    const place = places.get(number);
    const offset = String(place ?? 0).padStart(10, '0');
    text += `${offset} 00000 ${place === undefined ? 'f' : 'n'}${end}`;
  }
  return Buffer.from(`${text}trailer${newLine}<</Size ${size}${trailer}>>${newLine}`);
}

function xrefStream(
  number: number,
  places: Map<number, number>,
  packed: Map<number, { container: number; index: number }>,
  trailer: string,
  offset: number,
): Buffer {
  const rows = Buffer.alloc((number + 1) * 7);
  for (let at = 0; at <= number; at += 1) {
    const inPack = packed.get(at);
    const place = at === number ? offset : places.get(at);
    if (inPack) {
      rows.writeUInt8(2, at * 7);
      rows.writeUInt32BE(inPack.container, at * 7 + 1);
      rows.writeUInt16BE(inPack.index, at * 7 + 5);
    } else if (place !== undefined) {
      rows.writeUInt8(1, at * 7);
      rows.writeUInt32BE(place, at * 7 + 1);
    }
  }
  const dict = `/Type/XRef/Size ${number + 1}/W[1 4 2]/Filter/FlateDecode${trailer}`;
  const body = stream(deflateSync(rows), dict);
  return Buffer.concat([Buffer.from(`${number} 0 obj\n`), body, Buffer.from('\nendobj\n')]);
}
