import { EmbeddedFont } from '@eoffice/signing/pdf/appearance/embedded-font';
import type { TextItem } from '@eoffice/signing/pdf/appearance/layouts';
import type { TextFieldWish } from '@eoffice/signing/pdf/sign/form-fields';

/** Number and symbol, and the day, of a document that has them. */
export interface Numbering {
  symbol?: string;
  issuedOn?: string;
}

const blank = '[\\s.…_]';
const numberLine = new RegExp(`^(\\s*Số\\s*:)(${blank}*)(/\\S+)`, 'iu');
const dateLine = new RegExp(
  `^(.*(?<=^|[\\s,])ngày)(${blank}+)(tháng)(${blank}+)(năm)(${blank}*)$`,
  'iu',
);
const longest = 300;
const size = 13;
const yearWidth = 30;
const narrowest = 8;

/**
 * Text fields over the blanks that number and date are written into (Số: …/BC-UBND; ngày … tháng …
 * năm …), on the first page; none where the file has no blanks.
 */
export function blanksOf(lines: readonly TextItem[], font: Uint8Array): TextFieldWish[] {
  const face = new EmbeddedFont(font);
  const widthOf = (text: string) => (text ? face.width(known(text), size) : 0);
  const first = lines.filter(({ page, text }) => page === 0 && text.length <= longest);
  const wishes: TextFieldWish[] = [];
  for (const [pattern, names] of [
    [numberLine, ['number']],
    [dateLine, ['day', 'month', 'year']],
  ] as const) {
    const line = first.find(({ text }) => pattern.test(text));
    if (!line) continue;
    const parts = pattern.exec(line.text)!.slice(1);
    const scale = line.width / Math.max(1, widthOf(line.text));
    names.forEach((name, index) => {
      const before = parts.slice(0, 2 * index + 1).join('');
      const x = line.x + widthOf(before) * scale;
      const room = widthOf(parts[2 * index + 1] ?? '') * scale;
      const width = name === 'year' ? Math.max(room, yearWidth) : room;
      if (width < narrowest) return;
      // Of the size of the line, and on its base line.
      const lineSize = line.height / 1.1;
      const bottom = line.y - lineSize * 0.12;
      const box = [x, bottom, x + width, bottom + lineSize * 1.2];
      const rectangle = box as [number, number, number, number];
      const placement = { page: 0, rectangle };
      wishes.push({ name, size: lineSize, align: 'centre', placement });
    });
  }
  return wishes;
}

/** Signs that the measuring font lacks count as a letter. */
const known = (text: string): string => text.replace(/[^\u0020-\u1eff–—‘’“”…]/gu, 'n');

/** What those fields say: the number without the symbol, day and month as the decree writes them. */
export function valuesOf({ symbol, issuedOn }: Required<Numbering>): Record<string, string> {
  const [year, month, day] = issuedOn.split('-') as [string, string, string];
  const shown = Number(month) <= 2 ? month : String(Number(month));
  return { number: symbol.slice(0, symbol.lastIndexOf('/')), day, month: shown, year };
}
