import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import PdfDocument from 'pdfkit';
import { findAnchor } from '../appearance/layouts.js';
import { PdfFile } from '../reader/pdf-file.js';
import { makePdf, onePage } from '../testing/made-pdf.js';
import { textLinesOf } from './text-items.js';

const font = createRequire(import.meta.url).resolve(
  '@expo-google-fonts/tinos/400Regular/Tinos_400Regular.ttf',
);

async function letter(): Promise<Buffer> {
  const pdf = new PdfDocument({ size: 'A4' });
  const bytes = buffer(pdf);
  pdf.font(font).fontSize(14);
  pdf.text('Nơi nhận:', 80, 600, { lineBreak: false });
  pdf.text('CHỦ TỊCH', 300, 600, { width: 200, align: 'center' });
  pdf.text('Lê Đức Anh', 300, 680, { width: 200, align: 'center' });
  pdf.text('Một đoạn văn đủ dài để được dàn đều hai lề của trang giấy, từng từ một.', 80, 100, {
    width: 300,
    align: 'justify',
  });
  pdf.addPage().text('Trang sau', 80, 80);
  pdf.end();
  return bytes;
}

describe('Lines of text', () => {
  it('are found where they stand, whole, in columns, on every page', async () => {
    const lines = textLinesOf(PdfFile.open(await letter()));
    const texts = lines.map(({ text }) => text);
    expect(texts).toContain('Nơi nhận:');
    expect(texts.some((text) => /^Một +đoạn +văn +đủ +dài +để/.test(text))).toBe(true);
    const name = findAnchor(lines, 'lê đức  anh')!;
    expect(name.page).toBe(0);
    expect(name.x + name.width / 2).toBeCloseTo(400, 0);
    const position = findAnchor(lines, 'Chủ tịch')!;
    expect(position.y).toBeGreaterThan(name.y + name.height);
    expect(position.y - name.y).toBeCloseTo(80, 0);
    expect(findAnchor(lines, 'Trang sau')).toMatchObject({ page: 1 });
  });

  it('are none where nothing can be read', () => {
    expect(textLinesOf(PdfFile.open(makePdf({ ...onePage, 4: '<<>>' })))).toEqual([]);
    const lines = textLinesOf(PdfFile.open(makePdf(onePage)));
    expect(lines).toMatchObject([{ text: 'Amount: 100 dong', page: 0 }]);
    expect(lines[0]!.x).toBeCloseTo(72, 5);
  });
});
