import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfRef, type PdfValue } from './objects.js';
import type { PdfView } from './view.js';

/** A page with the attributes it inherits from the page tree. */
export interface PdfPage {
  /** Undefined for a page written directly into `Kids`, which no rule allows. */
  ref: PdfRef | undefined;
  dict: PdfDict;
  inherited: PdfDict;
}

const inheritable = ['Resources', 'MediaBox', 'CropBox', 'Rotate'];
const maxPages = 200_000;
const maxDepth = 100;
/** Units of effort. */
const pageCost = 30;

const tooMany = () => new PdfError('too-complex', `More than ${maxPages} pages`);

/** The pages in order (ISO 32000-1, 7.7.3); a node met twice counts once. Throws `too-complex`. */
export function* pagesOf(view: PdfView): Generator<PdfPage> {
  const seen = new Set<number>();
  let count = 0;
  const root = view.catalog.get('Pages');
  const open: { value: PdfValue | undefined; inherited: PdfDict; depth: number }[] = [
    { value: root, inherited: new PdfDict(), depth: 0 },
  ];
  while (open.length > 0) {
    const { value, inherited, depth } = open.pop()!;
    if (value instanceof PdfRef) {
      if (seen.has(value.number)) continue;
      seen.add(value.number);
    }
    const dict = view.dict(value);
    if (!dict || depth > maxDepth) continue;
    count += 1;
    view.store.effort.spend(pageCost);
    if (count > maxPages) throw tooMany();
    const kids = view.array(dict.get('Kids'));
    if (!kids) {
      yield { ref: value instanceof PdfRef ? value : undefined, dict, inherited };
      continue;
    }
    const passed = new PdfDict(inherited);
    for (const key of inheritable) {
      const own = dict.get(key);
      if (own !== undefined) passed.set(key, own);
    }
    if (kids.length > maxPages) throw tooMany();
    for (let index = kids.length - 1; index >= 0; index -= 1) {
      open.push({ value: kids[index], inherited: passed, depth: depth + 1 });
    }
  }
}

/** The n-th page, from 0; throws `not-found`. */
export function pageAt(view: PdfView, index: number): PdfPage {
  let position = 0;
  for (const page of pagesOf(view)) {
    if (position === index) return page;
    position += 1;
  }
  throw new PdfError('not-found', `The document has no page ${index + 1}`);
}

/** An attribute of the page, its own or inherited. */
export function pageAttribute(view: PdfView, page: PdfPage, key: string): PdfValue {
  return view.resolve(page.dict.get(key) ?? page.inherited.get(key));
}

/** Four numbers, lower left and upper right corner in this order, or undefined. */
export function rectangleOf(
  view: PdfView,
  value: PdfValue | undefined,
): [number, number, number, number] | undefined {
  const numbers = view.array(value)?.map((item) => view.resolve(item));
  if (numbers?.length !== 4 || numbers.some((item) => typeof item !== 'number')) return undefined;
  const [x1, y1, x2, y2] = numbers as [number, number, number, number];
  return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
}
