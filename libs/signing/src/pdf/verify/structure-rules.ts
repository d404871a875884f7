import { PdfError } from '../pdf-error.js';
import { PdfDict, PdfRef, nameOf, type PdfValue } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import type { Step } from './step.js';

const maxElements = 200_000;
const maxDepth = 60;
const rootKeys = new Set(['K', 'ParentTree', 'ParentTreeNextKey']);
const elementKeys = new Set(['K']);

/**
 * The structure tree (ISO 32000-1, 14.7). What describes the content of pages stays; elements that
 * only enclose annotations or fields come and go with these.
 */
export function checkStructure(step: Step): void {
  const { before, after, comparison } = step;
  const [old, now] = [
    before.view.catalog.get('StructTreeRoot'),
    after.view.catalog.get('StructTreeRoot'),
  ];
  if (comparison.same(old, now)) return;
  const [from, to] = [before.view.dict(old), after.view.dict(now)];
  const wrong = (detail: string) => step.note('structure-tree-changed', 4, detail);
  if (!from || !to) return wrong('StructTreeRoot');
  if (now instanceof PdfRef) comparison.explained.add(now.number);
  const elements = elementsUnder(before.view, from);
  if (old instanceof PdfRef) comparison.anchors.add(old.number);
  for (const number of elements) comparison.anchors.add(number);
  for (const key of comparison.differingKeys(from, to, rootKeys)) wrong(key);
  checkKids(step, from, to, 'StructTreeRoot');
  for (const number of elements) checkElement(step, number);
  checkParents(step, from, to);
  comparison.explain(to.get('ParentTreeNextKey'));
}

/** Numbers of all elements that are objects of their own. */
function elementsUnder(view: PdfView, root: PdfDict): Set<number> {
  const found = new Set<number>();
  const open: PdfValue[] = [...kidsOf(view, root)];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const element = view.dict(item);
    if (element && item instanceof PdfRef) {
      if (found.has(item.number)) continue;
      if (found.size > maxElements)
        throw new PdfError('too-complex', 'Too many structure elements');
      found.add(item.number);
    }
    if (element) for (const kid of kidsOf(view, element)) open.push(kid);
  }
  return found;
}

function kidsOf(view: PdfView, element: PdfDict): PdfValue[] {
  const value = element.get('K');
  if (value === undefined) return [];
  return view.array(value) ?? [value];
}

function checkElement(step: Step, number: number): void {
  const { before, after, comparison } = step;
  const ref = new PdfRef(number);
  const [from, to] = [before.view.dict(ref), after.view.dict(ref)];
  if (!from || !to) return step.note('structure-tree-changed', 4, `object ${number}`);
  for (const key of comparison.differingKeys(from, to, elementKeys)) {
    step.note('structure-tree-changed', 4, `object ${number}: ${key}`);
  }
  checkKids(step, from, to, `object ${number}`);
}

/** Kids keep their order; those that come or go hold annotations only. */
function checkKids(step: Step, from: PdfDict, to: PdfDict, where: string): void {
  const { before, after, comparison } = step;
  const [old, now] = [kidsOf(before.view, from), kidsOf(after.view, to)];
  const value = to.get('K');
  if (value instanceof PdfRef && Array.isArray(after.view.resolve(value))) {
    comparison.explained.add(value.number);
  }
  let at = 0;
  for (const kid of now) {
    let found = at;
    while (found < old.length && !comparison.same(old[found], kid)) found += 1;
    if (found === old.length) {
      const harmless = holdsAnnotations(after.view, kid, 0);
      step.note(
        harmless ? 'structure-extended' : 'structure-tree-changed',
        harmless ? 2 : 4,
        where,
      );
      if (harmless) comparison.explain(kid);
      continue;
    }
    for (const gone of old.slice(at, found)) noteGone(step, gone, where);
    at = found + 1;
  }
  for (const gone of old.slice(at)) noteGone(step, gone, where);
}

function noteGone(step: Step, kid: PdfValue, where: string): void {
  const harmless = holdsAnnotations(step.before.view, kid, 0);
  step.note(harmless ? 'structure-reduced' : 'structure-tree-changed', harmless ? 3 : 4, where);
}

/** True for an object reference, and for an element with nothing else in it. */
function holdsAnnotations(view: PdfView, kid: PdfValue, depth: number): boolean {
  const element = view.dict(kid);
  if (!element || depth > maxDepth || element.has('ActualText')) return false;
  const type = nameOf(view.resolve(element.get('Type')));
  if (type === 'OBJR') return true;
  return (
    type !== 'MCR' && kidsOf(view, element).every((item) => holdsAnnotations(view, item, depth + 1))
  );
}

/** The parent tree: entries for what was there stay, others come with new annotations. */
function checkParents(step: Step, from: PdfDict, to: PdfDict): void {
  const { before, after, comparison } = step;
  const old = numbersIn(before.view, from.get('ParentTree'));
  const now = numbersIn(after.view, to.get('ParentTree'));
  for (const [key, value] of old) {
    if (comparison.same(value, now.get(key))) continue;
    const gone = !now.has(key) && holdsAnnotations(before.view, value, 0);
    step.note(
      gone ? 'structure-reduced' : 'structure-tree-changed',
      gone ? 3 : 4,
      `ParentTree ${key}`,
    );
  }
  comparison.explain(to.get('ParentTree'));
}

/** The entries of a number tree (ISO 32000-1, 7.9.7). */
function numbersIn(view: PdfView, root: PdfValue | undefined): Map<number, PdfValue> {
  const entries = new Map<number, PdfValue>();
  const seen = new Set<PdfDict>();
  const open = [root ?? null];
  while (open.length > 0) {
    const node = view.dict(open.pop());
    if (!node || seen.has(node)) continue;
    seen.add(node);
    if (entries.size > maxElements) throw new PdfError('too-complex', 'A number tree is too large');
    for (const kid of view.array(node.get('Kids')) ?? []) open.push(kid);
    const pairs = view.array(node.get('Nums')) ?? [];
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const key = view.resolve(pairs[at]);
      if (typeof key === 'number') entries.set(key, pairs[at + 1]!);
    }
  }
  return entries;
}
