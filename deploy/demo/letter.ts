import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import PdfDocument from 'pdfkit';

const find = createRequire(import.meta.url).resolve;
const face = (name: string) => find(`@expo-google-fonts/tinos/${name}.ttf`);
const fonts = {
  regular: face('400Regular/Tinos_400Regular'),
  bold: face('700Bold/Tinos_700Bold'),
  italic: face('400Regular_Italic/Tinos_400Regular_Italic'),
};
const millimetre = 72 / 25.4;
const [left, right, top] = [30, 15, 20].map((each) => each * millimetre) as [
  number,
  number,
  number,
];

/** What an official document says, part by part (Nghị định 30/2020, App. I). */
export interface Letter {
  parent?: string;
  agency: string;
  reference: string;
  dateLine: string;
  /** Loại văn bản; absent for an official letter. */
  title?: string;
  abstract: string;
  to?: string[];
  paragraphs: string[];
  signer: { position: string; name: string };
  recipients: string[];
}

/** Lays a document out on A4 as the decree wants it: a real file for the demonstration to work on. */
export async function printLetter(letter: Letter): Promise<Buffer> {
  const margins = { left, right, top, bottom: top };
  const pdf = new PdfDocument({ size: 'A4', margins, info: { Title: letter.abstract } });
  const done = buffer(pdf);
  for (const [name, path] of Object.entries(fonts)) pdf.registerFont(name, path);
  headOf(pdf, letter);
  bodyOf(pdf, letter);
  endOf(pdf, letter);
  pdf.end();
  return done;
}

function headOf(pdf: PDFKit.PDFDocument, { parent, agency, reference, dateLine, ...rest }: Letter) {
  const width = pdf.page.width - left - right;
  const [one, other] = [width * 0.42, width * 0.58];
  const side = { width: one, align: 'center' } as const;
  const facing = { width: other, align: 'center' } as const;
  if (parent)
    pdf.font('regular').fontSize(12).text(parent.toLocaleUpperCase('vi'), left, top, side);
  pdf.font('bold').fontSize(12).text(agency.toLocaleUpperCase('vi'), left, pdf.y, side);
  pdf
    .moveTo(left + one * 0.35, pdf.y + 2)
    .lineTo(left + one * 0.65, pdf.y + 2)
    .stroke();
  pdf
    .font('regular')
    .fontSize(13)
    .text(`Số: ${reference}`, left, pdf.y + 8, side);
  if (!rest.title) pdf.fontSize(12).text(`V/v ${rest.abstract}`, left, pdf.y + 6, side);
  const after = pdf.y;
  pdf
    .font('bold')
    .fontSize(12)
    .text('CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', left + one, top, facing);
  pdf.fontSize(13).text('Độc lập - Tự do - Hạnh phúc', left + one, pdf.y, facing);
  pdf
    .moveTo(left + one + other * 0.22, pdf.y + 2)
    .lineTo(left + one + other * 0.78, pdf.y + 2)
    .stroke();
  pdf
    .font('italic')
    .fontSize(13)
    .text(dateLine, left + one, pdf.y + 8, facing);
  pdf.x = left;
  pdf.y = Math.max(after, pdf.y) + 18;
}

function bodyOf(pdf: PDFKit.PDFDocument, { title, abstract, to = [], paragraphs }: Letter) {
  if (title) {
    pdf.font('bold').fontSize(14).text(title.toLocaleUpperCase('vi'), { align: 'center' });
    pdf.text(abstract, { align: 'center' }).moveDown(0.8);
  }
  if (to.length > 0) {
    pdf
      .font('regular')
      .fontSize(14)
      .text(`Kính gửi: ${to.join('; ')}`, { align: 'center' });
    pdf.moveDown(0.8);
  }
  pdf.font('regular').fontSize(14);
  for (const paragraph of paragraphs) {
    pdf.text(paragraph, { align: 'justify', indent: 10 * millimetre, paragraphGap: 6, lineGap: 2 });
  }
}

function endOf(pdf: PDFKit.PDFDocument, { recipients, signer }: Letter) {
  const width = pdf.page.width - left - right;
  const line = pdf.y + 12;
  pdf.font('bold').fontSize(14);
  pdf.text(signer.position.toLocaleUpperCase('vi'), left + width / 2, line, {
    ...{ width: width / 2, align: 'center' },
  });
  pdf.text(signer.name, left + width / 2, pdf.y + 60, { width: width / 2, align: 'center' });
  pdf.fontSize(12).text('Nơi nhận:', left, line, { oblique: true, width: width / 2 });
  pdf.font('regular').fontSize(11);
  for (const recipient of recipients) pdf.text(`- ${recipient};`, { width: width / 2 });
}
