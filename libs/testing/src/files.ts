import { buffer } from 'node:stream/consumers';
import { createRequire } from 'node:module';
import { zipOf } from '@eoffice/platform/zip';
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
  const office = 'http://schemas.openxmlformats.org';
  const parts = {
    '[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="${office}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
    '_rels/.rels': `<?xml version="1.0"?><Relationships xmlns="${office}/package/2006/relationships"><Relationship Id="r1" Type="${office}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': `<?xml version="1.0"?><w:document xmlns:w="${office}/wordprocessingml/2006/main"><w:body>${body.join('')}</w:body></w:document>`,
  };
  return zipOf(Object.entries(parts).map(([name, text]) => [name, Buffer.from(text)]));
}
