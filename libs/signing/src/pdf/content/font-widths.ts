import { PdfDict, integerOf, nameOf, type PdfValue } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';

/** The width of shown bytes in ems. */
export type WidthOf = (bytes: Uint8Array) => number;

const maxCodes = 100_000;
/** Wider than the text of any of the standard fonts on average. */
const standardWidth = 0.7;

/** Reads the widths of a font (ISO 32000-1, 9.2.4 and 9.7.4.3); a missing width counts generously. */
export function widthsOf(view: PdfView, font: PdfDict | undefined): WidthOf {
  if (!font) return (bytes) => bytes.length;
  const type = nameOf(view.resolve(font.get('Subtype')));
  return type === 'Type0' ? compositeWidths(view, font) : simpleWidths(view, font, type);
}

function simpleWidths(view: PdfView, font: PdfDict, type: string | undefined): WidthOf {
  const widths = view.array(font.get('Widths'));
  if (!widths) return (bytes) => bytes.length * standardWidth;
  const first = integerOf(view.resolve(font.get('FirstChar'))) ?? 0;
  const matrix = type === 'Type3' ? view.array(font.get('FontMatrix')) : undefined;
  const unit = matrix ? view.resolve(matrix[0]) : 0.001;
  const scale = typeof unit === 'number' ? Math.abs(unit) : 0.001;
  const numbers = widths.slice(0, 256).map((width) => view.resolve(width));
  return (bytes) => {
    let total = 0;
    for (const byte of bytes) {
      const width = numbers[byte - first];
      total += typeof width === 'number' ? Math.abs(width) * scale : 1;
    }
    return total;
  };
}

function compositeWidths(view: PdfView, font: PdfDict): WidthOf {
  const descendant = view.dict(view.array(font.get('DescendantFonts'))?.[0]);
  const encoding = nameOf(view.resolve(font.get('Encoding')));
  const widths = new Map<number, number>();
  const otherwise = view.resolve(descendant?.get('DW'));
  const items = (view.array(descendant?.get('W')) ?? []).map((item) => view.resolve(item));
  for (let at = 0; at < items.length && widths.size < maxCodes; at += 2) {
    const first = integerOf(items[at]) ?? 0;
    const next = items[at + 1];
    if (Array.isArray(next)) {
      next.forEach((width, index) => keep(widths, first + index, view.resolve(width)));
    } else {
      const last = Math.min(integerOf(next) ?? 0, first + maxCodes);
      for (let code = first; code <= last; code += 1) keep(widths, code, items[at + 2] ?? null);
      at += 1;
    }
  }
  const identity = encoding === 'Identity-H';
  const missing = typeof otherwise === 'number' ? otherwise : 1000;
  return (bytes) => {
    let total = 0;
    for (let at = 0; at + 1 < bytes.length; at += 2) {
      const code = bytes[at]! * 256 + bytes[at + 1]!;
      total += identity ? (widths.get(code) ?? missing) : Math.max(missing, 1000);
    }
    return total / 1000;
  };
}

function keep(widths: Map<number, number>, code: number, width: PdfValue): void {
  if (typeof width === 'number') widths.set(code, Math.abs(width));
}
