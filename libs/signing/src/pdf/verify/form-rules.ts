import type { FormField } from '../reader/fields.js';
import { formOf } from '../reader/fields.js';
import { PdfDict, PdfRef, type PdfValue } from '../reader/objects.js';
import { checkFilling } from './filling-rules.js';
import { checkAddedField, checkSignatureField } from './signature-field-rules.js';
import { called, type Step } from './step.js';

/**
 * The interactive form: fields stay, values may be filled in, signature fields may come and be
 * signed; the form itself may only get resources.
 */
export function checkForm(step: Step): void {
  const { before, after, comparison } = step;
  const [from, to] = [formOf(before.view), formOf(after.view)];
  if (from && !to) return step.note('form-changed', 4, 'AcroForm removed');
  const ref = after.view.catalog.get('AcroForm');
  if (ref instanceof PdfRef) comparison.explained.add(ref.number);
  if (to) checkFormDict(step, from ?? new PdfDict(), to);
  const later = new Map(after.fields.map((field) => [keyOf(field), field]));
  for (const field of before.fields) {
    const now = later.get(keyOf(field));
    later.delete(keyOf(field));
    if (now) checkField(step, field, now);
    else step.note('field-removed', 4, called(field), { field: field.name });
  }
  for (const field of later.values()) checkAddedField(step, field);
  checkAncestors(step);
}

const keyOf = (field: FormField): string => `${field.ref?.number ?? ''} ${field.name}`;

function checkFormDict(step: Step, from: PdfDict, to: PdfDict): void {
  const { comparison, before, after } = step;
  for (const key of comparison.differingKeys(from, to, new Set(['Fields', 'DR']))) {
    const added = !from.has(key);
    if (key === 'SigFlags') continue;
    if (key === 'XFA') step.note('xfa-changed', 4, 'AcroForm/XFA');
    else if (key === 'NeedAppearances') {
      // Asking readers to draw every field anew may show other values than those that were signed.
      if (after.view.resolve(to.get(key)) === true) {
        step.note('appearances-regenerated', 4, 'AcroForm/NeedAppearances');
      }
    } else if (key === 'DA' && added) step.note('form-resources-added', 2, 'AcroForm/DA');
    else step.note('form-changed', 4, `AcroForm/${key}`);
  }
  checkResources(step, from.get('DR'), to.get('DR'));
  checkRoots(step, before.view.array(from.get('Fields')) ?? [], to.get('Fields'));
}

/** Resources are added under new names; what a name stood for it goes on standing for. */
function checkResources(step: Step, before: PdfValue | undefined, now: PdfValue | undefined): void {
  const { comparison } = step;
  if (comparison.same(before, now, 'Resources')) return;
  const from = step.before.view.dict(before) ?? new PdfDict();
  const to = step.after.view.dict(now) ?? new PdfDict();
  for (const key of new Set([...from.keys(), ...to.keys()])) {
    if (comparison.same(from.get(key), to.get(key), 'Resources')) continue;
    const [old, all] = [step.before.view.dict(from.get(key)), step.after.view.dict(to.get(key))];
    const kept = [...(old ?? [])].every(([name, value]) =>
      comparison.same(value, all?.get(name), 'Resources'),
    );
    const grown = kept && (all !== undefined || (!from.has(key) && key === 'ProcSet'));
    if (!grown) step.note('form-changed', 4, `AcroForm/DR/${key}`);
    else step.note('form-resources-added', 2, `AcroForm/DR/${key}`);
  }
  comparison.explain(now);
}

function checkRoots(step: Step, from: PdfValue[], value: PdfValue | undefined): void {
  if (value instanceof PdfRef) step.comparison.explained.add(value.number);
  const to = step.after.view.array(value) ?? [];
  const old = new Set(from.map(numberOf));
  const kept = to.map(numberOf).filter((number) => old.has(number));
  const present = new Set(kept);
  const expected = from.map(numberOf).filter((number) => present.has(number));
  if (kept.join() !== expected.join()) step.note('form-changed', 4, 'AcroForm/Fields: order');
}

const numberOf = (value: PdfValue): number => (value instanceof PdfRef ? value.number : -1);

function checkField(step: Step, field: FormField, now: FormField): void {
  const above = ({ ancestors }: FormField) => ancestors.map(({ number }) => number).join();
  if (above(field) !== above(now)) {
    step.note('field-changed', 4, `${called(field)}: Parent`, { field: field.name });
  }
  if (field.type !== now.type) {
    step.note('field-changed', 4, `${called(field)}: FT`, { field: field.name });
  } else if (field.type === 'Sig') checkSignatureField(step, field, now);
  else checkFilling(step, field, now);
}

/** Nodes above fields may only get new kids, which have rules of their own. */
function checkAncestors(step: Step): void {
  const checked = new Set<number>();
  for (const field of step.before.fields) {
    for (const ref of field.ancestors) {
      if (checked.has(ref.number)) continue;
      checked.add(ref.number);
      const [from, to] = [step.before.view.dict(ref), step.after.view.dict(ref)];
      if (!from || !to) continue;
      for (const key of step.comparison.differingKeys(from, to, new Set(['Kids']))) {
        step.note('field-changed', 4, `${field.name}: ${key}`, { field: field.name });
      }
      const kids = to.get('Kids');
      if (kids instanceof PdfRef) step.comparison.explained.add(kids.number);
    }
  }
}
