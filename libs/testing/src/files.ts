import { buffer } from 'node:stream/consumers';
import { createRequire } from 'node:module';
import { crc32 } from 'node:zlib';
import PdfDocument from 'pdfkit';

const font = createRequire(import.meta.url).resolve(
  '@expo-google-fonts/tinos/400Regular/Tinos_400Regular.ttf',
);

/** A born-digital PDF with these lines on its first page. */
export async function pdfOf(...lines: string[]): Promise<Buffer> {
  const pdf = new PdfDocument({ size: 'A4' });
  const done = buffer(pdf);
  pdf.font(font).fontSize(14);
  for (const line of lines) pdf.text(line);
  pdf.end();
  return done;
}

/** The smallest Word document with these paragraphs: an uncompressed zip of three parts. */
export function docxOf(...paragraphs: string[]): Buffer {
  const escape = (text: string) => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
  const body = paragraphs.map((text) => `<w:p><w:r><w:t>${escape(text)}</w:t></w:r></w:p>`);
  return wordWith(
    `<?xml version="1.0"?><w:document xmlns:w="${office}/wordprocessingml/2006/main"><w:body>${body.join('')}</w:body></w:document>`,
  );
}

const office = 'http://schemas.openxmlformats.org';

/** A Word document whose main part is given. */
export function wordWith(document: string | Deflated): Buffer {
  return zipOf({
    '[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="${office}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
    '_rels/.rels': `<?xml version="1.0"?><Relationships xmlns="${office}/package/2006/relationships"><Relationship Id="r1" Type="${office}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': document,
  });
}

/** Content already deflated, with the size it claims to have: a zip may lie about that. */
export interface Deflated {
  deflated: Buffer;
  claimedSize: number;
}

/** A zip archive of these parts; unlike the product's own it may lie about sizes. */
export function zipOf(parts: Record<string, string | Buffer | Deflated>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, part] of Object.entries(parts)) {
    const path = Buffer.from(name);
    const deflated = typeof part === 'object' && 'deflated' in part;
    const content = deflated ? part.deflated : Buffer.from(part);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(deflated ? 8 : 0, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(deflated ? part.claimedSize : content.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, path, content]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, place, path]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
