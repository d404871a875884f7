import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import { turns } from '@eoffice/platform/turns';
import PdfDocument from 'pdfkit';

const find = createRequire(import.meta.url).resolve;
const tinos = (face: string) => find(`@expo-google-fonts/tinos/${face}.ttf`);
const fonts = {
  regular: tinos('400Regular/Tinos_400Regular'),
  bold: tinos('700Bold/Tinos_700Bold'),
};
const margin = 40;
const size = 9;
const padding = 3;

export interface PrintedRegister {
  agency: string;
  title: string;
  year: number;
  columns: { heading: string; share: number }[];
  rows: string[][];
}

/**
 * Prints a register on A4 landscape: a first page to be bound, then the columns with their headings
 * and numbers repeated on every page, as it is signed for and kept (Nghị định 30/2020, Art. 22).
 */
export async function printRegister(register: PrintedRegister): Promise<Buffer> {
  const pdf = new PdfDocument({ size: 'A4', layout: 'landscape', margin });
  const done = buffer(pdf);
  pdf.registerFont('regular', fonts.regular).registerFont('bold', fonts.bold);
  pdf.info.Title = `${register.title} ${register.year}`;
  coverOf(pdf, register);
  await tableOf(pdf, register);
  pdf.end();
  return done;
}

function coverOf(pdf: PDFKit.PDFDocument, { agency, title, year, rows }: PrintedRegister) {
  const centre = { align: 'center' } as const;
  pdf.font('bold').fontSize(16).text(agency.toLocaleUpperCase('vi'), centre);
  pdf.moveDown(6).fontSize(26).text(title.toLocaleUpperCase('vi'), centre);
  pdf.moveDown(1).fontSize(18).text(`NĂM ${year}`, centre);
  pdf.moveDown(4).font('regular').fontSize(13);
  pdf.text(`Sổ này có ${rows.length} văn bản.`, centre);
}

async function tableOf(pdf: PDFKit.PDFDocument, { columns, rows }: PrintedRegister) {
  const width = pdf.page.width - 2 * margin;
  const total = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (share / total) * width);
  let page = 1;
  const begin = () => {
    pdf.addPage();
    numberPage(pdf, ++page);
    drawRow(
      pdf,
      widths,
      columns.map((column) => column.heading),
      'bold',
      'center',
    );
    drawRow(
      pdf,
      widths,
      columns.map((_, index) => `(${index + 1})`),
      'regular',
      'center',
    );
  };
  begin();
  const turn = turns();
  for (const row of rows) {
    await turn();
    if (pdf.y + heightOf(pdf, widths, row, 'regular') > pdf.page.height - margin - 10) {
      begin();
    }
    drawRow(pdf, widths, row, 'regular', 'left');
  }
}

type Face = 'regular' | 'bold';

function heightOf(pdf: PDFKit.PDFDocument, widths: number[], row: string[], face: Face) {
  pdf.font(face).fontSize(size);
  const heights = row.map((text, index) =>
    pdf.heightOfString(text, { width: widths[index]! - 2 * padding }),
  );
  return Math.max(...heights, size) + 2 * padding;
}

function drawRow(
  pdf: PDFKit.PDFDocument,
  widths: number[],
  row: string[],
  face: Face,
  align: 'left' | 'center',
) {
  const height = heightOf(pdf, widths, row, face);
  const top = pdf.y;
  let left = margin;
  row.forEach((text, index) => {
    const width = widths[index]!;
    pdf.rect(left, top, width, height).lineWidth(0.5).stroke();
    pdf.text(text, left + padding, top + padding, { width: width - 2 * padding, align });
    left += width;
  });
  pdf.x = margin;
  pdf.y = top + height;
}

/** Arabic numbers, centred in the top margin, not on the first page (App. I). */
function numberPage(pdf: PDFKit.PDFDocument, page: number) {
  const { x, y } = pdf;
  const { width } = pdf.page;
  pdf.font('regular').fontSize(13);
  pdf.text(String(page), 0, 16, { width, align: 'center', lineBreak: false });
  pdf.x = x;
  pdf.y = y;
}
