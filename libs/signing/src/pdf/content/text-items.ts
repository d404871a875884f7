import type { TextItem } from '../appearance/layouts.js';
import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfStream, PdfString, nameOf, type PdfValue } from '../reader/objects.js';
import { pageAttribute, pagesOf, type PdfPage } from '../reader/pages.js';
import type { PdfFile } from '../reader/pdf-file.js';
import type { PdfView } from '../reader/view.js';
import { fontText, type TextOf } from './font-text.js';
import { widthsOf } from './font-widths.js';
import { identity, type Box } from './matrix.js';
import { operationsOf } from './operations.js';
import { Pen, startState } from './pen.js';

const maxContentBytes = 16 * 1024 * 1024;
const maxItems = 100_000;
const maxPages = 2_000;
/** In thousandths of the size of the text: what is no kerning any more, and a usual space. */
const widestKerning = 180;
const spaceWidth = 250;
const maxSpaces = 200;
const everywhere: Box = [-1e9, -1e9, 1e9, 1e9];
const shows = new Set(['Tj', 'TJ', "'", '"']);

/**
 * The lines of text of a document and where they stand, page by page from top to bottom: to find the
 * place of a signature by the words around it. Text in forms and in fonts that do not tell their
 * characters is left out; a page that cannot be read has none. Throws `too-complex`.
 */
export function textLinesOf({ view }: PdfFile): TextItem[] {
  const lines: TextItem[] = [];
  let page = 0;
  for (const each of pagesOf(view)) {
    if (page >= maxPages) break;
    lines.push(...joined(itemsOf(view, each, page)));
    page += 1;
    if (lines.length > maxItems) throw new PdfError('too-complex', 'Too many lines of text');
  }
  return lines;
}

function itemsOf(view: PdfView, page: PdfPage, index: number): TextItem[] {
  try {
    return new PageText(view, page, index).read();
  } catch (error) {
    if (error instanceof PdfError) return [];
    throw error;
  }
}

class PageText {
  private readonly items: TextItem[] = [];
  private readonly fonts: PdfDict | undefined;
  private readonly texts = new Map<PdfDict, TextOf>();
  private readonly saved: (TextOf | undefined)[] = [];
  private textOf: TextOf | undefined;
  private box: Box | undefined;

  constructor(
    private readonly view: PdfView,
    private readonly page: PdfPage,
    private readonly index: number,
  ) {
    const resources = pageAttribute(view, page, 'Resources');
    this.fonts = resources instanceof PdfDict ? view.dict(resources.get('Font')) : undefined;
  }

  read(): TextItem[] {
    const { view, fonts } = this;
    const widths = (name: string) => widthsOf(view, view.dict(fonts?.get(name)));
    const pen = new Pen(startState(identity, everywhere), widths, (box) => (this.box = box));
    for (const operation of operationsOf(this.content(), view.store.effort)) {
      const { operator, operands } = operation;
      if (operator === 'q') this.saved.push(this.textOf);
      if (operator === 'Q') this.textOf = this.saved.pop() ?? this.textOf;
      if (operator === 'Tf') this.textOf = this.fontNamed(nameOf(operands[0]) ?? '');
      this.box = undefined;
      pen.apply(operation);
      if (shows.has(operator) && this.box) this.add(this.box, operands.at(-1));
    }
    return this.items;
  }

  private content(): Buffer {
    const value = this.view.resolve(this.page.dict.get('Contents'));
    const streams = Array.isArray(value) ? value.map((item) => this.view.resolve(item)) : [value];
    const parts = streams.flatMap((stream) =>
      stream instanceof PdfStream
        ? [this.view.decode(stream, maxContentBytes), Buffer.from('\n')]
        : [],
    );
    return Buffer.concat(parts);
  }

  private fontNamed(name: string): TextOf | undefined {
    const font = this.view.dict(this.fonts?.get(name));
    if (!font) return undefined;
    let known = this.texts.get(font);
    if (!known) this.texts.set(font, (known = fontText(this.view, font, true)));
    return known;
  }

  /** A shift as wide as spaces stands for them. */
  private partOf(item: PdfValue): string {
    if (typeof item === 'number') {
      const spaces = item <= -widestKerning ? Math.round(-item / spaceWidth) : 0;
      return ' '.repeat(Math.min(spaces, maxSpaces));
    }
    return item instanceof PdfString ? (this.textOf?.(item.bytes) ?? '') : '';
  }

  private add([left, bottom, right, top]: Box, shown: PdfValue | undefined): void {
    const items = Array.isArray(shown) ? shown : [shown ?? null];
    const text = items.map((item) => this.partOf(item)).join('');
    if (text.trim() === '') return;
    if (this.items.length > maxItems) throw new PdfError('too-complex', 'Too much text on a page');
    // The pen's boxes are larger than the text: a tenth of its size on both sides, three below.
    const size = (top - bottom) / 1.3;
    const [x, width] = [left + size * 0.1, right - left - size * 0.2];
    const y = bottom + size * 0.1;
    this.items.push({ text, page: this.index, x, y, width, height: size * 1.1 });
  }
}

/** Pieces of one line become one item; columns side by side stay apart. */
function joined(items: readonly TextItem[]): TextItem[] {
  const lines: TextItem[] = [];
  const sorted = [...items].sort((one, other) => other.y - one.y || one.x - other.x);
  const rows: TextItem[][] = [];
  for (const item of sorted) {
    const row = rows.at(-1);
    if (row && Math.abs(row[0]!.y - item.y) < item.height * 0.3) row.push(item);
    else rows.push([item]);
  }
  for (const row of rows) {
    for (const item of row.sort((one, other) => one.x - other.x)) {
      const last = lines.at(-1);
      const gap = last ? item.x - last.x - last.width : Infinity;
      const together = last && sameRow(last, item) && gap < item.height;
      if (!together) lines.push({ ...item });
      else {
        const space = gap > item.height * 0.15 && !/\s$/.test(last.text) ? ' ' : '';
        last.text += space + item.text;
        last.width = item.x + item.width - last.x;
        last.height = Math.max(last.height, item.height);
      }
    }
  }
  return lines.filter(({ text }) => text.trim() !== '');
}

const sameRow = (one: TextItem, other: TextItem): boolean =>
  Math.abs(one.y - other.y) < other.height * 0.3 && other.x >= one.x;
