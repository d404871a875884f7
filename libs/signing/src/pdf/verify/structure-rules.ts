import type { Step } from './step.js';

/** The structure tree. */
export function checkStructure(step: Step): void {
  const { before, after, comparison } = step;
  const [from, to] = [before.view.catalog, after.view.catalog].map((c) => c.get('StructTreeRoot'));
  if (comparison.same(from, to)) return;
  step.note('structure-tree-changed', 4, 'StructTreeRoot');
}
