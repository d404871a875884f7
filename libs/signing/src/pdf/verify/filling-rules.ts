import { PdfError } from '../pdf-error.js';
import { careful, shownText } from '../content/shown-text.js';
import { formOf, type FormField } from '../reader/fields.js';
import {
  PdfDict,
  PdfRef,
  PdfStream,
  integerOf,
  nameOf,
  textOf,
  type PdfValue,
} from '../reader/objects.js';
import type { PdfView } from '../reader/view.js';
import { called, type Step } from './step.js';

const valueKeys = new Set(['V', 'RV', 'I']);
const readOnly = 1;
const password = 1 << 13;
const combo = 1 << 17;

/**
 * A field that is not a signature: its value may change, and its appearance with it, as long as it
 * shows that value. An appearance that shows something else is a forgery, not a filled form.
 */
export function checkFilling(step: Step, field: FormField, now: FormField): void {
  const merged = field.widgets.some(({ dict }) => dict === field.dict);
  const keys = step.comparison.differingKeys(field.dict, now.dict, new Set(['Kids']));
  const filled = keys.some((key) => valueKeys.has(key));
  if (filled) {
    for (const key of valueKeys) step.comparison.explain(now.dict.get(key));
    step.note('field-filled', 2, called(field), { field: field.name });
  }
  for (const key of keys) {
    if (valueKeys.has(key) || (merged && isShown(key)) || isSealed(step, key, field, now)) continue;
    step.note('field-changed', 4, `${called(field)}: ${key}`, { field: field.name });
  }
  checkWidgets(step, field, now);
}

const isShown = (key: string) => key === 'AP' || key === 'AS' || key === 'M';

/** Programs make fields read-only when they lock them. */
function isSealed(step: Step, key: string, field: FormField, now: FormField): boolean {
  if (key !== 'Ff') return false;
  const from = integerOf(step.before.view.resolve(field.dict.get('Ff'))) ?? 0;
  const to = integerOf(step.after.view.resolve(now.dict.get('Ff'))) ?? 0;
  return to === (from | readOnly);
}

function checkWidgets(step: Step, field: FormField, now: FormField): void {
  const named = { field: field.name };
  if (field.widgets.length !== now.widgets.length) {
    return step.note('field-changed', 4, `${called(field)}: Kids`, named);
  }
  const kids = now.dict.get('Kids');
  if (kids instanceof PdfRef) step.comparison.explained.add(kids.number);
  if (!step.comparison.same(field.dict.get('Kids'), kids)) {
    return step.note('field-changed', 4, `${called(field)}: Kids`, named);
  }
  field.widgets.forEach((widget, index) => {
    const other = now.widgets[index]!;
    if (widget.ref?.number !== other.ref?.number) {
      return step.note('field-changed', 4, `${called(field)}: Kids`, named);
    }
    for (const key of step.comparison.differingKeys(widget.dict, other.dict)) {
      if (key === 'AP') checkAppearance(step, now, widget.dict, other.dict);
      else if (key === 'AS') checkState(step, now, other.dict);
      else if (key !== 'M' && widget.dict !== field.dict) {
        step.note('field-changed', 4, `${called(field)}: ${key}`, named);
      }
    }
  });
}

/** A check box or radio button shows the state that is its value, or another of the field does. */
function checkState(step: Step, field: FormField, widget: PdfDict): void {
  const { view } = step.after;
  const stateOf = (dict: PdfDict) => nameOf(view.resolve(dict.get('AS')));
  const state = stateOf(widget);
  const value = nameOf(field.attribute('V')) ?? 'Off';
  const shown = value === 'Off' || field.widgets.some(({ dict }) => stateOf(dict) === value);
  if (shown && (state === value || state === 'Off')) {
    return step.note('field-filled', 2, called(field), { field: field.name });
  }
  step.note('appearance-not-the-value', 4, called(field), { field: field.name });
}

function checkAppearance(step: Step, field: FormField, old: PdfDict, now: PdfDict): void {
  const { view } = step.after;
  const named = { field: field.name };
  const [from, to] = [step.before.view.dict(old.get('AP')), view.dict(now.get('AP'))];
  const text = field.type === 'Tx' || field.type === 'Ch';
  const others = step.comparison.differingKeys(from ?? new PdfDict(), to ?? new PdfDict());
  if (!text || others.some((key) => key !== 'N')) {
    return step.note('appearance-replaced', 4, called(field), named);
  }
  step.comparison.explain(now.get('AP'));
  const stream = view.resolve(to?.get('N'));
  const verdict = judge(step, field, stream);
  if (verdict !== undefined) step.note(verdict, 4, called(field), named);
  else step.note('field-filled', 2, called(field), named);
}

function judge(
  step: Step,
  field: FormField,
  stream: PdfValue,
): 'appearance-not-checkable' | 'appearance-not-the-value' | undefined {
  const { view } = step.after;
  const fonts = view.dict(view.dict(formOf(view)?.get('DR'))?.get('Font'));
  const read = careful(view, (font) => wasThere(step, font));
  // Without an appearance nothing is shown, which is right for no value alone.
  let shown = stream instanceof PdfStream ? undefined : '';
  try {
    if (stream instanceof PdfStream) shown = shownText(view, stream, fonts, read);
  } catch (error) {
    if (!(error instanceof PdfError)) throw error;
  }
  if (shown === undefined) return 'appearance-not-checkable';
  return isValue(view, field, squeezed(shown)) ? undefined : 'appearance-not-the-value';
}

/** The same font, under the same number, in the earlier revision. */
function wasThere(step: Step, font: PdfValue): boolean {
  if (!(font instanceof PdfRef)) return false;
  return step.before.view.dict(font) !== undefined && step.comparison.same(font, font, 'Resources');
}

const squeezed = (text: string): string => text.normalize('NFC').replace(/\s+/g, '');

function isValue(view: PdfView, field: FormField, shown: string): boolean {
  const flags = integerOf(field.attribute('Ff')) ?? 0;
  const value = field.attribute('V');
  const values = (Array.isArray(value) ? value : [value]).map((item) => textOf(view.resolve(item)));
  if (field.type === 'Tx') {
    if ((flags & password) !== 0) return /^[*•]*$/.test(shown);
    const text = value instanceof PdfStream ? streamText(view, value) : values[0];
    return shown === squeezed(text ?? '');
  }
  const options = optionsOf(view, field);
  const labels = values.map((item) => squeezed(options.get(item ?? '') ?? item ?? ''));
  if ((flags & combo) !== 0) return shown === labels.join('');
  // A list box shows a part of its options, whatever is chosen.
  return squeezed([...options.values()].join('')).includes(shown);
}

function streamText(view: PdfView, stream: PdfStream): string {
  return Buffer.from(view.decode(stream, 1024 * 1024)).toString('latin1');
}

/** Export value → label. */
function optionsOf(view: PdfView, field: FormField): Map<string, string> {
  const options = field.attribute('Opt');
  const labels = new Map<string, string>();
  for (const item of Array.isArray(options) ? options : []) {
    const [value, label = value] = [view.resolve(item)].flat().map((part) => {
      return textOf(view.resolve(part)) ?? '';
    });
    labels.set(value ?? '', label ?? '');
  }
  return labels;
}
