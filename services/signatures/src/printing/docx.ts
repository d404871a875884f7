import { strToU8, zipSync } from 'fflate';
import type { Block, PrintedDocument, PrintedTable } from './printed.js';

// The smallest Word document that looks like an official one (ECMA-376): paragraphs and tables in
// Times New Roman on A4. A library for it would bring styles, pictures and footnotes that no form
// here has; what is written is these three parts in a zip.

const office = 'http://schemas.openxmlformats.org';
const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
export const wordDocument = `${word}.document`;
const pageWidth = 11_906;
const pageHeight = 16_838;
const margin = 1_134;
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';

/** Writes a document as DOCX. */
export function printDocx({ agency, title, subtitle, blocks }: PrintedDocument): Buffer {
  const body = [
    paragraph(agency.toLocaleUpperCase('vi'), { bold: true }),
    paragraph(''),
    paragraph(title.toLocaleUpperCase('vi'), { bold: true, centre: true, size: 28 }),
    ...(subtitle ? [paragraph(subtitle, { centre: true })] : []),
    ...blocks.flatMap(partsOf),
    `<w:sectPr><w:pgSz w:w="${pageWidth}" w:h="${pageHeight}"/><w:pgMar w:top="${margin}" w:right="${margin}" w:bottom="${margin}" w:left="${margin}" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>`,
  ];
  const parts = {
    '[Content_Types].xml': `${head}<Types xmlns="${office}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="${word}.document.main+xml"/></Types>`,
    '_rels/.rels': `${head}<Relationships xmlns="${office}/package/2006/relationships"><Relationship Id="r1" Type="${office}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': `${head}<w:document xmlns:w="${office}/wordprocessingml/2006/main"><w:body>${body.join('')}</w:body></w:document>`,
  };
  const files = Object.entries(parts).map(([name, text]) => [name, strToU8(text)] as const);
  return Buffer.from(zipSync(Object.fromEntries(files)));
}

function partsOf(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
      return [paragraph(block.text, { bold: true })];
    case 'text':
      return [paragraph(block.text)];
    case 'pairs':
      return block.pairs.map(([label, value]) => paragraph(`${label}: ${value || '…'}`));
    case 'table':
      return [table(block), paragraph('')];
    case 'signatures': {
      const cells = [block.left, block.right];
      const share = { heading: '', share: 1 };
      const signed = grid([share, share], [row(cells, [1, 1], signing)], false);
      return [paragraph(''), signed, paragraph('')];
    }
  }
}

interface Face {
  bold?: boolean;
  centre?: boolean;
  /** In half points. */
  size?: number;
}

const signing: Face = { bold: true, centre: true };

function paragraph(text: string, { bold, centre, size = 24 }: Face = {}): string {
  const font =
    '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman"/>';
  const look = `<w:rPr>${font}${bold ? '<w:b/>' : ''}<w:sz w:val="${size}"/></w:rPr>`;
  const place = centre ? '<w:pPr><w:jc w:val="center"/></w:pPr>' : '';
  return `<w:p>${place}<w:r>${look}<w:t xml:space="preserve">${escape(text)}</w:t></w:r></w:p>`;
}

function table({ columns, rows }: PrintedTable): string {
  const shares = columns.map(({ share }) => share);
  const headings = columns.map(({ heading }) => heading);
  return grid(columns, [
    row(headings, shares, { bold: true, centre: true, size: 20 }, true),
    ...rows.map((cells) => row(cells, shares, { size: 20 })),
  ]);
}

function grid(columns: PrintedTable['columns'], rows: string[], bordered = true): string {
  const line = (side: string) => `<w:${side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>`;
  const sides = ['top', 'left', 'bottom', 'right', 'insideH', 'insideV'].map(line).join('');
  const borders = bordered ? `<w:tblBorders>${sides}</w:tblBorders>` : '';
  const widths = widthsOf(columns.map(({ share }) => share));
  const lanes = widths.map((width) => `<w:gridCol w:w="${width}"/>`).join('');
  return `<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/>${borders}</w:tblPr><w:tblGrid>${lanes}</w:tblGrid>${rows.join('')}</w:tbl>`;
}

function row(cells: string[], shares: number[], face: Face, repeated = false): string {
  const widths = widthsOf(shares);
  const drawn = cells.map(
    (text, index) =>
      `<w:tc><w:tcPr><w:tcW w:w="${widths[index]}" w:type="dxa"/></w:tcPr>${paragraph(text, face)}</w:tc>`,
  );
  const properties = repeated ? '<w:trPr><w:tblHeader/></w:trPr>' : '';
  return `<w:tr>${properties}${drawn.join('')}</w:tr>`;
}

function widthsOf(shares: number[]): number[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => Math.floor((share / total) * (pageWidth - 2 * margin)));
}

/** What XML 1.0 does not allow at all is dropped; the rest is escaped. */
const escape = (text: string) =>
  text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);
