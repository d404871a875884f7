import { PdfError } from '../pdf-error.js';
import { fieldsOf, type FormField } from '../reader/fields.js';
import {
  PdfDict,
  PdfName,
  PdfRef,
  integerOf,
  textString,
  type PdfValue,
} from '../reader/objects.js';
import { pageAt, pagesOf, type PdfPage } from '../reader/pages.js';
import type { Increment } from '../writer/increment.js';
import type { FieldLock } from './permissions.js';
import type { Placement } from './signature-options.js';

const printAndLocked = 132;
const signaturesExist = 1;
const appendOnly = 2;

/** The field that is to be signed, ready to be changed. */
export interface OpenField {
  name: string;
  dict: PdfDict;
  /** The widget: the field itself when merged. */
  widget: PdfDict;
}

/** Finds the empty signature field of that name, or adds a new one. Throws `not-permitted`, `not-found`. */
export function openSignatureField(
  increment: Increment,
  wanted: string | undefined,
  placement: Placement | undefined,
): OpenField {
  const fields = fieldsOf(increment.file.view);
  const existing = wanted === undefined ? undefined : fields.find(({ name }) => name === wanted);
  if (!existing) return addSignatureField(increment, wanted ?? freeName(fields), placement);
  const taken = existing.attribute('V') instanceof PdfDict;
  if (existing.type !== 'Sig' || taken || !existing.ref) {
    throw new PdfError('not-permitted', `The field ${wanted} is not an empty signature field`);
  }
  const dict = increment.edit(existing.ref);
  const own = existing.widgets[0];
  const widget =
    own?.ref && own.ref.number !== existing.ref.number ? increment.edit(own.ref) : dict;
  markForm(increment);
  return { name: existing.name, dict, widget };
}

/** Adds an empty signature field with its widget, invisible without a placement. */
export function addSignatureField(
  increment: Increment,
  name: string,
  placement: Placement | undefined,
  lock?: FieldLock,
): OpenField {
  if (name === '' || name.includes('.')) {
    throw new PdfError('not-permitted', 'The name of a signature field is empty or has a point');
  }
  const dict = PdfDict.of({
    Type: new PdfName('Annot'),
    Subtype: new PdfName('Widget'),
    FT: new PdfName('Sig'),
    T: textString(name),
    F: printAndLocked,
    Rect: placement ? [...placement.rectangle] : [0, 0, 0, 0],
    Lock: lock && lockDict(lock),
  });
  addField(increment, dict, placement?.page ?? 0, placement !== undefined);
  markForm(increment);
  return { name, dict, widget: dict };
}

/** Adds a field merged with its widget to the form and to the page. */
export function addField(
  increment: Increment,
  dict: PdfDict,
  pageIndex: number,
  visible: boolean,
): PdfRef {
  const ref = increment.add(dict);
  const page = visible ? pageAt(increment.file.view, pageIndex) : firstPage(increment);
  if (page?.ref) {
    dict.set('P', page.ref);
    increment.append(increment.edit(page.ref), 'Annots', ref);
  } else if (visible) throw new PdfError('damaged', 'The page cannot be changed');
  increment.append(increment.editUnder(increment.catalog, 'AcroForm'), 'Fields', ref);
  return ref;
}

function firstPage(increment: Increment): PdfPage | undefined {
  return pagesOf(increment.file.view).next().value ?? undefined;
}

function markForm(increment: Increment): void {
  const form = increment.editUnder(increment.catalog, 'AcroForm');
  const flags = integerOf(increment.resolve(form.get('SigFlags'))) ?? 0;
  form.set('SigFlags', flags | signaturesExist | appendOnly);
}

/** A field lock dictionary, or the parameters of a FieldMDP transform, which look the same. */
export function lockDict({ action, fields }: FieldLock, type = 'SigFieldLock'): PdfDict {
  const dict = PdfDict.of({ Type: new PdfName(type), Action: new PdfName(action) });
  if (action !== 'All') dict.set('Fields', fields.map(textString) as PdfValue[]);
  return dict;
}

function freeName(fields: FormField[]): string {
  const names = new Set(fields.map(({ name }) => name.split('.')[0]));
  let number = 1;
  while (names.has(`Signature${number}`)) number += 1;
  return `Signature${number}`;
}
