import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import PdfDocument from 'pdfkit';
import type { Block, PrintedDocument, PrintedTable } from './printed.js';

const find = createRequire(import.meta.url).resolve;
const tinos = (face: string) => find(`@expo-google-fonts/tinos/${face}.ttf`);
const fonts = {
  regular: tinos('400Regular/Tinos_400Regular'),
  bold: tinos('700Bold/Tinos_700Bold'),
};
const margin = 50;
const centre = { align: 'center' } as const;

/** Prints on A4, the pages numbered from the second on. */
export async function printPdf({ agency, title, subtitle, blocks }: PrintedDocument) {
  const pdf = new PdfDocument({ size: 'A4', margin, bufferPages: true, lang: 'vi' });
  const done = buffer(pdf);
  pdf.registerFont('regular', fonts.regular).registerFont('bold', fonts.bold);
  pdf.info.Title = title;
  pdf.font('bold').fontSize(12).text(agency.toLocaleUpperCase('vi'));
  pdf.moveDown().fontSize(14).text(title.toLocaleUpperCase('vi'), centre);
  if (subtitle) pdf.font('regular').fontSize(12).text(subtitle, centre);
  for (const block of blocks) draw(pdf, block);
  numberPages(pdf);
  pdf.end();
  return done;
}

function draw(pdf: PDFKit.PDFDocument, block: Block) {
  pdf.moveDown(0.7).font('regular').fontSize(12);
  pdf.x = margin;
  switch (block.kind) {
    case 'heading':
      return void pdf.font('bold').text(block.text);
    case 'text':
      return void pdf.text(block.text, { align: 'justify' });
    case 'pairs':
      for (const [label, value] of block.pairs) {
        pdf
          .font('bold')
          .text(`${label}: `, { continued: true })
          .font('regular')
          .text(value || '…');
      }
      return;
    case 'table':
      return drawTable(pdf, block);
    case 'signatures':
      return drawSignatures(pdf, block);
  }
}

/** The heading is repeated on every page that the table reaches. */
function drawTable(pdf: PDFKit.PDFDocument, { columns, rows }: PrintedTable) {
  const width = pdf.page.width - 2 * margin;
  const total = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (share / total) * width);
  const heading = columns.map((column) => column.heading);
  drawRow(pdf, widths, heading, 'bold');
  for (const row of rows) {
    if (pdf.y + heightOf(pdf, widths, row) > pdf.page.height - margin) {
      pdf.addPage();
      drawRow(pdf, widths, heading, 'bold');
    }
    drawRow(pdf, widths, row, 'regular');
  }
}

const padding = 3;

function heightOf(pdf: PDFKit.PDFDocument, widths: number[], row: string[]) {
  pdf.fontSize(10);
  const heights = row.map((text, index) =>
    pdf.heightOfString(text || ' ', { width: widths[index]! - 2 * padding }),
  );
  return Math.max(...heights) + 2 * padding;
}

function drawRow(pdf: PDFKit.PDFDocument, widths: number[], row: string[], face: string) {
  const height = heightOf(pdf.font(face), widths, row);
  const top = pdf.y;
  let left = margin;
  row.forEach((text, index) => {
    const width = widths[index]!;
    pdf.rect(left, top, width, height).lineWidth(0.5).stroke();
    pdf.text(text, left + padding, top + padding, { width: width - 2 * padding });
    left += width;
  });
  pdf.x = margin;
  pdf.y = top + height;
}

function drawSignatures(pdf: PDFKit.PDFDocument, { left, right }: { left: string; right: string }) {
  const width = (pdf.page.width - 2 * margin) / 2;
  if (pdf.y > pdf.page.height - margin - 100) pdf.addPage();
  const top = pdf.y;
  pdf.font('bold').text(left, margin, top, { width, ...centre });
  pdf.text(right, margin + width, top, { width, ...centre });
  pdf.x = margin;
  pdf.y = top + 90;
}

function numberPages(pdf: PDFKit.PDFDocument) {
  const { count } = pdf.bufferedPageRange();
  for (let page = 1; page < count; page++) {
    pdf.switchToPage(page);
    const { width } = pdf.page;
    pdf.font('regular').fontSize(13);
    pdf.text(String(page + 1), 0, 20, { width, ...centre, lineBreak: false });
  }
}
