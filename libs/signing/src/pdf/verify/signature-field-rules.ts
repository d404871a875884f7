import type { FormField } from '../reader/fields.js';
import { PdfDict, PdfRef, integerOf, nameOf } from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import { appearancesOf } from './look.js';
import { coversContent, shownBox } from './covering.js';
import { called, signatureIn, type Step } from './step.js';

/** What signing a field may set. */
const setBySigning = new Set(['V', 'AP', 'AS', 'M', 'F', 'MK', 'DA', 'Lock']);
/** What a new signature field may be made of; actions are not among it. */
const fieldKeys = new Set([
  ...[
    'Type',
    'Subtype',
    'FT',
    'T',
    'TU',
    'TM',
    'F',
    'Ff',
    'Rect',
    'P',
    'V',
    'AP',
    'AS',
    'MK',
    'DA',
  ],
  ...[
    'DR',
    'Lock',
    'SV',
    'Kids',
    'Parent',
    'StructParent',
    'NM',
    'M',
    'BS',
    'Border',
    'C',
    'H',
    'Q',
  ],
]);

/** A signature field that was there: it may be signed, and then it stays as it is. */
export function checkSignatureField(step: Step, field: FormField, now: FormField): void {
  const [from, to] = [signatureIn(step.before.view, field), signatureIn(step.after.view, now)];
  const keys = step.comparison.differingKeys(field.dict, now.dict);
  const named = { field: field.name };
  if (from) {
    for (const key of keys) {
      const code = key === 'V' ? 'signature-replaced' : 'field-changed';
      step.note(key === 'AP' ? 'appearance-replaced' : code, 4, `${called(field)}: ${key}`, named);
    }
  } else {
    for (const key of keys) {
      const allowed =
        to &&
        setBySigning.has(key) &&
        !(key === 'Lock' && field.dict.has('Lock')) &&
        !(key === 'F' && integerOf(step.after.view.resolve(now.dict.get('F'))) === undefined);
      if (allowed) step.comparison.explain(now.dict.get(key));
      else step.note('field-changed', 4, `${called(field)}: ${key}`, named);
    }
    if (to) noteSigned(step, now, named);
  }
  checkWidgets(step, field, now, from === undefined && to !== undefined);
}

function checkWidgets(step: Step, field: FormField, now: FormField, signing: boolean): void {
  const named = { field: field.name };
  field.widgets.forEach((widget, index) => {
    const other = now.widgets[index];
    if (!other || widget.ref?.number !== other.ref?.number) {
      return step.note('field-changed', 4, `${called(field)}: Kids`, named);
    }
    if (widget.dict === field.dict) return;
    for (const key of step.comparison.differingKeys(widget.dict, other.dict)) {
      if (signing && setBySigning.has(key)) step.comparison.explain(other.dict.get(key));
      else step.note('appearance-replaced', 4, `${called(field)}: ${key}`, named);
    }
  });
  if (now.widgets.length > field.widgets.length) {
    step.note('field-changed', 4, `${called(field)}: Kids`, named);
  }
}

function noteSigned(step: Step, field: FormField, more: { field?: string }): void {
  if (isTimeStamp(step.after.view, field)) step.note('timestamp-added', 1, called(field), more);
  else step.note('signature-added', 2, called(field), more);
}

/** Evidence is a document time stamp that shows nothing (EN 319 142-1, 5.4.3). */
function isTimeStamp(view: PdfView, field: FormField): boolean {
  const signature = signatureIn(view, field);
  const named = (key: string) => nameOf(view.resolve(signature?.get(key)));
  const seen = field.widgets.some(
    ({ dict }) => shownBox(view, dict) && appearancesOf(view, dict).length > 0,
  );
  return named('Type') === 'DocTimeStamp' && named('SubFilter') === 'ETSI.RFC3161' && !seen;
}

/**
 * A widget that was there and now appears on another page: only the one of a field that is being
 * signed may, and then like the one of a new field.
 */
export function checkAppearing(step: Step, ref: PdfRef, where: string): void {
  const { view, fields } = step.after;
  const widget = view.dict(ref);
  if (!widget || !shownBox(view, widget)) return;
  const isOf = (field: FormField) => field.widgets.some((one) => one.ref?.number === ref.number);
  const earlier = step.before.fields.find(isOf);
  const field = fields.find(isOf);
  const signing = field && earlier && !signatureIn(step.before.view, earlier);
  if (signing && signatureIn(view, field)) checkSight(step, field, ref, widget, true);
  else step.note('field-changed', 4, `${where}: a widget that was not there`);
}

/** A new field must be a signature field, and must not hide what was signed before it. */
export function checkAddedField(step: Step, field: FormField): void {
  const { comparison, after } = step;
  if (field.ref) comparison.explained.add(field.ref.number);
  if (field.type !== 'Sig') return step.note('field-added', 4, called(field));
  const dicts = [field.dict, ...field.widgets.map(({ dict }) => dict)];
  const wrong = dicts.flatMap(wrongKeys)[0];
  if (wrong !== undefined || field.widgets.length > 1) {
    return step.note('field-added', 4, `${called(field)}: ${wrong ?? 'Kids'}`);
  }
  for (const { ref } of field.widgets) if (ref) comparison.explained.add(ref.number);
  for (const dict of dicts) for (const value of dict.values()) comparison.explain(value);
  const signature = signatureIn(after.view, field);
  if (signature) noteSigned(step, field, {});
  else step.note('signature-field-added', 2, called(field));
  for (const { ref, dict } of field.widgets) {
    checkSight(step, field, ref, dict, !!signature);
    // Whoever certified prepared the fields that may show something (ISO 32000-2, table 257: signing).
    if (shownBox(after.view, dict) && appearancesOf(after.view, dict).length > 0) {
      step.note('field-added', 2, `${called(field)}: visible`, { notAfterCertification: true });
    }
  }
}

/** Keys that a new signature field may not have. Some writers name the signature as default too. */
function wrongKeys(dict: PdfDict): string[] {
  const [value, preset] = [numberOf(dict.get('V')), numberOf(dict.get('DV'))];
  const signed = value !== undefined && preset === value;
  return [...dict.keys()].filter((key) => !fieldKeys.has(key) && !(key === 'DV' && signed));
}

/**
 * A visible field that nobody signed is a picture on the page. A signed one shows what its signer
 * wants: on a certified document it must not lie on anything.
 */
function checkSight(
  step: Step,
  field: FormField,
  ref: PdfRef | undefined,
  widget: PdfDict,
  signed: boolean,
): void {
  const { view, pages } = step.after;
  const box = shownBox(view, widget);
  if (!box) return;
  if (!signed && (appearancesOf(view, widget).length > 0 || widget.has('MK'))) {
    return step.note('unsigned-field-shown', 4, called(field));
  }
  for (const [index, { dict }] of pages.entries()) {
    const page = step.before.pages[index];
    const listed = view.array(dict.get('Annots'))?.some((item) => numberOf(item) === ref?.number);
    if (!listed || !page || !coversContent(step.before.view, page, box)) continue;
    const detail = `${called(field)}: page ${index + 1}`;
    step.note('signature-covers-content', 2, detail, { notAfterCertification: true });
  }
}

const numberOf = (value: unknown): number | undefined =>
  value instanceof PdfRef ? value.number : undefined;
