import { PdfDict, PdfRef } from '../reader/objects.js';
import type { PdfPage } from '../reader/pages.js';
import type { Step } from './step.js';

const ownRules = new Set(['Annots', 'Tabs', 'Parent']);

/** The same pages in the same order, each with the same content and the same inherited attributes. */
export function checkPages(step: Step): void {
  const { before, after, comparison } = step;
  checkOrder(step);
  const pages = before.view.catalog.get('Pages');
  const tree = comparison.difference(pages, after.view.catalog.get('Pages'));
  if (tree !== undefined) step.note('page-tree-changed', 4, `Pages/${tree}`);
  const later = new Map(after.pages.map((page) => [page.ref?.number, page]));
  before.pages.forEach((page, index) => {
    const now = page.ref ? later.get(page.ref.number) : after.pages[index];
    if (now) checkPage(step, page, now, index);
  });
}

function checkOrder(step: Step): void {
  const numbers = (pages: PdfPage[]) => pages.map(({ ref }) => ref?.number ?? -1);
  const from = numbers(step.before.pages);
  const to = numbers(step.after.pages);
  const [known, kept] = [new Set(from), new Set(to)];
  const added = to.filter((number) => !known.has(number));
  const removed = from.filter((number) => !kept.has(number));
  if (added.length > 0) step.note('page-added', 4, `${added.length}`);
  if (removed.length > 0) step.note('page-removed', 4, `${removed.length}`);
  if (added.length + removed.length > 0) return;
  if (from.some((number, index) => number !== to[index])) step.note('pages-reordered', 4, 'Pages');
}

function checkPage(step: Step, page: PdfPage, now: PdfPage, index: number): void {
  const { comparison, before, after } = step;
  const where = `page ${index + 1}`;
  const keys = comparison.untouched(page.dict, now.dict, ownRules)
    ? []
    : comparison.differingKeys(page.dict, now.dict, ownRules);
  for (const key of keys) {
    const code = key === 'AA' ? 'actions-changed' : 'page-content-changed';
    step.note(code, 4, `${where}: ${key}`);
  }
  if (!comparison.same(page.inherited, now.inherited)) {
    step.note('page-content-changed', 4, `${where}: inherited attributes`);
  }
  const parent = (value: PdfDict) => (value.get('Parent') as PdfRef | undefined)?.number;
  if (parent(page.dict) !== parent(now.dict)) step.note('page-tree-changed', 4, `${where}: Parent`);
  if (comparison.same(page.dict.get('Tabs'), now.dict.get('Tabs'))) return;
  const grew =
    (after.view.array(now.dict.get('Annots'))?.length ?? 0) >
    (before.view.array(page.dict.get('Annots'))?.length ?? 0);
  // Writers of tagged documents set the order when they add the first widget.
  const level = grew && !page.dict.has('Tabs') ? 2 : 3;
  step.note('tab-order-changed', level, `${where}: Tabs`);
}
