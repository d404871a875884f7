import type { FormField } from '../reader/fields.js';
import { PdfDict, PdfRef, nameOf, type PdfValue } from '../reader/objects.js';
import type { PdfPage } from '../reader/pages.js';
import type { PdfView } from '../reader/view.js';
import { coversContent, shownBox } from './covering.js';
import { lookOf } from './look.js';
import { checkAppearing } from './signature-field-rules.js';
import type { Step } from './step.js';

/**
 * Annotations that remark on a page and cannot be taken for a part of it (ISO 32000-1, 12.5.6.2).
 * Free text, stamps, redactions, watermarks and media are not among them: they write on the page.
 */
const remarks = new Set([
  ...['Text', 'Link', 'Popup', 'Highlight', 'Underline', 'Squiggly', 'StrikeOut', 'Caret', 'Ink'],
  ...['Line', 'Square', 'Circle', 'Polygon', 'PolyLine', 'FileAttachment'],
]);
const harmlessActions = new Set(['GoTo', 'URI', 'Named']);
const bookkeeping = new Set(['Parent', 'Popup', 'IRT', 'P', 'M']);
/** An icon may show something of its own. */
const iconSize = 40;

/** One page in both revisions. */
interface PagePair {
  before: PdfPage;
  after: PdfPage;
  where: string;
}

/**
 * The annotations of every page. Widgets of fields have the rules of forms; every other annotation
 * may come, go and change at level 3, unless it hides what was signed, looks like a part of the page
 * or does something when clicked.
 */
export function checkAnnotations(step: Step): void {
  const { before, after } = step;
  const earlier = new Map(before.pages.map((page) => [page.ref?.number, page]));
  const widgets = { old: widgetsOf(before.fields), now: widgetsOf(after.fields) };
  after.pages.forEach((page, index) => {
    const old = page.ref ? earlier.get(page.ref.number) : before.pages[index];
    if (old) checkPage(step, { before: old, after: page, where: `page ${index + 1}` }, widgets);
  });
}

/** Object numbers of the widgets of fields, which have rules of their own, on either side. */
interface Widgets {
  old: ReadonlySet<number>;
  now: ReadonlySet<number>;
}

const widgetsOf = (fields: FormField[]): Set<number> =>
  new Set(fields.flatMap(({ widgets }) => widgets.flatMap(({ ref }) => ref?.number ?? [])));

function checkPage(step: Step, pair: PagePair, widgets: Widgets): void {
  const { comparison } = step;
  const value = pair.after.dict.get('Annots');
  // What is listed but is not there yet comes when it comes.
  const from = (step.before.view.array(pair.before.dict.get('Annots')) ?? []).filter((item) =>
    step.before.view.dict(item),
  );
  const to = step.after.view.array(value) ?? [];
  if (value instanceof PdfRef) comparison.explained.add(value.number);
  const [old, kept] = [numbersIn(from), numbersIn(to)];
  for (const item of from) {
    if (!(item instanceof PdfRef)) continue;
    if (!kept.has(item.number)) noteRemoved(step, item, pair, widgets);
    else if (!widgets.old.has(item.number)) checkKept(step, item, pair);
  }
  for (const item of to) {
    if (item instanceof PdfRef && old.has(item.number)) continue;
    if (item instanceof PdfRef && widgets.now.has(item.number)) {
      if (widgets.old.has(item.number)) checkAppearing(step, item, pair.where);
      continue;
    }
    if (item instanceof PdfRef || !from.some((other) => comparison.same(other, item))) {
      checkAdded(step, item, pair);
    }
  }
  const order = from.filter((item) => item instanceof PdfRef && kept.has(item.number));
  const later = to.filter((item) => item instanceof PdfRef && old.has(item.number));
  if (!comparison.same(order, later)) step.note('annotation-changed', 4, `${pair.where}: order`);
}

const numbersIn = (items: PdfValue[]): Set<number> =>
  new Set(items.flatMap((item) => (item instanceof PdfRef ? [item.number] : [])));

function noteRemoved(step: Step, ref: PdfRef, { where }: PagePair, widgets: Widgets): void {
  const annotation = step.before.view.dict(ref);
  if (!annotation) return;
  const widget =
    widgets.old.has(ref.number) ||
    widgets.now.has(ref.number) ||
    typeOf(step.before.view, annotation) === 'Widget';
  step.note('annotation-removed', widget ? 4 : 3, `${where}: ${widget ? 'Widget' : ''}`);
}

function checkKept(step: Step, ref: PdfRef, pair: PagePair): void {
  const [from, to] = [step.before.view.dict(ref), step.after.view.dict(ref)];
  if (!from) return;
  if (!to) return step.note('annotation-removed', 3, pair.where);
  const keys = step.comparison.differingKeys(from, to);
  if (keys.length === 0) return;
  const detail = `${pair.where}: ${typeOf(step.after.view, to)}: ${keys.join(', ')}`;
  if (typeOf(step.before.view, from) === 'Widget') step.note('field-changed', 4, detail);
  else if (keys.every((key) => bookkeeping.has(key))) {
    for (const key of keys) step.comparison.explain(to.get(key));
    step.note('annotation-changed', 3, detail);
  } else noteRemark(step, 'annotation-changed', to, pair, detail);
}

function checkAdded(step: Step, item: PdfValue, pair: PagePair): void {
  const annotation = step.after.view.dict(item);
  if (!annotation) return;
  const type = typeOf(step.after.view, annotation);
  if (item instanceof PdfRef) step.comparison.explained.add(item.number);
  if (type === 'Widget') step.note('field-added', 4, `${pair.where}: a widget without a field`);
  else noteRemark(step, 'annotation-added', annotation, pair, `${pair.where}: ${type}`);
}

function noteRemark(
  step: Step,
  code: 'annotation-added' | 'annotation-changed',
  annotation: PdfDict,
  pair: PagePair,
  detail: string,
): void {
  const { view } = step.after;
  for (const value of annotation.values()) step.comparison.explain(value);
  if (actsWrongly(view, annotation)) return step.note('annotation-with-action', 4, detail);
  const box = shownBox(view, annotation);
  const look = lookOf(view, annotation);
  const large = box && (box[2] - box[0] > iconSize || box[3] - box[1] > iconSize);
  if (!remarks.has(typeOf(view, annotation)) || (look === 'content' && large)) {
    return step.note('annotation-draws-content', 4, detail);
  }
  const covers = box && look !== 'transparent' && coversContent(step.before.view, pair.before, box);
  if (covers) step.note('annotation-covers-content', 4, detail);
  else step.note(code, 3, detail);
}

/** Links may lead somewhere; scripts, programs, other files and chains of actions are refused. */
function actsWrongly(view: PdfView, annotation: PdfDict): boolean {
  if (annotation.has('AA')) return true;
  const action = view.dict(annotation.get('A'));
  if (!action) return false;
  return !harmlessActions.has(nameOf(view.resolve(action.get('S'))) ?? '') || action.has('Next');
}

const typeOf = (view: PdfView, annotation: PdfDict): string =>
  nameOf(view.resolve(annotation.get('Subtype'))) ?? '';
