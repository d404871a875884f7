import { fieldsOf, type FormField } from '../reader/fields.js';
import { PdfDict, PdfRef } from '../reader/objects.js';
import { pagesOf, type PdfPage } from '../reader/pages.js';
import type { PdfView } from '../reader/view.js';
import { Comparison } from './comparison.js';
import type { Frozen } from './frozen.js';
import type { Change, ChangeLevel, FindingCode } from './findings.js';

/** One side of a step: what the rules need to know of a revision. */
export interface Side {
  view: PdfView;
  fields: FormField[];
  pages: PdfPage[];
}

/** From one revision to a later one: the comparison, and the changes found so far. */
export class Step {
  readonly comparison: Comparison;
  readonly changes: Change[] = [];

  constructor(
    readonly before: Side,
    readonly after: Side,
    frozen?: Frozen,
  ) {
    this.comparison = new Comparison(before.view, after.view, frozen);
    const { anchors } = this.comparison;
    const anchor = (value: unknown) => {
      if (value instanceof PdfRef && before.view.dict(value)) anchors.add(value.number);
    };
    anchor(before.view.trailer.get('Root'));
    for (const page of before.pages) {
      anchor(page.ref);
      before.view.array(page.dict.get('Annots'))?.forEach(anchor);
    }
    for (const field of before.fields) {
      anchor(field.ref);
      field.ancestors.forEach(anchor);
      for (const widget of field.widgets) anchor(widget.ref);
    }
  }

  /** Notes a change; `level` is the permission from which on it is allowed. */
  note(code: FindingCode, level: ChangeLevel, detail: string, more: Partial<Change> = {}): void {
    this.changes.push({ code, level, detail, ...more });
  }
}

export function sideOf(view: PdfView): Side {
  return { view, fields: fieldsOf(view), pages: [...pagesOf(view)] };
}

/** The value of a signature field, if it is signed. */
export function signatureIn(view: PdfView, field: FormField): PdfDict | undefined {
  if (field.type !== 'Sig') return undefined;
  const value = field.attribute('V');
  return value instanceof PdfDict ? value : undefined;
}

/** A field as a person may find it: by its name, or by its object number. */
export const called = (field: FormField): string => field.name || `(${field.ref?.number ?? '?'})`;
