import { PdfRef, PdfStream, nameOf } from '../reader/objects.js';
import { checkAnnotations } from './annotation-rules.js';
import { checkCatalog, checkTrailer } from './document-rules.js';
import type { Change } from './findings.js';
import { checkForm } from './form-rules.js';
import type { Frozen } from './frozen.js';
import { checkPages } from './page-rules.js';
import { Step, type Side } from './step.js';
import { checkStructure } from './structure-rules.js';

/**
 * What changed from one revision to a later one. It is a list of what is allowed: a change that no
 * rule explains is noted as never allowed, with its place. `frozen`, for the same revisions, saves
 * work. Throws `too-complex`.
 */
export function changesBetween(before: Side, after: Side, frozen?: Frozen): Change[] {
  const step = new Step(before, after, frozen);
  checkStructure(step);
  checkTrailer(step);
  checkPages(step);
  checkForm(step);
  checkAnnotations(step);
  checkCatalog(step);
  checkLeftovers(step);
  const seen = new Set<string>();
  return step.changes.filter((change) => {
    const key = `${change.code} ${change.level} ${change.detail}`;
    return !seen.has(key) && seen.add(key);
  });
}

/**
 * Objects that were written for this revision but that nothing allowed leads to: they are there to be
 * shown later, or by another reader.
 */
function checkLeftovers(step: Step): void {
  const { before, after, comparison } = step;
  const sections = after.view.sections.slice(
    0,
    after.view.sections.length - before.view.sections.length,
  );
  const numbers = new Set(sections.flatMap(({ entries }) => [...entries.keys()]));
  for (const number of numbers) {
    const location = after.view.location(number);
    if (location === undefined || location === before.view.location(number)) continue;
    if (comparison.explained.has(number) || comparison.anchors.has(number)) continue;
    const value = after.view.object(number);
    const type = value instanceof PdfStream ? nameOf(value.dict.get('Type')) : undefined;
    if (value === null || type === 'XRef' || type === 'ObjStm') continue;
    const ref = new PdfRef(number);
    if (before.view.object(number) !== null && comparison.same(ref, ref)) continue;
    step.note('unreferenced-object', 4, `object ${number}`);
  }
}
